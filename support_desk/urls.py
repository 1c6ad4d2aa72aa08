"""Addresses of the app; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from support_desk import views

app_name = "support_desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.workplace, name="workplace"),
    path("people/<uuid:key>/", views.person, name="person"),
    path("tickets/", views.ticket_list, name="tickets"),
    path("tickets/new/", views.open_ticket, name="open"),
    path("tickets/<uuid:key>/", views.ticket, name="ticket"),
    path("tickets/<uuid:key>/link/", views.link, name="link"),
    path("tickets/<uuid:key>/verify/", views.verify, name="verify"),
    path("tickets/<uuid:key>/note/", views.note, name="note"),
    path("tickets/<uuid:key>/answer/", views.answer, name="answer"),
    path("tickets/<uuid:key>/close/", views.close, name="close"),
    path("tickets/<uuid:key>/look/", views.look, name="look"),
    path("tickets/<uuid:key>/revocation/<uuid:certificate>/", views.revocation, name="revocation"),
]
