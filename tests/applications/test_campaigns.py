"""A campaign offers holders a new key: counted, started by a second person, at a limited rate, stopped, resumed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core import mail
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from accounts.models import Notice, User
from applications.campaigns import Campaign, CampaignMember
from applications.models import Application
from applications.selectors.campaigns import Population, progress_of
from applications.selectors.home import home_of
from applications.services import campaigns, intake, offers, succession
from applications.worker import campaigns as worker
from audit.models import Event
from audit.refusals import NotFound, RuleViolated, Stale
from certificates.models import Certificate
from lra_portal.demo.regulations import LOADER
from regulations.models import TargetSystem
from regulations.services import target_systems
from tests.certificates import material
from tests.flows import steps
from tests.flows.steps import House
from tests.harness.cloned import Clone
from tests.people import ORIGIN, signed_in

pytestmark = pytest.mark.clause("O-19.2.6")
MESSAGE = {"ja": "RSA 2048 ビットの鍵を新しい鍵に替えます。", "en": "We replace keys of RSA with 2048 bits."}


@pytest.fixture
def held(house: House) -> list[Certificate]:
    """Two people's certificates for RSA keys, in use; from now on the rules take elliptic curves alone."""
    made = [in_use(house, house.people.hanako, 1), in_use(house, house.people.outsider, 2)]
    only_curves()
    return made


def in_use(house: House, holder: User, number: int) -> Certificate:
    """A certificate for the member service with an RSA key."""
    changed = {"member_number": f"M-00012{number}", "email": holder.email}
    application = steps.apply(holder, "member-client", rsa_key(), **changed)
    issued = steps.issue(application, house.people, house.jobs)
    steps.fetch(issued, holder)
    return steps.accept(issued, holder)


def rsa_key() -> rsa.RSAPrivateKey:
    """A key that nobody has used before."""
    return rsa.generate_private_key(65537, 2048)


def only_curves() -> None:
    """Put rules into force that take no RSA keys."""
    system, at = member_client(), timezone.now()
    rules: dict[str, Any] = dict(system.version_in_force().rules)
    rules |= {"profile": {**rules["profile"], "key_types": ["p256", "p384"], "lra_key_type": ""}}
    version = target_systems.import_version(target_system=system, data=rules, actor=LOADER, at=at)
    target_systems.activate(version=version, actor=LOADER, at=at)


def member_client() -> TargetSystem:
    return TargetSystem.objects.get(slug="member-client")


def last_day() -> date:
    return (timezone.now() + timedelta(days=20)).date()


def prepared(house: House, **changes: Any) -> Campaign:
    facts: dict[str, Any] = {
        "population": Population(member_client(), key_type="rsa2048"),
        "message": MESSAGE,
        "answer_by": last_day(),
        "per_minute": 60,
    }
    actor = house.people.rules_manager.actor(ORIGIN)
    return campaigns.prepare(**{**facts, **changes}, actor=actor, at=timezone.now())


def started(house: House, **changes: Any) -> Campaign:
    second = house.people.second_rules_manager.actor(ORIGIN)
    return campaigns.start(campaign=prepared(house, **changes), actor=second, at=timezone.now())


def statuses(*, of: Sequence[Certificate]) -> list[str]:
    found = dict(CampaignMember.objects.values_list("certificate", "status"))
    return [found.get(row.pk, "none") for row in of]


def member_of(certificate: Certificate) -> CampaignMember:
    return CampaignMember.objects.select_related("campaign", "certificate").get(certificate=certificate)


