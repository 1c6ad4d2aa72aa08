"""What an examiner writes before a result is kept stays as a draft that decides nothing (O-4.2)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from applications.models import Application
from applications.selectors.watching import sheet_for
from applications.services import retention
from audit.actors import Actor
from tests.people import People, signed_in

HTMX = {"HX-Request": "true"}


@pytest.fixture
def examiner(application: Application, people: People) -> Client:
    browser = signed_in(people.examiner)
    browser.post(f"/examination/{application.pk}/claim/")
    return browser


def draft_of(application: Application) -> dict[str, str]:
    """What is kept of the words about the common name."""
    row = application.item_words.filter(key="common_name").first()
    return dict(row.typed) if row is not None else {}


def test_words_written_before_the_verdict_stay_as_a_draft_and_are_no_finding(
    examiner: Client, application: Application, people: People
) -> None:
    case = f"/examination/{application.pk}/"
    item = f"{case}items/common_name/"
    early = examiner.post(item, {"evidence": "登記 1 行目", "note": "旧字"}, headers=HTMX)
    assert early.status_code == 200
    assert not application.items.exists()
    page = examiner.get(case).content.decode()
    assert 'value="登記 1 行目"' in page
    assert 'value="旧字"' in page
    assert "下書きです" in page
    assert "登記 1 行目" not in signed_in(people.approver).get(case).content.decode()
    kept = examiner.post(item, {"evidence": "登記 1 行目", "result": "matches"}, headers=HTMX)
    assert kept.status_code == 200
    assert application.items.get().evidence == "登記 1 行目"
    assert draft_of(application) == {}
    assert "下書きです" not in examiner.get(case).content.decode()


def test_words_with_a_verdict_that_is_refused_stay_beside_the_one_that_was_kept(
    examiner: Client, application: Application
) -> None:
    case = f"/examination/{application.pk}/"
    item = f"{case}items/common_name/"
    assert examiner.post(item, {"evidence": "登記 1 行目", "result": "matches"}).status_code == 302
    assert examiner.post(item, {"evidence": "登記 2 行目", "result": "differs"}).status_code == 422
    assert application.items.get().result == "matches"
    assert draft_of(application)["evidence"] == "登記 2 行目"
    page = examiner.get(case).content.decode()
    assert 'value="登記 2 行目"' in page
    assert "下書き" in page


def test_a_draft_is_emptied_by_emptying_it_and_holds_nothing_that_nobody_can_see(
    examiner: Client, application: Application, people: People
) -> None:
    item = f"/examination/{application.pk}/items/common_name/"
    examiner.post(item, {"note": "旧字"}, headers=HTMX)
    hidden = examiner.post(item, {"note": "旧\x00字"}, headers=HTMX).content.decode()
    assert "x-common_name-1" in hidden
    assert draft_of(application)["note"] == "旧字"
    assert signed_in(people.second_examiner).post(item, {"note": "横から"}, headers=HTMX).status_code == 409
    examiner.post(item, {"note": " "}, headers=HTMX)
    assert draft_of(application) == {}
    missing = f"/examination/{application.pk}/items/no_such_item/"
    assert examiner.post(missing, {"note": "x"}, headers=HTMX).status_code == 404


def test_what_was_written_about_a_call_stays_as_a_draft_and_goes_with_the_contents(
    examiner: Client, application: Application
) -> None:
    (telephone,) = [row for row in sheet_for(application) if row.kind == "telephone"]
    item = f"/examination/{application.pk}/items/{telephone.key}/"
    examiner.post(item, {"source": "電話帳", "number": "03-0000-7777"}, headers=HTMX)
    page = examiner.get(f"/examination/{application.pk}/").content.decode()
    assert 'value="03-0000-7777"' in page
    Application.objects.filter(pk=application.pk).update(status="withdrawn")
    later = timezone.now() + timedelta(days=8000)
    assert retention.erase_contents(actor=Actor.system("test"), at=later) == 1
    assert not application.item_words.exists()
