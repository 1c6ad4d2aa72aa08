"""Campaigns in the worker: offers at a limited rate, and what became of them. May run twice, may die at any line."""

from django.utils import timezone

from applications.campaigns import Campaign
from applications.services import offers
from audit.actors import Actor

CAMPAIGNER = Actor.system("campaigns")
# A task does not run for ever; the next sweep goes on where this one stopped.
MOST_BATCHES = 100


def go_on() -> None:
    """Follow first, so that nobody is offered what they have; then make the next offers of each running campaign."""
    for _batch in range(MOST_BATCHES):
        if not offers.follow(actor=CAMPAIGNER, at=timezone.now()):
            break
    running = Campaign.objects.filter(status="running").order_by("started_at", "pk")
    for key in running.values_list("pk", flat=True):
        while offers.offer_some(key=key, actor=CAMPAIGNER, at=timezone.now()):
            pass
