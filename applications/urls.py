"""Addresses of the app; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from applications.views import applicant as applicant_views
from applications.views import intake, own

app_name = "applications"

Patterns = list[URLPattern | URLResolver]

OWN = "applications/<uuid:application_id>"
applicant: Patterns = [
    path("home/", applicant_views.home, name="home"),
    path("applications/", applicant_views.overview, name="list"),
    path("applications/new/", applicant_views.choose, name="choose"),
    path("applications/new/<slug:slug>/", applicant_views.start, name="start"),
    path(f"{OWN}/form/<slug:step>/", intake.step, name="step"),
    path(f"{OWN}/preview/", intake.preview, name="preview"),
    path(f"{OWN}/documents/", intake.upload, name="upload"),
    path(f"{OWN}/documents/<uuid:upload_id>/", intake.own_upload, name="own_upload"),
    path(f"{OWN}/documents/<uuid:upload_id>/remove/", intake.upload_remove, name="upload_remove"),
    path(f"{OWN}/submit/", intake.submit, name="submit"),
    path(f"{OWN}/", own.detail, name="detail"),
    path(f"{OWN}/status/", own.status, name="status"),
    path(f"{OWN}/contents/", own.contents, name="contents"),
    path(f"{OWN}/print/", own.printed, name="print"),
    path(f"{OWN}/withdraw/", own.withdraw, name="withdraw"),
    path(f"{OWN}/answer/", own.answer, name="answer"),
]

office: Patterns = []

auditor: Patterns = []

urlpatterns: Patterns = [*applicant, *office, *auditor]
