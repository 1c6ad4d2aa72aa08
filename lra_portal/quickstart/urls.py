"""Addresses that exist in the quick start alone."""

from django.urls import path

from lra_portal.quickstart import views

app_name = "quickstart"
urlpatterns = [
    path("", views.outbox, name="outbox"),
    path("<slug:name>/", views.message, name="message"),
]
