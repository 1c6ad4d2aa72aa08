"""Whatever is issued, revoked, burnt, published and ends, in whatever order and with a clock that jumps (fault 12).

The list that is served is never older than the one before, keeps what it must keep, and OCSP never says good for an
entry of it (G4).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

import hypothesis.strategies as st
import pytest
from cryptography import x509
from hypothesis import Phase, example, given, settings

from certificates.models import Certificate, Intent
from certificates.names import Part
from certificates.worker import authorities, ceremony, serials
from revocation import invariants, selectors
from revocation.models import Crl
from revocation.responder import lookup
from revocation.services.revoking import revoke
from revocation.worker import burnt_serials, crl_publishing
from tests.faults.database_clock import DatabaseClock, set_clock
from tests.faults.scale import SOAK, scaled
from tests.harness.cloned import Clone
from tests.revocation.world import OCSP_URL, PUBLISHER, STATUS_URL, SYSTEM, World, make_world, now

HOUR = timedelta(hours=1)
STEPS = st.one_of(
    st.tuples(st.just("issue"), st.integers(1, 80)),
    st.tuples(st.just("revoke"), st.integers(0, 9)),
    st.tuples(st.just("raise"), st.integers(0, 9)),
    st.tuples(st.just("burn"), st.integers(1, 80)),
    st.tuples(st.just("publish"), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([0.4, 1, 2, 600, 3600, 7 * 3600, 30 * 3600, 80 * 3600])),
    st.tuples(st.just("clock back"), st.sampled_from([0.5, 2, 3600, 50 * 3600])),
)

# The clock is set back before the newest list has been served.
SET_BACK: list[tuple[str, float]] = [
    ("issue", 50), ("publish", True), ("wait", 2), ("revoke", 0), ("publish", False), ("clock back", 3600), ("wait", 2),
]  # fmt: skip


@dataclass
class Course:
    """What happened so far, written down without asking the database."""

    world: World
    clock: DatabaseClock
    at: datetime
    certificates: list[Certificate] = field(default_factory=list)
    ends: dict[int, datetime] = field(default_factory=dict)
    served: list[x509.CertificateRevocationList] = field(default_factory=list)

    def step(self, act: str, value: float) -> None:
        """Let one thing happen, and look at what is served."""
        if act == "issue":
            self.certificates.append(self.world.certificate(not_after=now() + value * HOUR))
        elif act in ("revoke", "raise") and self.certificates:
            self._revoke(self.certificates[int(value) % len(self.certificates)], act)
        elif act == "burn":
            self._burn(now() + value * HOUR)
        elif act == "publish":
            crl_publishing.publish(authority=self.world.issuing, shard=0, actor=PUBLISHER, force=bool(value))
        elif act in ("wait", "clock back"):
            if act == "clock back":  # the sweep comes every ten seconds, a clock that is set back does not
                crl_publishing.publish(authority=self.world.issuing, shard=0, actor=PUBLISHER)
                self._look()
            self.at += timedelta(seconds=value if act == "wait" else -value)
            self.clock.set(self.at)
        self._look()
        if act == "wait" and value >= 2 and self.served:
            newest = Crl.objects.filter(authority=self.world.issuing).order_by("-number")[0]
            assert number(self.served[-1]) == newest.number  # no list waits longer than a second

    def _revoke(self, certificate: Certificate, act: str) -> None:
        ground = "lra:misuse" if act == "revoke" else "lra:key_compromise"
        certificate.refresh_from_db()
        revoke(certificate=certificate, ground=ground, actor=SYSTEM, at=now())
        self.ends[int(certificate.serial, 16)] = certificate.not_after

    def _burn(self, end: datetime) -> None:
        serial = serials.new_serial()
        intent = Intent.objects.create(
            authority=self.world.issuing, serial=f"{serial:x}", statement={"not_after": end.isoformat()}, round=1,
            status_since=now(), signer="test", lock_key=1, lease_until=now(),
        )  # fmt: skip
        Intent.objects.filter(pk=intent.pk).update(status="abandoned")
        burnt_serials.revoke_burnt(actor=PUBLISHER, at=now())
        self.ends[serial] = end

    def _look(self) -> None:
        """Fetch the list as it is served now, and hold it against the one before and against the responder."""
        crl = selectors.current_crl(self.world.issuing)
        if crl is None:
            assert self.served == []
            return
        found = x509.load_der_x509_crl(selectors.bytes_of(crl))
        for entry in found:
            status = lookup.status(self.world.issuing.pk, f"{entry.serial_number:x}")
            assert status.revoked_at == entry.revocation_date_utc
        if not self.served or found != self.served[-1]:
            self._compare(found)
            self.served.append(found)

    def _compare(self, found: x509.CertificateRevocationList) -> None:
        if not self.served:
            return
        before = self.served[-1]
        assert number(found) > number(before)
        assert found.last_update_utc >= before.last_update_utc
        lost = serials_of(before) - serials_of(found)
        # Gone is only what stood on a list issued after its end; there may have been lists in between.
        earlier = Crl.objects.filter(authority=self.world.issuing, number__lt=number(found))
        latest = max(earlier.values_list("this_update", flat=True))
        assert all(self.ends[serial] < latest for serial in lost)

    def end(self) -> None:
        """Publish once more, later than everything: all that has not ended is there, and every invariant holds."""
        for _ in range(2):
            before = Crl.objects.filter(authority=self.world.issuing).order_by("-number").first()
            crl = crl_publishing.publish(authority=self.world.issuing, shard=0, actor=PUBLISHER, force=True)
            self.at += timedelta(seconds=2)
            self.clock.set(self.at)
            self._look()
            assert crl is not None
            assert number(self.served[-1]) == crl.number
            due = {serial for serial, end in self.ends.items() if before is None or end >= before.this_update}
            assert due <= serials_of(self.served[-1]) <= set(self.ends)
        assert list(invariants.breaches()) == []


def number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def serials_of(crl: x509.CertificateRevocationList) -> set[int]:
    return {entry.serial_number for entry in crl}


def another_issuer(world: World) -> World:
    """The same world with an issuing CA that has signed nothing yet."""
    name = f"issuing-{uuid4().hex[:12]}"
    places = ceremony.addresses(name=name, status_url=STATUS_URL, ocsp_url=OCSP_URL)
    subject = (Part("C", "JP"), Part("O", "Demo LRA"), Part("CN", f"Demo CA {name}"))
    wanted = authorities.Ceremony(name=name, subject=subject, key_type="p256", addresses=places)
    made = authorities.create_issuing(wanted=wanted, root=world.root, actor=SYSTEM, at=now() - timedelta(days=30))
    return replace(world, issuing=made)


@pytest.mark.processes
def test_what_is_served_never_goes_back_loses_nothing_and_ocsp_agrees(clone: Clone) -> None:
    start = now()
    world = make_world()
    with set_clock(clone, start) as clock:

        @settings(max_examples=scaled(12, 400), derandomize=not SOAK, phases=[Phase.explicit, Phase.generate])
        @example(steps=SET_BACK)
        @given(steps=st.lists(STEPS, min_size=4, max_size=30))
        def over_time(steps: list[tuple[str, float]]) -> None:
            clock.set(start)
            course = Course(another_issuer(world), clock, start)
            for act, value in steps:
                course.step(act, value)
            course.end()

        over_time()
