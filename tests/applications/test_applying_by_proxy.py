"""An agent by proxy fills in; the applicant reads, agrees and confirms, and alone gets the certificate."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from accounts.waiting import waits
from applications.models import Application, Confirmation
from applications.selectors.watching import sheet_for
from applications.services import confirming, examination, filing, intake
from applications.worker import deadlines
from audit.actors import Actor
from audit.refusals import NotAllowed, NotFound, RuleViolated
from certificates.models import CertificationAuthority
from lra_portal.demo.regulations import LOADER
from regulations.models import Consent, Contract, TargetSystem
from regulations.services import consents, contracts
from tests.applications import cases
from tests.applications.applying import COMPANY, Applying, pdf
from tests.applications.applying import file as sent_file
from tests.harness.jobs import Jobs
from tests.instants import MONDAY_9_00, WEDNESDAY_11_00
from tests.people import People, make_person, signed_in

NEWCOMER = "nobody.yet@demo.example"
NUMBER = "E-40213"
DAY = {"y": "2026", "m": "11", "d": "2"}


@pytest.fixture(autouse=True)
def _wednesday(issuing: CertificationAuthority, demo_rules: None) -> Iterator[None]:
    name(NEWCOMER, "新田 来子")
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        yield


def name(email: str, person_name: str) -> None:
    contracts.name_member(
        contract=Contract.objects.get(number=NUMBER),
        email=email,
        name=person_name,
        authorised_person=True,
        actor=LOADER,
        at=MONDAY_9_00,
    )


def begin(agent: Client, email: str = NEWCOMER, number: str = NUMBER) -> Application:
    typed = {"name": "新田 来子", "email": email, "contract_number": number}
    answer = agent.post("/applications/new/e-contract/for-another/", typed)
    assert answer.status_code == 302, answer.content.decode()[:500]
    return Application.objects.get(pk=answer["Location"].split("/")[2])


def fill(agent: Client, draft: Application, *, letter: bool = True) -> Application:
    for step in ("applicant", "certificate"):
        typed = {**COMPANY[step], "person_name": "新田 来子", "person_latin": "Kiko Nitta"}
        answer = agent.post(f"/applications/{draft.pk}/form/{step}/", {**typed, "go": "next"})
        assert answer.status_code == 302, answer.content.decode()
    for key in ("seal_certificate", "company_register", *(["letter_of_proxy"] if letter else [])):
        cases.hand_in(draft, key, WEDNESDAY_11_00)
    draft.refresh_from_db()
    return draft


def test_the_letter_of_proxy_is_handed_in_like_any_document(people: People) -> None:
    agent = signed_in(people.jiro)
    draft = begin(agent)
    assert "委任状" in agent.get(f"/applications/{draft.pk}/form/documents/").content.decode()
    day = {f"letter_of_proxy-issued_on_{part}": value for part, value in DAY.items()}
    sent = {"document": "letter_of_proxy", "letter_of_proxy-file": sent_file(pdf()), **day}
    assert agent.post(f"/applications/{draft.pk}/documents/", sent).status_code == 302
    assert draft.uploads.get().key == "letter_of_proxy"


def put_before_the_applicant(agent: Client, draft: Application) -> Application:
    page = agent.get(f"/applications/{draft.pk}/form/confirm/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    assert agent.post(f"/applications/{draft.pk}/present/", {"seen": seen[1]}).status_code == 302
    draft.refresh_from_db()
    return draft


def presented(agent: User, email: str = NEWCOMER) -> Application:
    browser = signed_in(agent)
    return put_before_the_applicant(browser, fill(browser, begin(browser, email)))


def link_in_mail(jobs: Jobs, email: str = NEWCOMER) -> str:
    jobs.run("accounts.send_notices")
    found = [re.search(r"(/applications/for-me/[\w-]+/)", str(row.body)) for row in mail.outbox if row.to == [email]]
    return [match[1] for match in found if match][-1]


def agree(browser: Client, application: Application) -> int:
    page = browser.get(f"/applications/{application.pk}/confirm/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    asked = consents.asked_for(ruleset=application.rules.ruleset, at=WEDNESDAY_11_00)
    sent = {"consent": [item.key for item in asked], "seen": seen[1]}
    return browser.post(f"/applications/{application.pk}/confirm/", sent).status_code


@pytest.mark.clause("O-4.1", "J-5", "O-4.2")
def test_it_is_received_only_when_the_applicant_came_by_the_mail_read_and_agreed(people: People, jobs: Jobs) -> None:
    application = presented(people.jiro)
    assert application.status == "waiting_consent"
    assert (application.receipt_number, Consent.objects.count()) == (None, 0)
    applicant = application.applicant
    assert (applicant.email, waits(applicant)) == (NEWCOMER, True)
    newcomer, link = Client(), link_in_mail(jobs)
    assert "新田" in newcomer.get(link).content.decode() or newcomer.get(link).status_code == 200
    password = {"password1": "Himitsu-2026-x", "password2": "Himitsu-2026-x"}
    answer = newcomer.post(link, {"name": "新田 来子", **password})
    assert answer["Location"] == f"/applications/{application.pk}/confirm/"
    assert agree(newcomer, application) == 302
    application.refresh_from_db()
    assert application.status == "submitted"
    assert {consent.person_id for consent in Consent.objects.filter(story=application.story)} == {applicant.pk}
    assert application.order is not None
    sides = application.order.approvals.filter(role="applicant")
    assert set(sides.values_list("person_id", flat=True)) == {applicant.pk, people.jiro.pk}
    assert application.order.holder_id == applicant.pk
    mails = [(row.to[0], row.subject) for row in mail.outbox]
    jobs.run("accounts.send_notices")
    told = {row.to[0] for row in mail.outbox if str(application.receipt_number) in str(row.body)}
    assert told == {NEWCOMER, people.jiro.email}, mails


def test_looking_at_the_link_changes_nothing_and_it_works_until_it_is_answered(people: People, jobs: Jobs) -> None:
    application = presented(people.jiro)
    link = link_in_mail(jobs)
    for _once in range(3):
        assert Client().get(link).status_code == 200
    row = Confirmation.objects.get()
    assert (row.answer, row.answered_at) == ("", None)
    intake.withdraw(application=application, actor=people.jiro.actor(), at=WEDNESDAY_11_00)
    assert Client().get(link).status_code == 404
    assert Client().get("/applications/for-me/unknown/").status_code == 404


def test_somebody_with_an_account_is_led_to_sign_in_and_nothing_of_theirs_is_shown(people: People, jobs: Jobs) -> None:
    name(people.hanako.email, "架空 花子")
    application = presented(people.jiro, people.hanako.email)
    page = Client().get(link_in_mail(jobs, people.hanako.email)).content.decode()
    assert "/accounts/login/?next=" in page
    assert "password1" not in page
    shown = signed_in(people.jiro).get(f"/applications/{application.pk}/").content.decode()
    assert people.hanako.name not in shown
    home = signed_in(people.hanako).get("/home/").content.decode()
    assert f"/applications/{application.pk}/confirm/" in home
    assert agree(signed_in(people.hanako), application) == 302


def test_the_draft_is_the_agents_alone_until_the_applicant_is_asked(people: People) -> None:
    name(people.hanako.email, "架空 花子")
    draft = begin(signed_in(people.jiro), people.hanako.email)
    browser = signed_in(people.hanako)
    assert browser.get(f"/applications/{draft.pk}/form/applicant/").status_code == 404
    assert str(draft.pk) not in browser.get("/applications/").content.decode()
    own = Applying(people.hanako, "e-contract").start(NUMBER)
    assert own.pk != draft.pk


@pytest.mark.parametrize("page", ["", "status/", "contents/", "print/", "confirm/", "decline/", "answer/", "withdraw/"])
def test_nobody_else_finds_it_at_any_address(people: People, page: str) -> None:
    application = presented(people.jiro)
    browser = signed_in(people.outsider)
    assert browser.get(f"/applications/{application.pk}/{page}").status_code == 404
    for act in ("present", "recall", "take-over", "decline", "confirm", "submit"):
        assert browser.post(f"/applications/{application.pk}/{act}/").status_code == 404


def test_the_agent_can_neither_confirm_nor_decline_nor_submit(people: People) -> None:
    application = presented(people.jiro)
    browser = signed_in(people.jiro)
    for act in ("confirm", "decline", "take-over", "submit"):
        assert browser.post(f"/applications/{application.pk}/{act}/", {"seen": "x"}).status_code == 404
    with pytest.raises(NotFound):
        intake.submit(application=application, ticked=[], seen="", actor=people.jiro.actor(), at=WEDNESDAY_11_00)


def test_without_the_letter_of_proxy_nobody_is_asked(people: People) -> None:
    browser = signed_in(people.jiro)
    draft = fill(browser, begin(browser), letter=False)
    page = browser.get(f"/applications/{draft.pk}/form/confirm/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    answer = browser.post(f"/applications/{draft.pk}/present/", {"seen": seen[1]})
    assert answer.status_code == 422
    assert "委任状" in answer.content.decode()
    assert not Confirmation.objects.exists()


def test_who_applies_alone_is_asked_for_no_letter(people: People) -> None:
    name(people.hanako.email, "架空 花子")
    applying = Applying(people.hanako, "e-contract")
    draft = applying.start(NUMBER)
    assert "letter_of_proxy" not in applying.browser.get(f"/applications/{draft.pk}/form/documents/").content.decode()
    assert applying.hand_in(draft, "letter_of_proxy").status_code == 422


def test_the_sheet_asks_about_the_letter_and_nothing_is_recommended_without_it(people: People) -> None:
    application = received(people)
    assert "letter_of_proxy" in {item.key for item in sheet_for(application)}
    case = signed_in(people.examiner).get(f"/examination/{application.pk}/").content.decode()
    assert "item-letter_of_proxy" in case
    assert people.jiro.name in case


def received(people: People, agent: User | None = None) -> Application:
    name(people.hanako.email, "架空 花子")
    application = presented(agent or people.jiro, people.hanako.email)
    assert agree(signed_in(people.hanako), application) == 302
    application.refresh_from_db()
    return application


def test_an_agent_of_the_office_neither_examines_nor_approves_it(people: People) -> None:
    both = make_person("both", Role.EXAMINER, Role.APPROVER)
    application = received(people, both)
    with pytest.raises(NotAllowed):
        examination.claim(application=application, actor=both.actor(), at=WEDNESDAY_11_00)
    assert examination.claim_next(actor=both.actor(), at=WEDNESDAY_11_00) is None
    for column in ("examiner", "decided_by"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.filter(pk=application.pk).update(**{column: both})
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(filed_by=None)


def test_the_applicant_declines_and_the_agent_reads_why(people: People, jobs: Jobs) -> None:
    name(people.hanako.email, "架空 花子")
    application = presented(people.jiro, people.hanako.email)
    browser = signed_in(people.hanako)
    assert browser.get(f"/applications/{application.pk}/decline/").status_code == 200
    assert browser.post(f"/applications/{application.pk}/decline/", {"note": "頼んでいません"}).status_code == 302
    application.refresh_from_db()
    assert (application.status, application.receipt_number) == ("withdrawn", None)
    jobs.run("accounts.send_notices")
    assert any(row.to == [people.jiro.email] and "頼んでいません" in str(row.body) for row in mail.outbox)
    assert not Consent.objects.exists()


def test_the_applicant_takes_over_and_the_agent_sees_it_no_more(people: People) -> None:
    name(people.hanako.email, "架空 花子")
    application = presented(people.jiro, people.hanako.email)
    browser = signed_in(people.hanako)
    answer = browser.post(f"/applications/{application.pk}/take-over/")
    assert answer["Location"] == f"/applications/{application.pk}/form/applicant/"
    assert browser.get(answer["Location"]).status_code == 200
    assert signed_in(people.jiro).get(f"/applications/{application.pk}/").status_code == 404
    application.refresh_from_db()
    assert (application.status, application.is_filed, application.filed_by) == ("draft", False, people.jiro)


def test_what_the_agent_took_back_is_changed_and_the_old_link_is_void(people: People, jobs: Jobs) -> None:
    application = presented(people.jiro)
    old = link_in_mail(jobs)
    browser = signed_in(people.jiro)
    assert browser.post(f"/applications/{application.pk}/recall/").status_code == 302
    assert Client().get(old).status_code == 404
    application.refresh_from_db()
    put_before_the_applicant(browser, application)
    assert link_in_mail(jobs) != old
    assert Client().get(link_in_mail(jobs)).status_code == 200


def test_what_changed_after_the_page_was_opened_is_not_confirmed(people: People) -> None:
    name(people.hanako.email, "架空 花子")
    application = presented(people.jiro, people.hanako.email)
    asked = consents.asked_for(ruleset=application.rules.ruleset, at=WEDNESDAY_11_00)
    sent = {"consent": [item.key for item in asked], "seen": "0" * 64}
    answer = signed_in(people.hanako).post(f"/applications/{application.pk}/confirm/", sent)
    assert answer.status_code == 422
    application.refresh_from_db()
    assert application.status == "waiting_consent"


def test_whoever_does_not_answer_is_reminded_once_and_then_it_lapses(people: People, jobs: Jobs) -> None:
    application = presented(people.jiro)

    def sweep(at: datetime) -> list[str]:
        mail.outbox.clear()
        with time_machine.travel(at, tick=False):
            deadlines.sweep()
            jobs.run("accounts.send_notices")
        return sorted(row.to[0] for row in mail.outbox)

    jobs.run("accounts.send_notices")
    assert sweep(WEDNESDAY_11_00 + timedelta(days=8)) == []
    assert sweep(WEDNESDAY_11_00 + timedelta(days=10)) == [NEWCOMER]
    assert "/applications/for-me/" in str(mail.outbox[0].body)
    assert sweep(WEDNESDAY_11_00 + timedelta(days=11)) == []
    assert sweep(WEDNESDAY_11_00 + timedelta(days=15)) == [people.jiro.email]
    application.refresh_from_db()
    assert application.status == "lapsed"


@pytest.mark.clause("J-2")
def test_a_contract_that_does_not_name_the_person_looks_like_none_at_all(people: People) -> None:
    browser = signed_in(people.jiro)
    answers = []
    for number in (NUMBER, "E-99999", "E-40388"):
        typed = {"name": "新田 来子", "email": "someone.else@demo.example", "contract_number": number}
        page = browser.post("/applications/new/e-contract/for-another/", typed)
        assert page.status_code == 422
        answers.append(re.sub(r'value="[^"]*"', "", page.content.decode()).count("この番号の有効な契約で"))
    assert len(set(answers)) == 1
    assert not User.objects.filter(email="someone.else@demo.example").exists()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"name": "", "email": "x@demo.example"}, "name"),
        ({"name": "新田", "email": "kaputt"}, "email"),
        ({"name": "新田\u202e", "email": "x@demo.example"}, "name"),
        ({"name": "見本 次郎", "email": "JIRO@demo.example"}, "email"),
    ],
)
def test_what_can_not_be_used_is_said_at_its_field_and_kept(people: People, typed: dict[str, str], code: str) -> None:
    page = signed_in(people.jiro).post(
        "/applications/new/e-contract/for-another/", {**typed, "contract_number": NUMBER}
    )
    assert page.status_code == 422
    assert f'id="id_{code}_error"' in page.content.decode() or f"#id_{code}" in page.content.decode()
    assert not Application.objects.exists()


def test_a_target_system_without_agents_has_no_such_page(people: People) -> None:
    browser = signed_in(people.jiro)
    assert browser.get("/applications/new/member-client/for-another/").status_code == 404
    system = TargetSystem.objects.get(slug="member-client")
    subject = filing.Subject("新田", NEWCOMER)
    with pytest.raises(RuleViolated):
        filing.start_for(
            target_system=system, subject=subject, person=people.jiro, actor=people.jiro.actor(), at=WEDNESDAY_11_00
        )


def test_nobody_has_more_than_twenty_under_way_for_others(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "MOST_FOR_OTHERS", 2)
    browser = signed_in(people.jiro)
    emails = [f"many{n}@demo.example" for n in range(3)]
    for email in emails:
        name(email, "多田 多")
    first = [begin(browser, email) for email in emails[:2]]
    assert begin(browser, emails[0]).pk == first[0].pk
    typed = {"name": "多田 多", "email": emails[2], "contract_number": NUMBER}
    assert browser.post("/applications/new/e-contract/for-another/", typed).status_code == 422


def test_an_account_that_waits_is_had_by_setting_a_new_password_too(people: People, jobs: Jobs) -> None:
    applicant = presented(people.jiro).applicant
    browser = Client()
    browser.post("/accounts/password/reset/", {"email": NEWCOMER})
    jobs.run("accounts.send_notices")
    links = [re.search(r"(/accounts/password/reset/key/\S+)", str(row.body)) for row in mail.outbox]
    link = next(match[1] for match in links if match)
    form = browser.get(link, follow=True)
    browser.post(form.request["PATH_INFO"], {"password1": "Himitsu-2026-x", "password2": "Himitsu-2026-x"})
    applicant.refresh_from_db()
    assert applicant.has_usable_password()


def test_an_old_draft_lapses(people: People) -> None:
    draft = begin(signed_in(people.jiro))
    clock = Actor.system("deadlines")
    assert intake.lapse_drafts(actor=clock, at=WEDNESDAY_11_00 + timedelta(days=31)) == 1
    draft.refresh_from_db()
    assert draft.status == "lapsed"


def test_two_sweeps_at_once_lapse_it_once(people: People) -> None:
    presented(people.jiro)
    clock, late = Actor.system("deadlines"), WEDNESDAY_11_00 + timedelta(days=20)
    assert confirming.lapse_unconfirmed(actor=clock, at=late) == 1
    assert confirming.lapse_unconfirmed(actor=clock, at=late) == 0
