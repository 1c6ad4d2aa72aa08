"""How the tests of requests and reports ask, approve and look at who was told."""

from accounts.models import Notice
from certificates.models import Certificate
from revocation.models import RevocationRequest
from revocation.services import decisions, requests
from revocation.services.requests import Tip, Wish
from tests.revocation.world import World, now

GONE = Wish("holder:no_longer_used")
STOLEN = Wish("holder:key_compromise", "The laptop was stolen on the train.", None)


def own(world: World, certificate: Certificate, wish: Wish = GONE) -> RevocationRequest:
    """The holder's own request."""
    return requests.request_own(
        certificate=certificate,
        wish=wish,
        typed_number=certificate.management_number,
        actor=world.actor("holder"),
        at=now(),
    )


def tip(named: str, kind: str = "key_lost") -> Tip:
    return Tip(report=kind, named=named, name="Demo Finder", contact="090-0000-0000")


def approve(world: World, case: RevocationRequest) -> RevocationRequest:
    return decisions.approve(case=case, note="seen", actor=world.actor("approver"), at=now())


def told(step: str) -> set[str]:
    return set(Notice.objects.filter(kind=f"revocation/{step}").values_list("recipient__name", flat=True))
