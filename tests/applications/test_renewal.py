"""Renewal: the next certificate for the same holder, examined anew; the earlier one stays until its end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Notice
from applications.models import Application
from applications.selectors.renewals import renewable
from applications.services import deciding, examination, intake, succession
from applications.services.deciding import Refusal
from applications.worker.contracts import follow
from audit.refusals import RuleViolated
from certificates.models import Certificate
from certificates.services import slots
from lra_portal.demo.regulations import LOADER
from regulations.models import TargetSystem
from regulations.services import target_systems
from regulations.services.periods import NewEnd, Source, move_end
from revocation.services import completion
from revocation.worker.tasks import PUBLISHER
from tests.certificates import material
from tests.flows import steps
from tests.flows.steps import House
from tests.harness.cloned import Clone
from tests.people import ORIGIN, signed_in

LATER = date(2030, 3, 31)
DAY = timedelta(days=1)


@pytest.fixture
def certificate(house: House) -> Certificate:
    """Jiro's certificate under a contract with which it ends, in use."""
    jiro = house.people.jiro
    issued = steps.issue(steps.apply(jiro, "e-contract"), house.people, house.jobs)
    steps.fetch(issued, jiro)
    return steps.accept(issued, jiro)


@pytest.fixture
def members(house: House) -> Certificate:
    """Hanako's certificate, for which no contract is needed."""
    hanako = house.people.hanako
    issued = steps.issue(steps.apply(hanako, "member-client", material.p256()), house.people, house.jobs)
    steps.fetch(issued, hanako)
    return steps.accept(issued, hanako)


def extend(certificate: Certificate, house: House) -> None:
    """Let the contract go on past the certificate's end, and let the worker follow."""
    contract = certificate.subscription.contract
    assert contract is not None
    move_end(
        contract=contract,
        new_end=NewEnd(LATER, contract.ends_at),
        source=Source("staff", "契約の延長"),
        actor=house.people.rules_manager.actor(ORIGIN),
        at=timezone.now(),
    )
    follow()


def started(certificate: Certificate, at: datetime | None = None) -> Application:
    """A draft of the renewal, begun at an instant."""
    fresh = Certificate.objects.get(pk=certificate.pk)
    return succession.start_renewal(certificate=fresh, actor=fresh.holder.actor(ORIGIN), at=at or timezone.now())


def refused(certificate: Certificate, at: datetime | None = None) -> list[str]:
    """Why the renewal can't begin then."""
    with pytest.raises(RuleViolated) as error:
        started(certificate, at)
    return [row.code for row in error.value.violations]


@pytest.mark.clause("O-18.2")
def test_a_contract_that_goes_on_opens_the_renewal_at_once_and_tells_the_subscriber(
    certificate: Certificate, house: House
) -> None:
    jiro = house.people.jiro
    assert refused(certificate) == ["contract_ends"]
    address = f"/certificates/{certificate.pk}/renewal/"
    page = signed_in(jiro).get(address).content.decode()
    assert "契約が延長されると、更新を申請できるようになります" in page
    extend(certificate, house)
    steps.send_mail(house.jobs)
    assert address in str(steps.mails_to(jiro)[-1].body)
    home = signed_in(jiro).get("/home/").content.decode()
    assert address in home
    assert f"証明書 {certificate.management_number} を更新してください" in home


@pytest.mark.clause("O-18.2", "O-19.2.11")
def test_a_renewed_certificate_follows_and_the_earlier_one_stays_until_its_end(
    certificate: Certificate, house: House
) -> None:
    jiro = house.people.jiro
    extend(certificate, house)
    draft = started(certificate)
    assert (draft.kind, draft.previous, draft.values["person_name"]) == ("renewal", certificate, "見本 次郎")
    assert renewable(jiro, timezone.now()) == []
    steps.add_documents(draft, jiro)
    new = steps.issue(steps.hand_in(draft, jiro), house.people, house.jobs)
    assert (new.order.replaces, new.slot) == (None, "successor")
    assert new.not_after > certificate.not_after
    assert new.public_key_sha256 != certificate.public_key_sha256
    steps.fetch(new, jiro)
    steps.accept(new, jiro)
    house.jobs.run("revocation.sweep")
    certificate.refresh_from_db()
    assert (certificate.slot, certificate.revoked_at) == ("past", None)
    assert completion.revoke_superseded(actor=PUBLISHER, at=certificate.not_after - DAY) == 0
    assert renewable(jiro, timezone.now()) == []
    assert refused(certificate) == ["replaced"]


