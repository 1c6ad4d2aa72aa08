"""Addresses of the app; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver

app_name = "support_desk"
urlpatterns: list[URLPattern | URLResolver] = []
