"""Addresses that stand in certificates and never change; they also work on a host of their own."""

from django.urls import URLPattern, URLResolver, path, re_path

from repository import address_parts, status_views

address_parts.register()

urlpatterns: list[URLPattern | URLResolver] = [
    path("certificates-and-lists/", status_views.certificates, name="certificates"),
    path("ca/<slug:name>-chain.pem", status_views.chain, name="chain"),
    re_path(
        r"^ca/(?P<name>[-a-zA-Z0-9_]+)\.(?P<form>cer|der|pem)$", status_views.ca_certificate, name="ca_certificate"
    ),
    path("ca/<slug:name>/<sha256:digest>.cer", status_views.earlier_certificate, name="earlier_certificate"),
    path("crl/<slug:name>.crl", status_views.crl, name="crl"),
]
