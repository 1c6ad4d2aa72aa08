"""Several lines of a file refused with one ground, and lines chosen by what the system found about them."""

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Notice
from applications.batches import Batch, BatchLine, BatchTask, BatchTaskLine
from applications.models import Application, Decision
from applications.worker import batch_looking, batch_tasks
from audit.models import Event
from tests.applications import cases
from tests.applications.filing_many import AT
from tests.applications.test_examining_many import recommended, seen_on, statuses
from tests.people import People, signed_in

pytestmark = pytest.mark.usefixtures("wednesday")

WORDS = {"ground": "unsuitable", "text": "台帳にない装置です。台帳を直してから、もう一度お申し込みください。"}


def page_of(batch: Batch, act: str = "") -> str:
    return f"/examination/files/{batch.pk}/{act}"


def proposed(people: People, batch: Batch, *lines: int) -> None:
    browser = signed_in(people.examiner)
    form = browser.get(page_of(batch, "propose-refusal/"), {"line": lines}).content.decode()
    seen = form.split('name="seen" value="')[1].split('"')[0]
    sent = {**WORDS, "seen": seen, "line": lines}
    assert browser.post(page_of(batch, "propose-refusal/"), sent).status_code == 302
    batch_tasks.work_on_all()


@pytest.mark.clause("O-4.3.4")
def test_ticked_lines_are_refused_with_one_ground_by_two_people(people: People, batch: Batch) -> None:
    proposed(people, batch, 2, 4)
    assert statuses(batch) == ["awaiting_approval", "submitted", "awaiting_approval", "submitted"]
    approver = signed_in(people.approver)
    page = approver.get(page_of(batch)).content.decode()
    assert WORDS["text"] in page
    seen = seen_on(approver, batch, "refuse")
    assert approver.post(page_of(batch, "refuse/"), {"seen": seen}).status_code == 302
    batch_tasks.work_on_all()
    assert statuses(batch) == ["refused", "submitted", "refused", "submitted"]
    for row in Application.objects.filter(batch=batch, status="refused"):
        assert (row.refusal_ground, row.refusal_text) == (WORDS["ground"], WORDS["text"])
        said = [(word.kind, word.person) for word in row.decisions.order_by("at", "pk")]
        assert said == [(Decision.REFUSAL_PROPOSED, people.examiner), (Decision.REFUSED, people.approver)]
        assert Notice.objects.filter(kind="applications/refused", dedupe__contains=str(row.pk)).exists()
    assert Event.objects.filter(act="batch:propose").count() == Event.objects.filter(act="batch:refuse").count() == 1


def test_without_ground_text_or_ticked_lines_nothing_is_proposed_and_what_was_typed_stays(
    people: People, batch: Batch
) -> None:
    browser = signed_in(people.examiner)
    assert browser.get(page_of(batch, "propose-refusal/")).status_code == 302
    answer = browser.post(page_of(batch, "propose-refusal/"), {"text": "書いたまま", "seen": "x", "line": ["2", "x"]})
    assert answer.status_code == 422
    assert "書いたまま" in answer.content.decode()
    answer = browser.post(page_of(batch, "propose-refusal/"), {**WORDS, "seen": "x", "line": ["2"]})
    assert answer.status_code == 409
    assert not BatchTask.objects.exists()


def test_a_line_whose_proposal_was_sent_back_meanwhile_is_left(people: People, batch: Batch) -> None:
    proposed(people, batch, 2, 3)
    approver = signed_in(people.approver)
    seen = seen_on(approver, batch, "refuse")
    assert approver.post(page_of(batch, "refuse/"), {"seen": seen}).status_code == 302
    first = Application.objects.filter(batch=batch).order_by("batch_line__line")[0]
    back = f"/examination/{first.pk}/return/"
    assert approver.post(back, {"note": "もう一度"}).status_code == 302
    batch_tasks.work_on_all()
    assert statuses(batch)[:2] == ["examining", "refused"]
    assert BatchTaskLine.objects.get(outcome="left").application == first


def test_what_was_asked_for_keeps_its_ground_and_text(people: People, batch: Batch) -> None:
    proposed(people, batch, 2)
    for columns in ({"ground": "trouble"}, {"text": "x"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            BatchTask.objects.update(**columns)
    with pytest.raises(IntegrityError), transaction.atomic():
        BatchTask.objects.create(batch=batch, kind="propose", asked_by=people.examiner, asked_at=AT, finished_at=AT)


def test_lines_are_filtered_by_what_was_found_about_them(people: People, batch: Batch) -> None:
    second = Application.objects.filter(batch=batch).order_by("batch_line__line")[1]
    cases.certificate_of_same_subject(second)
    browser = signed_in(people.examiner)
    assert "まだ調べていません" in browser.get(page_of(batch)).content.decode()
    batch_looking.look_at_waiting()
    line = BatchLine.objects.get(application=second)
    assert [(found["code"], found["level"]) for found in line.found] == [("valid_certificate", "stop")]
    assert set(line.found[0]["title"]) == {"ja", "en"}
    everything = browser.get(page_of(batch)).content.decode()
    filtered = browser.get(page_of(batch), {"show": "findings"}).content.decode()
    shown = [str(row.receipt_number) for row in Application.objects.filter(batch=batch).order_by("batch_line__line")]
    assert [number in everything for number in shown] == [True] * 4
    assert [number in filtered for number in shown] == [False, True, False, False]


def test_what_was_found_is_looked_up_again_after_a_day_and_when_a_line_was_left(people: People, batch: Batch) -> None:
    batch_looking.look_at_waiting()
    second = Application.objects.filter(batch=batch).order_by("batch_line__line")[1]
    cases.certificate_of_same_subject(second)
    batch_looking.look_at_waiting()
    assert not BatchLine.objects.exclude(found=[]).exists()
    recommended(people, batch)
    batch_looking.look_at_waiting()
    assert BatchLine.objects.exclude(found=[]).get().application == second
    BatchLine.objects.update(found=[])
    with time_machine.travel(AT + timedelta(hours=25), tick=False):
        batch_looking.look_at_waiting()
    assert BatchLine.objects.exclude(found=[]).filter(application=second).exists()


def test_the_page_of_a_file_asks_a_fixed_number_of_questions(people: People, batch: Batch) -> None:
    browser = signed_in(people.examiner)
    browser.get(page_of(batch))
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(page_of(batch)).status_code == 200
    assert len(asked) <= 36, [query["sql"][:100] for query in asked]
