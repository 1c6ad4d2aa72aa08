"""Telling subscribers of a coming version: chosen, previewed, sent in the background, stopped, resumed (O-3.3)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from accounts.models import Notice
from applications.advance import AdvanceNotice
from applications.selectors.audience import Circle, progress_of
from applications.services import advance
from audit.actors import Actor
from audit.refusals import NotAllowed, RuleViolated, Stale
from regulations.models import DocumentVersion, Subscription, TargetSystem
from tests.harness.jobs import Jobs
from tests.instants import TUESDAY_AFTER_THE_HOLIDAY_9_00, WEDNESDAY_11_00
from tests.people import ORIGIN, People, make_person, signed_in
from tests.regulations.test_drafts import reviewed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_rules")]
SAID: dict[str, Any] = {
    "message": {"ja": "ご確認ください。", "en": "Please note."},
    "planned_for": TUESDAY_AFTER_THE_HOLIDAY_9_00.date(),
}
WRITER = Actor.system("documents")


def subscribe(people: People, *slugs: str) -> None:
    """Let Hanako use each target system."""
    for number, slug in enumerate(slugs):
        Subscription.objects.create(
            target_system=TargetSystem.objects.get(slug=slug),
            holder=people.hanako,
            subject_key=f"{people.hanako.pk}-{number}",
            status="applied",
            status_since=WEDNESDAY_11_00,
        )
    Subscription.objects.filter(holder=people.hanako).update(status="in_use")


def crowd(size: int) -> None:
    system = TargetSystem.objects.get(slug="member-client")
    for number in range(size):
        person = make_person(f"crowd{number}", name=f"会員 {number}")
        Subscription.objects.create(
            target_system=system, holder=person, subject_key=str(number), status_since=WEDNESDAY_11_00
        )


def begun(people: People, version: DocumentVersion, circle: Circle | None = None) -> AdvanceNotice:
    actor = people.rules_manager.actor(ORIGIN)
    return advance.start(version=version, circle=circle or Circle(), actor=actor, at=WEDNESDAY_11_00, **SAID)


@pytest.mark.clause("O-3.3")
def test_a_rules_manager_previews_the_mail_and_every_subscriber_gets_it_once(people: People, jobs: Jobs) -> None:
    subscribe(people, "member-client", "e-contract")
    typed = {"circle": "all", "message_ja": "ご確認ください。", "message_en": "Please note."}
    typed |= {"planned_for_y": "2026", "planned_for_m": "11", "planned_for_d": "24"}
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        version = reviewed(people)
        browser, address = signed_in(people.rules_manager), reverse("applications:advance_new", args=[version.pk])
        shown = browser.post(address, typed | {"act": "preview"})
        assert "ご確認ください。" in shown.content.decode()
        assert not AdvanceNotice.objects.exists()
        browser.post(address, typed | {"act": "send"})
        answer = browser.post(address, typed | {"act": "send"})
        jobs.drain()
        result = browser.get(answer["location"]).content.decode()
    assert [letter.to for letter in mail.outbox] == [[people.hanako.email]]
    assert "11月24日" in mail.outbox[0].body
    assert "鍵の使い方を定めました。" in mail.outbox[0].body
    assert 'value="1" max="1"' in result
    assert people.hanako.name not in result


@pytest.mark.clause("O-3.3")
def test_a_mailing_is_stopped_and_goes_on_where_it_stopped(
    people: People, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advance, "BATCH", 2)
    crowd(5)
    version, manager = reviewed(people), people.rules_manager.actor(ORIGIN)
    mailing = begun(people, version)
    jobs.drop()
    assert advance.write_next(actor=WRITER, at=WEDNESDAY_11_00)
    stopped = advance.stop(advance=mailing, actor=manager, at=WEDNESDAY_11_00)
    jobs.run("applications.write_advance_notices")
    assert (progress_of(stopped).written, progress_of(stopped).handed_over) == (2, 2)
    with pytest.raises(Stale):
        advance.stop(advance=stopped, actor=manager, at=WEDNESDAY_11_00)
    advance.resume(advance=stopped, actor=manager, at=WEDNESDAY_11_00)
    jobs.drain()
    mailing.refresh_from_db()
    assert (mailing.status, progress_of(mailing).handed_over) == ("finished", 5)
    assert len({letter.to[0] for letter in mail.outbox}) == len(mail.outbox) == 5


@pytest.mark.clause("O-3.3")
def test_only_those_whom_the_change_touches_are_told(people: People, jobs: Jobs) -> None:
    crowd(2)
    subscribe(people, "e-contract")
    version = reviewed(people)
    system = TargetSystem.objects.get(slug="e-contract")
    mailing = begun(people, version, Circle(target_system=system))
    assert [row.person for row in mailing.recipients.all()] == [people.hanako]
    assert begun(people, version).recipients.count() == 3
    assert Notice.objects.filter(kind="applications/advance_notice").count() == 0
    jobs.run("applications.write_advance_notices")
    assert Notice.objects.filter(kind="applications/advance_notice", recipient=people.hanako).count() == 2


def test_what_can_not_be_announced_is_refused_with_the_reason(people: People) -> None:
    version = reviewed(people)
    with pytest.raises(RuleViolated) as refused:
        begun(people, version)
    assert [violation.code for violation in refused.value.violations] == ["nobody"]
    subscribe(people, "e-contract")
    posted = DocumentVersion.objects.filter(status="published").first()
    assert posted is not None
    late = SAID | {"planned_for": (WEDNESDAY_11_00 - timedelta(days=1)).date()}
    with pytest.raises(RuleViolated) as refused:
        advance.start(version=posted, circle=Circle(), actor=people.rules_manager.actor(), at=WEDNESDAY_11_00, **late)
    assert {violation.code for violation in refused.value.violations} == {"not_reviewed", "past"}
    with pytest.raises(NotAllowed):
        advance.start(version=version, circle=Circle(), actor=people.agent.actor(), at=WEDNESDAY_11_00, **SAID)


@pytest.mark.parametrize(
    "typed", [{}, {"circle": "nowhere"}, {"circle": "contract", "contract": "Z-9"}, {"planned_for_y": "20x6"}]
)
def test_a_mailing_that_is_filled_in_badly_stays_to_be_corrected(people: People, typed: dict[str, str]) -> None:
    version = reviewed(people)
    address = reverse("applications:advance_new", args=[version.pk])
    assert signed_in(people.rules_manager).post(address, typed).status_code == 422
    assert signed_in(people.hanako).post(address, typed).status_code == 404