def test_a_successor_that_nobody_accepted_takes_the_place_of_what_has_ended(
    certificate: Certificate, house: House
) -> None:
    extend(certificate, house)
    draft = started(certificate)
    steps.add_documents(draft, house.people.jiro)
    new = steps.issue(steps.hand_in(draft, house.people.jiro), house.people, house.jobs)
    assert refused(certificate) == ["successor"]
    slots.retire_expired(actor=PUBLISHER, at=certificate.not_after + DAY)
    new.refresh_from_db()
    assert new.slot == "current"


@pytest.mark.clause("O-19.2.11")
def test_a_renewal_opens_as_many_days_before_the_end_as_the_rules_say(members: Certificate, house: House) -> None:
    early, late = members.not_after - 31 * DAY, members.not_after - 29 * DAY
    assert refused(members, early) == ["not_open"]
    assert renewable(house.people.hanako, early) == []
    assert [row.certificate for row in renewable(house.people.hanako, late)] == [members]
    assert started(members, late).kind == "renewal"


@pytest.mark.clause("O-19.2.11")
def test_a_renewal_is_refused_with_a_ground_that_is_told_before_the_certificate_ends(
    certificate: Certificate, house: House
) -> None:
    extend(certificate, house)
    draft = started(certificate)
    steps.add_documents(draft, house.people.jiro)
    application = steps.hand_in(draft, house.people.jiro)
    examiner, approver = house.people.examiner.actor(ORIGIN), house.people.approver.actor(ORIGIN)
    refusal = Refusal("procedure", "在職を確認できませんでした。")
    at = timezone.now()
    examination.claim(application=application, actor=examiner, at=at)
    seen = steps.order_of(application).seen
    deciding.propose_refusal(application=application, refusal=refusal, seen=seen, actor=examiner, at=at)
    deciding.refuse(application=application, refusal=refusal, seen=seen, actor=approver, at=at)
    told = Notice.objects.get(kind="applications/refused", recipient=house.people.jiro)
    assert told.created_at < certificate.not_after
    assert "在職を確認できませんでした" in told.context["text"]
    certificate.refresh_from_db()
    assert (certificate.slot, certificate.revoked_at) == ("current", None)
    page = signed_in(house.people.jiro).get(f"/applications/{application.pk}/").content.decode()
    assert "このまま" in page
    assert started(certificate).kind == "renewal"


@pytest.mark.clause("O-19.2.11")
def test_the_result_of_a_late_renewal_is_due_before_the_certificate_ends(members: Certificate, house: House) -> None:
    at = members.not_after - timedelta(hours=2)
    draft = started(members, at)
    hanako = house.people.hanako
    request = steps.request_pem(material.rsa_key())
    intake.save_request(application=draft, data=request, actor=hanako.actor(ORIGIN), at=at)
    steps.add_documents(draft, hanako)
    application = steps.hand_in(draft, hanako, at=at)
    assert application.due_at == members.not_after


def test_where_the_rules_know_no_renewal_none_begins(members: Certificate, house: House) -> None:
    system = TargetSystem.objects.get(slug="member-client")
    rules = {**system.version_in_force().rules, "renewal": {"allowed": False, "opens_days": 30}}
    at = timezone.now()
    version = target_systems.import_version(target_system=system, data=rules, actor=LOADER, at=at)
    target_systems.activate(version=version, actor=LOADER, at=at)
    late = members.not_after - DAY
    assert refused(members, late) == ["not_offered"]
    assert renewable(house.people.hanako, late) == []


@pytest.mark.clause("O-12.2")
def test_only_the_holder_renews(certificate: Certificate, house: House) -> None:
    extend(certificate, house)
    for person in (house.people.outsider, house.people.contract_admin, house.people.approver):
        assert signed_in(person).get(f"/certificates/{certificate.pk}/renewal/").status_code == 404
        assert signed_in(person).post(f"/certificates/{certificate.pk}/renewal/").status_code == 404


def test_a_renewal_begun_at_once_in_many_windows_is_one_draft(
    clone: Clone, certificate: Certificate, house: House
) -> None:
    extend(certificate, house)

    def begin(_number: int) -> object:
        try:
            return started(certificate).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(begin, range(8)))) == 1
    assert Application.objects.filter(kind="renewal").count() == 1
