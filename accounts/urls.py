"""Addresses of the app; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from accounts import office_views, views

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.landing, name="landing"),
    path("profile/", views.profile, name="profile"),
    path("staff/", office_views.staff, name="staff"),
    path("staff/invitations/<uuid:key>/", office_views.invitation, name="invitation"),
    path("staff/review/", office_views.review, name="review"),
    path("staff/review.csv", office_views.review_file, name="review_file"),
    path("staff/roles/<int:grant>/end/", office_views.end_role, name="end_role"),
    path("staff/ways-back/", office_views.way_back, name="way_back"),
    path("staff/ways-back/<uuid:key>/", office_views.account_change, name="account_change"),
    path("join/<str:token>/", views.join, name="join"),
]
