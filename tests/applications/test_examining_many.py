"""Many lines of a file are examined and approved at once, and each has a record of its own."""

import re

import pytest
from django.test import Client

from accounts.models import RoleGrant
from accounts.roles import Role
from applications.batches import Batch, BatchTask, BatchTaskLine
from applications.models import Application, ExaminationItem
from applications.selectors.batch_desk import candidates, common_sheet, seen_together
from applications.services import batch_examining, intake
from applications.services.batch_examining import Asked
from applications.worker import batch_tasks
from audit.refusals import NotAllowed, Stale
from tests.applications import cases
from tests.applications.filing_many import AT
from tests.people import People, signed_in

pytestmark = pytest.mark.usefixtures("wednesday")


def seen_on(browser: Client, batch: Batch, act: str) -> str:
    page = browser.get(f"/examination/files/{batch.pk}/").content.decode()
    form = re.search(rf'/{batch.pk}/{act}/".*?name="seen" value="(\w+)"', page, re.DOTALL)
    assert form is not None, page[-3000:]
    return form[1]


def answers(batch: Batch, **changed: str) -> dict[str, str]:
    first = Application.objects.filter(batch=batch, order__isnull=False).select_related("rules", "order").first()
    said: dict[str, str] = {}
    for item in common_sheet(first):
        said |= {f"{item.key}__result": item.results[0], f"{item.key}__evidence": "管理台帳 1 行目"}
        if item.kind == "telephone":
            call = {"source": "電話帳", "number": "06-9999-0000", "spoke_with": "総務", "note": "確認した"}
            said |= {f"{item.key}__{part}": value for part, value in call.items()}
    return said | changed


def recommended(people: People, batch: Batch) -> None:
    browser = signed_in(people.examiner)
    sent = answers(batch) | {"seen": seen_on(browser, batch, "recommend")}
    answer = browser.post(f"/examination/files/{batch.pk}/recommend/", sent)
    assert answer.status_code == 302, answer.content.decode()[:4000]
    batch_tasks.work_on_all()


def statuses(batch: Batch) -> list[str]:
    rows = Application.objects.filter(batch=batch).order_by("batch_line__line")
    return list(rows.values_list("status", flat=True))


@pytest.mark.clause("O-4.2", "J-3.2")
def test_clean_lines_go_on_together_each_with_its_own_examination_and_approval(people: People, batch: Batch) -> None:
    recommended(people, batch)
    assert statuses(batch) == ["awaiting_approval"] * 4
    keys = {item.key for item in common_sheet(Application.objects.filter(batch=batch).first())}
    for application in Application.objects.filter(batch=batch):
        judged = ExaminationItem.objects.filter(application=application, person=people.examiner)
        assert set(judged.values_list("key", flat=True)) == keys
        assert application.decisions.get().person == people.examiner
    approver = signed_in(people.approver)
    seen = seen_on(approver, batch, "approve")
    assert approver.post(f"/examination/files/{batch.pk}/approve/", {"seen": seen}).status_code == 302
    batch_tasks.work_on_all()
    assert statuses(batch) == ["approved"] * 4
    for application in Application.objects.filter(batch=batch).select_related("order"):
        assert application.order is not None
        given = application.order.approvals.filter(digest=application.order.digest)
        people_of = {row.role: row.person for row in given.exclude(role="applicant").select_related("person")}
        assert people_of == {"examiner": people.examiner, "approver": people.approver}
        assert application.order.status == "queued"


@pytest.mark.clause("J-3.2")
def test_the_page_shows_line_by_line_what_each_certificate_will_say(people: People, batch: Batch) -> None:
    page = signed_in(people.examiner).get(f"/examination/files/{batch.pk}/").content.decode()
    for number in range(1, 5):
        assert f"Collector {number}<" in page
        assert f"SERIAL-MK2-{number:06d}<" in page


def test_a_line_about_which_something_was_found_is_left_with_the_reason_and_untouched(
    people: People, batch: Batch
) -> None:
    cases_line = Application.objects.filter(batch=batch).order_by("batch_line__line")[1]
    cases.certificate_of_same_subject(cases_line)
    recommended(people, batch)
    assert statuses(batch) == ["awaiting_approval", "submitted", "awaiting_approval", "awaiting_approval"]
    left = BatchTaskLine.objects.get(outcome="left")
    assert left.application == cases_line
    assert set(left.message) == {"ja", "en"}
    assert not cases_line.items.exists()
    page = signed_in(people.examiner).get(f"/examination/files/{batch.pk}/").content.decode()
    assert left.message["ja"] in page
    assert f"/examination/{cases_line.pk}/" in page


def test_a_sheet_that_lacks_something_hands_nothing_on_and_keeps_what_was_typed(people: People, batch: Batch) -> None:
    browser = signed_in(people.examiner)
    seen = seen_on(browser, batch, "recommend")
    for wrong in (
        {"device__evidence": ""},
        {"device__result": "differs", "device__note": "違う"},
        {"device__result": ""},
    ):
        sent = answers(batch, **wrong) | {"seen": seen, "custodian__note": "書いたまま"}
        answer = browser.post(f"/examination/files/{batch.pk}/recommend/", sent)
        assert answer.status_code == 422
        assert "書いたまま" in answer.content.decode()
    assert not BatchTask.objects.exists()
    assert statuses(batch) == ["submitted"] * 4