def test_the_story_from_the_count_to_the_new_certificate(house: House, held: list[Certificate]) -> None:
    people = house.people
    first, second = signed_in(people.rules_manager), signed_in(people.second_rules_manager)
    typed = {
        "target_system": "member-client",
        "authority": "",
        "key_type": "rsa2048",
        "message_ja": MESSAGE["ja"],
        "message_en": MESSAGE["en"],
        "answer_by_y": str(last_day().year),
        "answer_by_m": str(last_day().month),
        "answer_by_d": str(last_day().day),
        "per_minute": "60",
    }
    counted = first.post("/rules/campaigns/new/", {**typed, "act": "count"})
    assert counted.status_code == 200
    assert "2 件の証明書" in counted.content.decode()
    assert not Campaign.objects.exists()
    answer = first.post("/rules/campaigns/new/", {**typed, "act": "prepare"})
    page = answer["Location"]
    assert first.post(f"{page}start/").status_code == 422
    house.jobs.drain()
    assert not CampaignMember.objects.exists()
    assert second.post(f"{page}start/").status_code == 302
    assert second.post(f"{page}start/").status_code == 302
    house.jobs.drain()
    steps.send_mail(house.jobs)
    assert statuses(of=held) == ["offered", "offered"]
    assert [MESSAGE["ja"] in str(steps.mails_to(person)[-1].body) for person in (people.hanako, people.outsider)]
    hanako, link = signed_in(people.hanako), f"/offers/{member_of(held[0]).pk}/"
    assert link in hanako.get("/home/").content.decode()
    assert hanako.get(link).status_code == 200
    assert hanako.get(f"/offers/{member_of(held[1]).pk}/").status_code == 404
    begun = hanako.post(link)
    draft = Application.objects.get(previous=held[0])
    assert begun["Location"] == f"/applications/{draft.pk}/form/applicant/"
    assert hanako.post(link)["Location"] == begun["Location"]
    assert draft.values["person_latin"] == "Hanako Kaku"
    assert link not in hanako.get("/home/").content.decode()
    old = intake.save_request(
        application=draft, data=steps.request_pem(rsa_key()), actor=people.hanako.actor(ORIGIN), at=timezone.now()
    )
    assert old
    wrong = intake.save_request(
        application=draft, data=steps.request_pem(material.p256()), actor=people.hanako.actor(ORIGIN), at=timezone.now()
    )
    assert wrong == []
    steps.add_documents(draft, people.hanako)
    new = steps.issue(steps.hand_in(draft, people.hanako), people, house.jobs)
    assert new.order.replaces == held[0]
    worker.go_on()
    assert statuses(of=held) == ["issued", "offered"]
    shown = first.get(page).content.decode()
    assert "2 件中 1 件" in shown
    assert signed_in(people.auditor).get(page).status_code == 200
    assert signed_in(people.examiner).get(page).status_code == 404


def test_the_rate_holds_and_a_stop_and_a_resumption_go_on_where_it_was(house: House, held: list[Certificate]) -> None:
    actor = house.people.rules_manager.actor(ORIGIN)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        campaign = started(house, per_minute=1)
        worker.go_on()
        worker.go_on()
        assert progress_of(campaign).counts == {"offered": 1, "waiting": 1}
        campaigns.stop(campaign=campaign, actor=actor, at=timezone.now())
        clock.shift(timedelta(minutes=5))
        worker.go_on()
        assert progress_of(campaign).counts == {"offered": 1, "waiting": 1}
        with pytest.raises(Stale):
            campaigns.stop(campaign=campaign, actor=actor, at=timezone.now())
        campaigns.resume(campaign=campaign, actor=actor, at=timezone.now())
        worker.go_on()
        worker.go_on()
    assert progress_of(campaign).counts == {"offered": 2}
    assert Notice.objects.filter(kind="applications/campaign_offer").count() == 2
    assert Event.objects.filter(act="campaign:offer").count() == 2


