"""Addresses of the app; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from revocation import office_views, views

app_name = "revocation"
urlpatterns: list[URLPattern | URLResolver] = [
    path("certificates/<uuid:certificate_id>/revoke/", views.request_own, name="request"),
    path("revocations/<uuid:case_id>/", views.status, name="status"),
    path("emergency/", views.urgent, name="urgent"),
    path("emergency/<uuid:case_id>/", views.urgent_receipt, name="urgent_receipt"),
    path("office/revocations/", office_views.queue, name="queue"),
    path("office/revocations/new/", office_views.staff_request, name="staff_request"),
    path("office/revocations/<uuid:case_id>/", office_views.case, name="case"),
    path("office/revocations/<uuid:case_id>/verify/", office_views.verify, name="verify"),
    path("office/revocations/<uuid:case_id>/submit/", office_views.submit, name="submit"),
    path("office/revocations/<uuid:case_id>/approve/", office_views.approve, name="approve"),
    path("office/revocations/<uuid:case_id>/deny/", office_views.deny, name="deny"),
]