def test_nobody_acts_on_lines_that_are_not_those_that_the_page_showed(people: People, batch: Batch) -> None:
    browser = signed_in(people.examiner)
    seen = seen_on(browser, batch, "recommend")
    first = Application.objects.filter(batch=batch).first()
    assert first is not None
    intake.withdraw(application=first, actor=first.applicant.actor(), at=AT)
    answer = browser.post(f"/examination/files/{batch.pk}/recommend/", answers(batch) | {"seen": seen})
    assert answer.status_code == 409
    assert not BatchTask.objects.exists()


def test_a_line_that_changed_after_it_was_asked_for_is_left(people: People, batch: Batch) -> None:
    browser = signed_in(people.examiner)
    sent = answers(batch) | {"seen": seen_on(browser, batch, "recommend")}
    assert browser.post(f"/examination/files/{batch.pk}/recommend/", sent).status_code == 302
    first = Application.objects.filter(batch=batch).order_by("batch_line__line").first()
    assert first is not None
    intake.withdraw(application=first, actor=first.applicant.actor(), at=AT)
    batch_tasks.work_on_all()
    assert statuses(batch) == ["withdrawn", *["awaiting_approval"] * 3]
    assert BatchTaskLine.objects.get(outcome="left").application == first


def test_who_filed_it_and_who_examined_it_decide_about_none_of_it(people: People, batch: Batch) -> None:
    for role in (Role.EXAMINER, Role.APPROVER):
        RoleGrant.objects.create(user=people.contract_admin, role=role, granted_by=None, granted_at=AT)
        RoleGrant.objects.get_or_create(user=people.examiner, role=role, ended_at=None, defaults={"granted_at": AT})
    for kind in ("recommend", "propose", "approve", "refuse"):
        with pytest.raises(NotAllowed):
            batch_examining.begin(batch=batch, asked=Asked(kind, ""), actor=people.contract_admin.actor(), at=AT)
    recommended(people, batch)
    rows = list(candidates(batch, "approve", people.examiner))
    assert rows == []
    everything = list(candidates(batch, "approve", people.approver))
    asked = Asked("approve", seen_together(everything))
    with pytest.raises(Stale):
        batch_examining.begin(batch=batch, asked=asked, actor=people.examiner.actor(), at=AT)


def test_whoever_loses_the_role_before_it_is_done_does_nothing_any_more(people: People, batch: Batch) -> None:
    browser = signed_in(people.examiner)
    sent = answers(batch) | {"seen": seen_on(browser, batch, "recommend")}
    assert browser.post(f"/examination/files/{batch.pk}/recommend/", sent).status_code == 302
    people.examiner.grants.update(ended_at=AT)
    batch_tasks.work_on_all()
    assert statuses(batch) == ["submitted"] * 4
    assert BatchTaskLine.objects.filter(outcome="left").count() == 4


def test_one_task_runs_at_a_time_and_a_lost_step_is_done_again_once(
    people: People, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_tasks, "LINES_AT_ONCE", 1)
    browser = signed_in(people.examiner)
    sent = answers(batch) | {"seen": seen_on(browser, batch, "recommend")}
    assert browser.post(f"/examination/files/{batch.pk}/recommend/", sent).status_code == 302
    assert browser.post(f"/examination/files/{batch.pk}/recommend/", sent).status_code == 409
    task = BatchTask.objects.get()
    assert batch_tasks.step(str(task.pk), AT)
    assert statuses(batch).count("awaiting_approval") == 1
    batch_tasks.work_on_all()
    batch_tasks.work_on_all()
    task.refresh_from_db()
    assert task.finished_at is not None
    assert statuses(batch) == ["awaiting_approval"] * 4


def test_what_was_judged_for_one_line_alone_stays(people: People, batch: Batch) -> None:
    first = Application.objects.filter(batch=batch).order_by("batch_line__line").first()
    assert first is not None
    cases.judged(first, people)
    before = dict(first.items.values_list("key", "evidence"))
    recommended(people, batch)
    after = dict(first.items.filter(key__in=before).values_list("key", "evidence"))
    assert after == before
    assert statuses(batch) == ["awaiting_approval"] * 4


@pytest.mark.parametrize("visitor", ["hanako", "contract_admin", "agent", "rules_manager"])
def test_the_pages_are_the_offices_alone(people: People, batch: Batch, visitor: str) -> None:
    browser = signed_in(getattr(people, visitor))
    document = batch.documents.get()
    for page in ("", f"documents/{document.pk}/", f"documents/{document.pk}/1.png"):
        answer = browser.get(f"/examination/files/{batch.pk}/{page}")
        assert answer.status_code == 404
    for act in ("recommend", "approve", "propose-refusal", "refuse"):
        assert browser.post(f"/examination/files/{batch.pk}/{act}/").status_code == 404


def test_the_list_counts_what_waits_and_common_documents_open_with_a_record(people: People, batch: Batch) -> None:
    browser = signed_in(people.examiner)
    assert batch.name in browser.get("/examination/files/").content.decode()
    document = batch.documents.get()
    answer = browser.get(f"/examination/files/{batch.pk}/documents/{document.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.content.startswith(b"%PDF")
