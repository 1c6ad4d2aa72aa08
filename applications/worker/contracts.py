"""Following contracts: people are told of moved ends, and what has ended is ended. The sweep may run twice."""

from django.utils import timezone

from applications.api.once import forget_old
from applications.services import contract_following
from audit.actors import Actor

FOLLOWER = Actor.system("contracts")


def follow() -> None:
    """Tell of moved ends first, so that nobody hears of an end only when it has come."""
    at = timezone.now()
    contract_following.follow_changes(actor=FOLLOWER, at=at)
    contract_following.end_services(actor=FOLLOWER, at=at)
    forget_old(at=at)
