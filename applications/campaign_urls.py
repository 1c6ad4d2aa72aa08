"""Addresses of campaigns and of their offers; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from applications.views import campaigns, offers

urlpatterns: list[URLPattern | URLResolver] = [
    path("rules/campaigns/", campaigns.listed, name="campaigns"),
    path("rules/campaigns/new/", campaigns.prepare, name="campaign_new"),
    path("rules/campaigns/<uuid:key>/", campaigns.show, name="campaign"),
    path("rules/campaigns/<uuid:key>/start/", campaigns.start, name="campaign_start"),
    path("rules/campaigns/<uuid:key>/discard/", campaigns.discard, name="campaign_discard"),
    path("rules/campaigns/<uuid:key>/stop/", campaigns.stop, name="campaign_stop"),
    path("rules/campaigns/<uuid:key>/resume/", campaigns.resume, name="campaign_resume"),
    path("offers/<uuid:member_id>/", offers.offer, name="offer"),
    path("offers/<uuid:member_id>/decline/", offers.decline, name="offer_decline"),
]
