"""What tests of faults look at: whether all is well, what a signer refuses, what its journal says."""

import io

from django.core.management import call_command

from certificates import invariants
from certificates.models import Certificate, CertificationAuthority, Order, SignerHeartbeat
from certificates.worker import batch, vitals

COUNT = 4


def all_is_well(issued: int) -> None:
    """Hold that every order is issued once, that there are `issued` of them, and that every invariant holds."""
    assert list(invariants.breaches()) == []
    assert Order.objects.filter(status="issued").count() == Certificate.objects.count() == issued
    call_command("check_invariants", stdout=io.StringIO())


def journalled(authority: CertificationAuthority) -> list[str]:
    """Return the serials that the journal of an authority knows."""
    return vitals.journal(authority.pk).recent_serials()


def refusal() -> str:
    """Let the signer try, hold that it signs nothing, and return why not."""
    assert batch.run() == 0
    return SignerHeartbeat.objects.get(name=batch.signer_name()).refuses
