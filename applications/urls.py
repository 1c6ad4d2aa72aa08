"""Addresses of the app; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver

app_name = "applications"

Patterns = list[URLPattern | URLResolver]

applicant: Patterns = []

office: Patterns = []

auditor: Patterns = []

urlpatterns: Patterns = [*applicant, *office, *auditor]
