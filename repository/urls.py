"""Addresses of the public site; all are open to everybody (`lra_portal.access`)."""

from django.urls import URLPattern, URLResolver, include, path

from repository import address_parts, views

address_parts.register()

app_name = "repository"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("repository.status_urls")),
    path("", views.top, name="top"),
    path("documents/", views.documents, name="documents"),
    path("documents/<slug:slug>/", views.document, name="document"),
    path("documents/<slug:slug>/<number:version>/", views.document_version, name="document_version"),
    path("documents/<slug:slug>/<number:before>/to/<number:after>/", views.document_changes, name="document_changes"),
    path("manual/", views.manual, name="manual"),
    path("manual/install/", views.install, name="install"),
    path("manual/install/<slug:system>/", views.install_on, name="install_on"),
    path("questions/", views.questions, name="questions"),
    path("usage/", views.usage, name="usage"),
    path("service-status/", views.service_status, name="service_status"),
    path("business/", views.business, name="business"),
    path("contact/", views.contact, name="contact"),
    path("announcements/", views.announcements, name="announcements"),
    path("announcements/<uuid:number>/", views.announcement, name="announcement"),
]
