"""Documents beside the sheet: sized, turned, and tied to the rows by numbered marks (J-3.2)."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from applications.models import Application, DocumentMark, UploadPage
from applications.rules.sheet import Verdict
from applications.rules.viewing import (
    MARKING_WIDTH,
    TURNS,
    ZOOMS,
    Spot,
    ViewState,
    drawing_of,
    spot_of,
    spot_of_click,
    turned,
)
from applications.services import examination, marking
from audit.refusals import NotFound, RuleViolated, Stale
from tests.applications import cases
from tests.people import ORIGIN, People, signed_in


@pytest.fixture
def examiner(application: Application, people: People) -> Client:
    browser = signed_in(people.examiner)
    browser.post(f"/examination/{application.pk}/claim/")
    return browser


def seal_page(application: Application) -> UploadPage:
    return UploadPage.objects.get(upload__application=application, upload__key="seal_certificate")


def place(application: Application, act: str) -> str:
    return f"/examination/{application.pk}/items/common_name/{act}/"


def test_a_page_is_sized_and_turned_by_its_address_alone(examiner: Client, application: Application) -> None:
    page = examiner.get(f"/examination/{application.pk}/", {"zoom": "200", "turn": "90"}).content.decode()
    assert 'class="page page--200" viewBox="0 0 420 300"' in page
    assert 'transform="translate(420 0) rotate(90)"' in page
    odd = {"zoom": "9999", "turn": "45", "document": "x\x00", "mark": "<b>"}
    assert (
        'class="page page--100" viewBox="0 0 300 420"'
        in examiner.get(f"/examination/{application.pk}/", odd).content.decode()
    )


def test_sizes_end_at_both_ends_and_a_turn_comes_round() -> None:
    assert ViewState(zoom=ZOOMS[-1]).larger == ViewState(zoom=ZOOMS[0]).smaller == ""
    state = ViewState()
    for _quarter in TURNS:
        state = ViewState.parse(dict(part.split("=") for part in state.turned[1:].split("&") if part))
    assert state == ViewState()


@pytest.mark.parametrize(
    ("turn", "where"), [(0, (30.0, 84.0)), (90, (336.0, 30.0)), (180, (270.0, 336.0)), (270, (84.0, 270.0))]
)
def test_a_mark_stays_on_its_word_however_the_page_is_turned(turn: int, where: tuple[float, float]) -> None:
    assert turned(100, 200, 300, 420, turn) == where
    drawing = drawing_of(number=1, width=300, height=420, turn=turn, spots=[Spot(7, 100, 200)])
    assert [(pin.number, pin.x, pin.y) for pin in drawing.pins] == [(7, *where)]


@pytest.mark.parametrize("zoom", ZOOMS)
def test_a_click_means_the_same_place_at_every_size(zoom: int) -> None:
    width = MARKING_WIDTH * zoom / 100
    click = (str(round(width / 4)), str(round(width * 1.4 / 2)))
    found = spot_of_click(*click, zoom=zoom, width=300, height=420)
    assert found is not None
    assert abs(found[0] - 250) <= 1
    assert abs(found[1] - 500) <= 1


@pytest.mark.parametrize("typed", [("", ""), ("x", "1"), ("-1", "5"), ("101", "5"), ("nan", "5"), ("5", "1e9")])
def test_a_place_off_the_page_is_none(typed: tuple[str, str]) -> None:
    assert spot_of(*typed) is None


@pytest.mark.clause("J-3.2")
def test_a_number_ties_the_paper_to_the_row_and_is_its_evidence(
    examiner: Client, application: Application, people: People
) -> None:
    shown = examiner.get(f"/examination/{application.pk}/", {"mark": "common_name"})
    assert 'type="image" name="at"' in shown.content.decode()
    page = seal_page(application)
    where = {"upload": str(page.upload_id), "page": "1", "at.x": str(MARKING_WIDTH // 2), "at.y": "168"}
    answer = examiner.post(place(application, "mark"), where)
    assert answer["Location"].endswith("#item-common_name")
    kept = DocumentMark.objects.get()
    assert (kept.key, kept.upload_id, kept.x, kept.y) == ("common_name", page.upload_id, 500, 250)
    case = examiner.get(f"/examination/{application.pk}/").context["case"]
    number = case.viewer.ties["common_name"].number
    assert [row.item.key for row in case.compare].index("common_name") + 1 == number
    with_pin = examiner.get(f"/examination/{application.pk}/", {"document": str(page.upload_id)})
    assert f'font-size="8.2">{number}</text>' in with_pin.content.decode()
    examination.judge(
        application=application,
        key="common_name",
        verdict=Verdict("matches"),
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )
    assert "印鑑証明書" in application.items.get(key="common_name").evidence


def test_a_mark_is_set_by_numbers_too_moved_and_taken_away(examiner: Client, application: Application) -> None:
    page = seal_page(application)
    typed = {"by": "numbers", "upload": str(page.upload_id), "page": "1", "left": "12.5", "top": "80"}
    assert examiner.post(place(application, "mark"), {**typed, "top": "120"}).status_code == 422
    for left, stored in (("12.5", 125), ("50", 500)):
        assert examiner.post(place(application, "mark"), {**typed, "left": left}).status_code == 302
        assert DocumentMark.objects.get().x == stored
    assert examiner.post(place(application, "unmark"), {}).status_code == 302
    assert not DocumentMark.objects.exists()


def test_nobody_marks_the_paper_of_another_case_nor_a_colleagues(
    examiner: Client, application: Application, people: People
) -> None:
    other = cases.submitted(people.jiro)
    foreign = seal_page(other)
    typed = {"by": "numbers", "upload": str(foreign.upload_id), "page": "1", "left": "1", "top": "1"}
    assert examiner.post(place(application, "mark"), typed).status_code == 404
    for bad in ({"upload": "x"}, {"page": "99"}, {"page": "-1"}):
        assert examiner.post(place(application, "mark"), {**typed, **bad}).status_code == 404
    page = seal_page(application)

    def mark(person: User, where: UploadPage, spot: tuple[int, int] | None) -> DocumentMark:
        return marking.mark(
            application=application,
            key="common_name",
            page=where,
            spot=spot,
            actor=person.actor(ORIGIN),
            at=timezone.now(),
        )

    with pytest.raises(NotFound):
        mark(people.examiner, foreign, (1, 1))
    with pytest.raises(Stale):
        mark(people.second_examiner, page, (1, 1))
    with pytest.raises(RuleViolated):
        mark(people.examiner, page, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        DocumentMark.objects.create(
            application=application, key="x", upload=page.upload, page=1, x=1001, y=0,
            person=people.examiner, at=timezone.now(),
        )  # fmt: skip


def test_contract_earlier_applications_and_certificates_stand_beside_the_case(
    examiner: Client, application: Application, people: People
) -> None:
    other = cases.submitted(people.jiro, person_latin="Jiro Mihon")
    held = cases.certificate_of_same_subject(application)
    page = examiner.get(f"/examination/{application.pk}/")
    background = page.context["case"].background
    assert background.contract_standing == "in_force"
    assert [row.pk for row in background.company] == [other.pk]
    assert [row.certificate.pk for row in background.held] == [held.pk]
    assert str(other.receipt_number) in page.content.decode()
