"""Addresses of the app; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from accounts import views

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.landing, name="landing"),
    path("profile/", views.profile, name="profile"),
    path("staff/", views.staff, name="staff"),
    path("staff/invitations/<uuid:key>/", views.invitation, name="invitation"),
    path("staff/review/", views.review, name="review"),
    path("staff/review.csv", views.review_file, name="review_file"),
    path("staff/roles/<int:grant>/end/", views.end_role, name="end_role"),
    path("join/<str:token>/", views.join, name="join"),
]
