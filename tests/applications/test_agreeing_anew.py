"""A version that asks subscribers to agree anew: they are asked, reminded, and their consent is kept (O-4.1, J-5)."""

import csv
import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from accounts.models import User
from applications.views import agreeing
from regulations.models import Consent, DocumentVersion, Subscription
from regulations.services import drafts
from tests.applications.test_advance_notices import crowd, subscribe
from tests.harness.jobs import Jobs
from tests.instants import WEDNESDAY_11_00
from tests.people import ORIGIN, People, signed_in
from tests.regulations.test_drafts import terms, text, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_rules")]


def posted(
    people: People, number: str = "3.2", days: int | None = 14, at: datetime = WEDNESDAY_11_00
) -> DocumentVersion:
    """Post a version of the terms through both people."""
    first, second = people.rules_manager.actor(ORIGIN), people.second_rules_manager.actor(ORIGIN)
    draft = drafts.hand_in(version=written(people, text(number), days), actor=first, at=at)
    drafts.review(version=draft, seen=draft.sha256, actor=second, at=at)
    return drafts.post(version=draft, seen=draft.sha256, actor=first, at=at)


@pytest.mark.clause("O-4.1")
@pytest.mark.clause("J-5")
def test_a_subscriber_is_asked_reads_agrees_and_is_asked_no_more(people: People, jobs: Jobs) -> None:
    subscribe(people, "member-client")
    version, browser = posted(people), signed_in(people.hanako)
    address = reverse("applications:agree", args=["usage-terms"])
    with time_machine.travel(WEDNESDAY_11_00 + timedelta(hours=1), tick=False):
        jobs.run("applications.write_advance_notices")
        jobs.run("applications.write_advance_notices")
        assert [letter.to for letter in mail.outbox] == [[people.hanako.email]]
        assert address in browser.get(reverse("applications:home")).content.decode()
        assert "鍵を二人以上で使いません" in browser.get(address).content.decode()
        unticked = browser.post(address, {"seen": version.sha256})
        assert (unticked.status_code, Consent.objects.count()) == (302, 0)
        browser.post(address, {"seen": version.sha256, "consent": version.sha256})
        assert address not in browser.get(reverse("applications:home")).content.decode()
    consent = Consent.objects.get()
    assert (consent.person, consent.document_version, consent.sha256) == (people.hanako, version, version.sha256)
    assert "3.2" in consent.wording


@pytest.mark.clause("O-4.1")
def test_who_has_not_agreed_is_listed_and_reminded_before_the_limit(people: People, jobs: Jobs) -> None:
    subscribe(people, "member-client")
    version = posted(people)
    for later in (timedelta(hours=1), timedelta(days=5), timedelta(days=12), timedelta(days=13)):
        with time_machine.travel(WEDNESDAY_11_00 + later, tick=False):
            jobs.run("applications.write_advance_notices")
    assert len(mail.outbox) == 2
    with time_machine.travel(WEDNESDAY_11_00 + timedelta(days=13), tick=False):
        address = reverse("applications:text_consents", args=[version.pk])
        listed = signed_in(people.rules_manager).get(address).content.decode()
    assert people.hanako.name[:3] in listed
    assert people.hanako.name not in listed


@pytest.mark.clause("J-5")
def test_a_version_posted_while_reading_is_read_first(people: People) -> None:
    subscribe(people, "member-client")
    opened, browser = posted(people), signed_in(people.hanako)
    newest = posted(people, "3.3", days=None, at=WEDNESDAY_11_00 + timedelta(minutes=5))
    address = reverse("applications:agree", args=["usage-terms"])
    with time_machine.travel(WEDNESDAY_11_00 + timedelta(hours=1), tick=False):
        refused = browser.post(address, {"seen": opened.sha256, "consent": opened.sha256})
        assert (refused.status_code, Consent.objects.count()) == (422, 0)
        browser.post(address, {"seen": newest.sha256, "consent": newest.sha256})
    assert Consent.objects.get().document_version == newest


def test_a_version_that_leaves_consent_as_it_is_asks_nobody(people: People, jobs: Jobs) -> None:
    subscribe(people, "member-client")
    version = posted(people, days=None)
    jobs.run("applications.write_advance_notices")
    assert mail.outbox == []
    assert signed_in(people.hanako).get(reverse("applications:agree", args=["usage-terms"])).status_code == 200
    assert (
        signed_in(people.rules_manager).get(reverse("applications:text_consents", args=[version.pk])).status_code == 404
    )
    assert terms().versions.count() == 2


@pytest.mark.clause("O-4.1")
def test_everybody_who_has_not_agreed_is_on_some_page_and_in_the_file(
    people: People, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreeing, "FILE_PAGE", 2)
    crowd(61)
    Subscription.objects.update(status="in_use")
    User.objects.filter(email="crowd7@demo.example").update(name="=cmd()")
    version, browser = posted(people), signed_in(people.rules_manager)
    with time_machine.travel(WEDNESDAY_11_00 + timedelta(hours=1), tick=False):
        jobs.run("applications.write_advance_notices")
    address = reverse("applications:text_consents", args=[version.pk])
    first = browser.get(address, headers={"accept-language": "en"}).content.decode()
    last = browser.get(address + next_of(first)).content.decode()
    assert [page.count('<tr><th scope="row"') for page in (first, last)] == [50, 11]
    assert "61 people have not agreed yet" in first
    assert browser.get(f"{address}?after=nonsense").content.decode().count('<tr><th scope="row"') == 50
    file = browser.get(reverse("applications:text_consents_file", args=[version.pk]))
    rows = list(csv.reader(b"".join(file).decode("utf-8-sig").splitlines()))
    assert (len(rows), len(rows[1])) == (62, 4)
    assert [row[0] for row in rows if row[0].startswith(("=", "'"))] == ["'=c●●●●"]
    assert all(row[2] == "2026-11-18 12:00" for row in rows[1:])


def next_of(page: str) -> str:
    found = re.search(r'href="(\?after=[^"]+)" rel="next"', page)
    assert found
    return found[1]
