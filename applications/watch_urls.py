"""Addresses of the watch list; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from applications.views import watch_list

urlpatterns: list[URLPattern | URLResolver] = [
    path("watch-list/", watch_list.overview, name="watch_list"),
    path("watch-list/new/", watch_list.add, name="watch_add"),
    path("watch-list/<uuid:key>/", watch_list.entry, name="watched"),
    path("watch-list/<uuid:key>/end/", watch_list.end, name="watch_end"),
]