def test_a_worker_that_dies_in_the_middle_leaves_nothing_half_and_nobody_gets_two_mails(
    house: House, held: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = started(house)

    def die(*_rows: object, **_facts: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(offers, "record_many", die)
        with pytest.raises(SystemExit), transaction.atomic():
            worker.go_on()
    assert progress_of(campaign).counts == {"waiting": 2}
    assert not Notice.objects.filter(kind="applications/campaign_offer").exists()
    for _again in range(3):
        worker.go_on()
    assert Notice.objects.filter(kind="applications/campaign_offer").count() == 2


def test_workers_at_once_make_each_offer_once(clone: Clone, house: House, held: list[Certificate]) -> None:
    campaign = started(house)
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        worker.go_on()
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker.go_on()
    assert progress_of(campaign).counts == {"offered": 2}
    assert Event.objects.filter(act="campaign:offer").count() == 2
    assert Notice.objects.filter(kind="applications/campaign_offer").count() == 2


def test_who_has_a_later_certificate_or_is_about_to_lose_theirs_is_left_out(
    house: House, held: list[Certificate]
) -> None:
    hanako = house.people.hanako
    draft = succession.start_reissue(
        certificate=held[0], reason="new_device", text="", actor=hanako.actor(ORIGIN), at=timezone.now()
    )
    request = steps.request_pem(material.p256())
    assert intake.save_request(application=draft, data=request, actor=hanako.actor(ORIGIN), at=timezone.now()) == []
    steps.add_documents(draft, hanako)
    application = steps.hand_in(draft, hanako)
    population = Population(member_client(), key_type="rsa2048")
    assert population.certificates(timezone.now()).count() == 2
    campaign = started(house)
    worker.go_on()
    assert statuses(of=held) == ["skipped", "offered"]
    assert member_of(held[0]).reason == "open_application"
    steps.issue(application, house.people, house.jobs)
    assert population.certificates(timezone.now()).count() == 0
    Certificate.objects.filter(pk=held[1].pk).update(revoked_at=timezone.now(), ground="use_ended")
    worker.go_on()
    assert statuses(of=held) == ["skipped", "skipped"]
    campaign.refresh_from_db()
    assert campaign.status == "finished"


def test_an_offer_is_declined_lapses_or_stands_when_the_application_comes_to_nothing(
    house: House, held: list[Certificate]
) -> None:
    hanako, outsider = house.people.hanako, house.people.outsider
    campaign = started(house)
    worker.go_on()
    signed_in(outsider).post(f"/offers/{member_of(held[1]).pk}/decline/")
    with pytest.raises(Stale):
        offers.take_up(member=member_of(held[1]), actor=outsider.actor(ORIGIN), at=timezone.now())
    with pytest.raises(NotFound):
        offers.decline(member=member_of(held[0]), actor=outsider.actor(ORIGIN), at=timezone.now())
    draft = offers.take_up(member=member_of(held[0]), actor=hanako.actor(ORIGIN), at=timezone.now())
    intake.withdraw(application=draft, actor=hanako.actor(ORIGIN), at=timezone.now())
    worker.go_on()
    assert statuses(of=held) == ["offered", "declined"]
    assert [row.certificate for row in home_of(hanako, timezone.now()).offers] == [held[0]]
    with time_machine.travel(campaign.ends_at + timedelta(seconds=1)):
        assert home_of(hanako, timezone.now()).offers == []
        with pytest.raises(Stale):
            offers.take_up(member=member_of(held[0]), actor=hanako.actor(ORIGIN), at=timezone.now())
        worker.go_on()
    assert statuses(of=held) == ["expired", "declined"]
    campaign.refresh_from_db()
    assert campaign.status == "finished"
    assert "この申し出は終わりました" in signed_in(hanako).get(f"/offers/{member_of(held[0]).pk}/").content.decode()


def test_two_campaigns_never_offer_for_one_certificate_at_once(house: House, held: list[Certificate]) -> None:
    both = [prepared(house), prepared(house)]
    second = house.people.second_rules_manager.actor(ORIGIN)
    campaigns.start(campaign=both[0], actor=second, at=timezone.now())
    with pytest.raises(RuleViolated):
        campaigns.start(campaign=both[1], actor=second, at=timezone.now())
    campaigns.discard(campaign=both[1], actor=second, at=timezone.now())
    with pytest.raises(Stale):
        campaigns.start(campaign=both[1], actor=second, at=timezone.now())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key_type": "p256"}, "key_type"),
        ({"key_type": "rsa3072"}, None),
        ({"answer_by": "today"}, "answer_by"),
        ({"per_minute": 0}, "per_minute"),
        ({"message": {"ja": " ", "en": "x" * 2001}}, "message_ja"),
        ({"slug": "e-contract"}, None),
    ],
)
def test_what_keeps_a_campaign_from_being_prepared_is_said(
    house: House, held: list[Certificate], changes: dict[str, Any], field: str | None
) -> None:
    system = TargetSystem.objects.get(slug=changes.pop("slug", "member-client"))
    if changes.get("answer_by"):
        changes["answer_by"] = timezone.localdate()
    population = Population(system, key_type=changes.pop("key_type", "" if system.slug == "e-contract" else "rsa2048"))
    with pytest.raises(RuleViolated) as refused:
        prepared(house, population=population, **changes)
    assert refused.value.violations[0].field == field
    assert not Campaign.objects.exists()


def test_wrong_entries_stand_at_their_fields_and_what_was_typed_stays(house: House) -> None:
    browser = signed_in(house.people.rules_manager)
    answer = browser.post(
        "/rules/campaigns/new/", {"target_system": "nowhere", "per_minute": "many", "message_ja": "あ"}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="many"' in page
    assert "あ</textarea>" in page


def test_the_database_keeps_what_a_campaign_said_and_who_started_it(house: House, held: list[Certificate]) -> None:
    campaign = started(house)
    for change in (
        lambda: Campaign.objects.filter(pk=campaign.pk).update(per_minute=999),
        lambda: Campaign.objects.filter(pk=campaign.pk).update(started_by=house.people.rules_manager),
        lambda: Campaign.objects.filter(pk=campaign.pk).update(status="prepared"),
        lambda: Campaign.objects.filter(pk=campaign.pk).delete(),
        lambda: CampaignMember.objects.update(status="issued"),
        lambda: CampaignMember.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert mail.outbox
