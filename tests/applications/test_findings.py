"""What the system finds by itself, what of it stops a case, and what may be overridden: where the rules allow it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from applications.models import Application, Override
from applications.rules.findings import DocumentFact, Facts, Finding, KeyFact, findings_of
from applications.selectors.facts import findings_about
from applications.services import answering, asking, deciding, intake, overriding
from applications.services.asking import Question, Wish
from audit.refusals import NotAllowed, RuleViolated, Stale
from certificates import csr
from certificates.models import BlockedKey, CertificationAuthority
from regulations.models import TargetSystemVersion
from regulations.ruleset import LocalText
from regulations.text import look_alikes
from tests.applications import cases
from tests.applications.applying import Applying, load_rules
from tests.people import ORIGIN, People, signed_in

WHY = Wish("free-1", {"ja": "理由", "en": "Reason"}, kind="text")
REASON = "受け付けた日には 3 か月以内だった"


def found(application: Application, code: str) -> list[Finding]:
    application = Application.objects.select_related("order", "rules", "subscription", "contract").get(
        pk=application.pk
    )
    return [finding for finding in findings_about(application, timezone.now()) if finding.code == code]


def grow_old(application: Application) -> None:
    """Let the seal certificate be four months old."""
    day = (timezone.now() - timedelta(days=120)).date()
    application.uploads.filter(key="seal_certificate").update(issued_on=day)


def override(application: Application, people: People, code: str = "document_age", reason: str = REASON) -> Override:
    return overriding.override(
        application=application,
        code=code,
        about=next(finding.about for finding in found(application, code) if finding.stops),
        reason=reason,
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )


def recommend(application: Application, people: People) -> Application:
    return deciding.recommend(
        application=application,
        seen=cases.seen_of(application),
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )


def allow(application: Application, *codes: str) -> None:
    """Let the rules of this application allow to override `codes`."""
    rules = {**application.rules.rules, "override": list(codes)}
    version = TargetSystemVersion.objects.create(
        target_system=application.rules.target_system,
        number=99,
        rules=rules,
        created_at=timezone.now(),
        status_since=timezone.now(),
    )
    Application.objects.filter(pk=application.pk).update(rules=version)
    application.refresh_from_db()


def test_a_document_too_old_stops_the_case_until_a_newer_one_comes(application: Application, people: People) -> None:
    grow_old(application)
    cases.judged(application, people)
    with pytest.raises(RuleViolated):
        recommend(application, people)
    cases.hand_in(application, "seal_certificate", timezone.now())
    assert recommend(application, people).status == "awaiting_approval"


def test_a_finding_is_overridden_with_a_reason_that_the_approver_reads_first(
    application: Application, people: People
) -> None:
    grow_old(application)
    cases.judged(application, people)
    override(application, people)
    assert recommend(application, people).status == "awaiting_approval"
    page = signed_in(people.approver).get(f"/examination/{application.pk}/")
    assert page.context["case"].findings[0].override == REASON
    text = page.content.decode()
    assert text.index(REASON) < text.index('class="bench"')
    done = deciding.approve(
        application=application,
        seen=cases.seen_of(application),
        actor=people.approver.actor(ORIGIN),
        at=timezone.now(),
    )
    assert done.status == "approved"


def test_without_a_reason_or_against_the_rules_nothing_is_overridden(application: Application, people: People) -> None:
    grow_old(application)
    cases.judged(application, people)
    with pytest.raises(RuleViolated):
        override(application, people, reason="  ")
    allow(application)
    with pytest.raises(RuleViolated) as raised:
        override(application, people)
    assert [violation.code for violation in raised.value.violations] == ["not_overridable"]
    assert not Override.objects.exists()


def test_an_override_holds_for_what_was_found_and_seen_only(application: Application, people: People) -> None:
    grow_old(application)
    cases.judged(application, people)
    override(application, people)
    with pytest.raises(StopIteration):
        override(application, people)
    request = asking.ask(
        application=application, question=Question([WHY]), actor=people.examiner.actor(ORIGIN), at=timezone.now()
    )
    answering.answer(
        request=request, texts={"free-1": "以上です。"}, actor=people.hanako.actor(ORIGIN), at=timezone.now()
    )
    with pytest.raises(RuleViolated):
        recommend(application, people)
    with pytest.raises(Stale):
        overriding.override(
            application=application,
            code="document_age",
            about="seal_certificate 1999-01-01",
            reason=REASON,
            actor=people.examiner.actor(ORIGIN),
            at=timezone.now(),
        )


def test_only_whoever_examines_overrides_and_the_row_stays(application: Application, people: People) -> None:
    grow_old(application)
    cases.judged(application, people)
    about = found(application, "document_age")[0].about
    typed = {"code": "document_age", "about": about, "reason": REASON}
    place = f"/examination/{application.pk}/override/"
    assert signed_in(people.approver).post(place, typed).status_code == 404
    for person, refusal in ((people.second_examiner, Stale), (people.approver, NotAllowed)):
        with pytest.raises(refusal):
            overriding.override(application=application, **typed, actor=person.actor(ORIGIN), at=timezone.now())
    assert signed_in(people.examiner).post(place, {**typed, "reason": "\u202e"}).status_code == 422
    assert signed_in(people.examiner).post(place, typed).status_code == 302
    row = Override.objects.filter(application=application)
    for change in (lambda: row.update(reason=""), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        Override.objects.create(
            application=application,
            code="key",
            digest="",
            found="x",
            reason="x",
            applicant=people.hanako,
            person=people.hanako,
            at=timezone.now(),
        )


def test_a_blocked_or_weak_key_is_overridden_by_no_rule(application: Application, people: People) -> None:
    allow(application, "key", "document_age")
    digest = cases.give_request(application)
    assert [finding.level for finding in found(application, "key")] == ["ok"]
    BlockedKey.objects.create(public_key_sha256=digest, reason="key_compromise", blocked_at=timezone.now())
    assert [(finding.stops, finding.may_override) for finding in found(application, "key")] == [(True, False)]
    BlockedKey.objects.filter(pk=digest).delete()
    Application.objects.filter(pk=application.pk).update(csr_der=b"0\x03\x02\x01\x01")
    assert [(finding.stops, finding.firm) for finding in found(application, "key")] == [(True, True)]


def test_a_key_that_was_certified_before_stops_the_case(application: Application) -> None:
    for allowed, may in (((), False), (("key",), True)):
        facts = Facts(today=timezone.now().date(), key=KeyFact(used=True), allowed=allowed)
        finding = next(row for row in findings_of(facts) if row.code == "key")
        assert (finding.stops, finding.may_override) == (True, may)


def test_a_key_in_two_open_applications_is_found_before_any_certificate_is_issued(
    application: Application, people: People
) -> None:
    cases.give_request(application)
    assert [finding.level for finding in found(application, "key")] == ["ok"]
    other = cases.submitted(people.jiro, person_latin="Jiro Mihon", department_latin="Sales, Manager")
    cases.give_request(other)
    for here, there in ((application, other), (other, application)):
        assert [(row.stops, row.about) for row in found(here, "key")] == [(True, there.receipt_number)]
        assert str(there.receipt_number) in str(found(here, "key")[0].text)
    intake.withdraw(application=other, actor=people.jiro.actor(ORIGIN), at=timezone.now())
    assert [finding.level for finding in found(application, "key")] == ["ok"]


def test_the_key_is_noted_when_the_request_comes_and_forgotten_with_a_bad_one(
    issuing: CertificationAuthority, people: People
) -> None:
    load_rules(timezone.now() - timedelta(days=1))
    draft = Applying(people.hanako).filled()
    facts = csr.read(bytes(draft.csr_der or b""), key_types=["p256"])
    assert draft.key_digest == facts.spki_digest
    actor = people.hanako.actor(ORIGIN)
    assert intake.save_request(application=draft, data=b"no request", actor=actor, at=timezone.now()) != []
    assert draft.key_digest == ""


def test_another_open_application_for_the_same_name_of_the_same_company_is_found(
    application: Application, people: People
) -> None:
    other = cases.submitted(people.jiro)
    assert [finding.about for finding in found(application, "duplicate")] == [other.receipt_number]
    third = cases.submitted(people.outsider, person_latin="Saburo Muen")
    assert found(third, "duplicate") == []
    cases.judged(application, people)
    with pytest.raises(RuleViolated):
        recommend(application, people)


def test_two_people_of_the_same_name_in_one_company_are_pointed_out_and_stop_nobody(
    application: Application, people: People
) -> None:
    other = cases.submitted(people.jiro, department_latin="Sales, Manager")
    about = [(row.level, row.about, row.stops) for row in found(application, "duplicate")]
    assert about == [("warn", other.receipt_number, False)]
    cases.judged(application, people)
    assert recommend(application, people).status == "awaiting_approval"


def test_the_same_account_that_applies_twice_for_one_name_stops_until_it_is_settled(
    application: Application, people: People
) -> None:
    again = cases.submitted(people.hanako, department_latin="Sales, Manager", person_name="架空 はな子")
    assert [(row.level, row.stops) for row in found(again, "duplicate")] == [("stop", True)]
    assert [row.may_override for row in found(again, "duplicate")] == [False]
    allow(again, "duplicate")
    assert [row.may_override for row in found(again, "duplicate")] == [True]


def test_missing_and_undated_documents_are_named() -> None:
    seal = DocumentFact(LocalText("印鑑証明書", "Seal certificate"), None, 92, "seal")
    facts = Facts(today=timezone.now().date(), documents=[seal], missing_documents=[seal])
    codes = [finding.code for finding in findings_of(facts) if finding.stops]
    assert codes == ["document_missing", "document_age"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("力タログ", [(1, "力")]),
        ("ミホン二", [(4, "二")]),
        ("ニ宮", [(1, "ニ")]),
        ("見本ー", [(3, "ー")]),
        ("カタログ", []),
        ("二宮", []),
        ("八王子トラック", []),
        ("コーヒー", []),
        ("東京タワー", []),
    ],
)
def test_letters_of_the_neighbours_look_are_pointed_out(text: str, places: list[tuple[int, str]]) -> None:
    assert look_alikes(text) == places


def test_a_doubtful_letter_is_shown_and_does_not_stop(application: Application) -> None:
    values = {**application.values, "title": "力タログ部長"}
    Application.objects.filter(pk=application.pk).update(values=values)
    assert [(row.level, row.about) for row in found(application, "scripts")] == [("warn", "title")]
