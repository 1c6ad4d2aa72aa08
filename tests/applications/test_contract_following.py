"""What follows from a contract for its subscribers: told when its end moves, acted on when it has ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
import time_machine

from accounts.models import Notice
from applications.selectors.contract_effects import effects_of, renewal_opened
from applications.selectors.intake import valid_certificate_of
from applications.worker.contracts import follow
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from certificates.models import Certificate
from lra_portal.demo.regulations import LOADER
from regulations.models import Contract, ContractChange, Subscription, TargetSystem
from regulations.periods import end_after, last_day_of, midnight
from regulations.services import contracts
from regulations.services.periods import NewEnd, Source, move_end
from revocation.models import CrlEntry
from tests.people import People
from tests.revocation.world import World, make_certificate, make_world

NOON = midnight(date(2026, 11, 18)) + timedelta(hours=12)
LAST_DAY = date(2028, 3, 31)
EARLIER = date(2026, 12, 31)


@dataclass
class Under:
    """One subscriber under a contract, with a certificate that ends where the contract ends."""

    contract: Contract
    subscription: Subscription
    certificate: Certificate
    people: People
    world: World

    def move(self, last_day: date | None, at: datetime = NOON) -> ContractChange | None:
        self.contract.refresh_from_db()
        return move_end(
            contract=self.contract,
            new_end=NewEnd(last_day, self.contract.ends_at),
            source=Source("staff", "解約の申出"),
            actor=self.people.rules_manager.actor(),
            at=at,
        )

    def kinds(self) -> list[str]:
        told = Notice.objects.filter(recipient=self.subscription.holder).order_by("created_at")
        return [notice.kind.removeprefix("applications/") for notice in told]

    def reread(self) -> None:
        for row in (self.contract, self.subscription, self.certificate):
            row.refresh_from_db()


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def under(people: People, demo_rules: None) -> Under:
    world = make_world()
    contract = Contract.objects.get(number="E-40213")
    ends_at = end_after(LAST_DAY)
    assert ends_at is not None
    certificate = make_certificate(world, not_after=ends_at - timedelta(seconds=1))
    subscription = certificate.subscription
    Subscription.objects.filter(pk=subscription.pk).update(
        contract=contract, target_system=TargetSystem.objects.get(slug="e-contract")
    )
    subscription.refresh_from_db()
    return Under(contract, subscription, certificate, people, world)


@pytest.mark.clause("O-18.1")
def test_shortening_shows_and_tells_which_certificates_will_be_revoked_and_when(under: Under) -> None:
    effects = effects_of(contract=under.contract, before=under.contract.ends_at, after=end_after(EARLIER), at=NOON)
    assert effects.counts == {"revoke": 1, "keep": 0, "renew": 0, "stay": 0}
    assert effects.rows[0].at_instant == midnight(date(2027, 1, 1))
    under.move(EARLIER)
    follow()
    under.reread()
    assert under.kinds() == ["contract_ends_early"]
    assert under.certificate.revoked_at is None


@pytest.mark.clause("O-18.1", "O-18.3")
def test_what_outlasts_its_contract_is_revoked_at_the_midnight_after_its_last_day(
    under: Under, clock: time_machine.Traveller
) -> None:
    under.move(EARLIER)
    clock.move_to(midnight(date(2027, 1, 1)) - timedelta(seconds=1))
    follow()
    under.reread()
    assert (under.certificate.revoked_at, under.subscription.status) == (None, "applied")
    clock.move_to(midnight(date(2027, 1, 1)))
    follow()
    under.reread()
    assert under.certificate.revoked_at == midnight(date(2027, 1, 1))
    assert (under.certificate.ground, under.certificate.reason_code) == ("lra:service_ended", 5)
    assert CrlEntry.objects.filter(certificate=under.certificate).exists()
    assert under.subscription.status == "ended"
    assert under.subscription.ended_at == midnight(date(2027, 1, 1))
    assert "service_ended" in under.kinds()
    assert "revocation/completed" in under.kinds()


@pytest.mark.clause("O-18.3")
def test_a_contract_that_ends_in_its_time_lets_certificates_expire_and_ends_the_service(
    under: Under, clock: time_machine.Traveller
) -> None:
    clock.move_to(end_after(LAST_DAY) or NOON)
    follow()
    under.reread()
    assert under.certificate.revoked_at is None
    assert under.subscription.status == "ended"
    assert under.kinds() == ["service_ended"]


def test_an_end_that_is_corrected_in_time_never_happens(under: Under, clock: time_machine.Traveller) -> None:
    under.move(EARLIER)
    follow()
    under.move(LAST_DAY)
    follow()
    clock.move_to(midnight(date(2027, 1, 2)))
    follow()
    under.reread()
    assert under.certificate.revoked_at is None
    assert under.subscription.status == "applied"
    assert sorted(under.kinds()) == ["contract_ends_early", "contract_goes_on"]


def test_an_end_that_is_corrected_before_anybody_was_told_is_told_to_nobody(under: Under) -> None:
    under.move(EARLIER)
    under.move(LAST_DAY)
    follow()
    assert under.kinds() == []
    assert not ContractChange.objects.filter(settled_at=None).exists()


@pytest.mark.clause("O-18.2")
def test_an_extension_opens_renewal_and_tells_the_subscriber(under: Under) -> None:
    assert valid_certificate_of(under.subscription, NOON) == under.certificate
    assert not renewal_opened(under.certificate)
    under.move(date(2030, 3, 31))
    follow()
    under.reread()
    assert under.kinds() == ["contract_extended"]
    certificate = Certificate.objects.select_related("subscription__contract").get(pk=under.certificate.pk)
    assert renewal_opened(certificate)
    assert valid_certificate_of(under.subscription, NOON) == under.certificate


@pytest.mark.clause("O-18.3")
def test_a_subscriber_whom_another_contract_covers_goes_on_under_it(
    under: Under, clock: time_machine.Traveller
) -> None:
    follower = (
        contracts.open_contract(
            parent_service=under.contract.parent_service,
            corporation=under.contract.corporation,
            terms=contracts.Terms("E-40213", date(2027, 1, 1)),
            actor=LOADER,
            at=NOON,
        )
        if under.move(EARLIER)
        else None
    )
    clock.move_to(midnight(date(2027, 1, 1)))
    follow()
    under.reread()
    assert under.subscription.contract == follower
    assert under.certificate.revoked_at is None
    assert Event.objects.filter(act="subscription:move").count() == 1


def test_following_twice_tells_and_ends_once(under: Under, clock: time_machine.Traveller) -> None:
    under.move(EARLIER)
    clock.move_to(midnight(date(2027, 1, 1)))
    for _time in range(3):
        follow()
    assert sorted(under.kinds()) == ["revocation/completed", "service_ended"]
    assert Event.objects.filter(act="certificate:revoke").count() == 1


def test_administrators_of_the_contract_are_told_of_its_new_period(under: Under) -> None:
    under.move(EARLIER)
    follow()
    told = Notice.objects.get(kind="applications/contract_moved")
    assert told.email == "minori.sato@example.jp"


def test_a_page_that_is_out_of_date_moves_nothing(under: Under) -> None:
    stale = NewEnd(EARLIER, None)
    actor = under.people.rules_manager.actor()
    with pytest.raises(Stale):
        move_end(contract=under.contract, new_end=stale, source=Source(), actor=actor, at=NOON)


def test_the_end_may_not_come_before_the_beginning_nor_into_the_next_period(under: Under) -> None:
    with pytest.raises(RuleViolated) as refused:
        under.move(date(2026, 3, 31))
    assert [row.code for row in refused.value.violations] == ["ends_before_beginning"]
    under.move(EARLIER)
    contracts.open_contract(
        parent_service=under.contract.parent_service,
        corporation=under.contract.corporation,
        terms=contracts.Terms("E-40213", date(2027, 1, 1)),
        actor=LOADER,
        at=NOON,
    )
    with pytest.raises(RuleViolated) as refused:
        under.move(date(2027, 1, 1))
    assert [row.code for row in refused.value.violations] == ["periods_overlap"]


def test_only_the_rules_manager_moves_an_end(under: Under) -> None:
    end = NewEnd(EARLIER, under.contract.ends_at)
    for person in (under.people.examiner, under.people.administrator, under.people.hanako):
        with pytest.raises(NotAllowed):
            move_end(contract=under.contract, new_end=end, source=Source(), actor=person.actor(), at=NOON)
    assert last_day_of(under.contract.ends_at) == LAST_DAY
