"""Drawing a stranger's document: a process of its own with few pages, few pixels, little memory and little time."""

import io
import zlib
from contextlib import suppress

import pikepdf
import pytest
from PIL import Image

from applications.models import Application, Upload
from applications.worker import drawing, pages
from applications.worker.pages import DrawingError, drawn
from tests.applications import cases
from tests.applications.test_bad_input import bomb_png
from vault.models import Purpose
from vault.services import seal

A4 = (595, 842)


def pdf(count: int = 1, size: tuple[float, float] = A4) -> bytes:
    document, out = pikepdf.new(), io.BytesIO()
    for _page in range(count):
        document.add_blank_page(page_size=size)
    document.save(out)
    return out.getvalue()


def test_no_more_pages_are_drawn_than_the_limit() -> None:
    assert len(drawn(pdf(drawing.MAX_PAGES + 5), "application/pdf")) == drawing.MAX_PAGES


@pytest.mark.parametrize("size", [A4, (14400, 14400), (14400, 40), (40, 14400), (3, 3)])
def test_no_page_becomes_larger_than_the_limit_however_large_it_says_it_is(size: tuple[int, int]) -> None:
    (page,) = drawn(pdf(size=size), "application/pdf")
    assert max(page.width, page.height) <= drawing.LONGEST_SIDE + 1
    with Image.open(io.BytesIO(page.png)) as image:
        assert image.size == (page.width, page.height)


def test_a_picture_that_would_fill_the_memory_ends_its_own_process_only() -> None:
    with pytest.raises(DrawingError):
        drawn(bomb_png(), "image/png")


def test_a_page_that_unpacks_to_gigabytes_ends_its_own_process_only() -> None:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=A4)
    packed = zlib.compress(zlib.compress(b"\0" * 64_000_000))
    document.pages[0].Contents = document.make_stream(
        packed, Filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
    )
    document.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    assert len(out.getvalue()) < 20_000
    with suppress(DrawingError):
        assert len(drawn(out.getvalue(), "application/pdf")) == 1


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\nnonsense", b"\x89PNG\r\n\x1a\n", b"<svg/>"])
@pytest.mark.parametrize("media_type", ["application/pdf", "image/png"])
def test_what_can_not_be_drawn_is_an_error_in_words(data: bytes, media_type: str) -> None:
    with pytest.raises(DrawingError):
        drawn(data, media_type)


def test_a_drawing_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SECONDS", 0.05)
    with pytest.raises(DrawingError, match="slow"):
        drawn(pdf(), "application/pdf")


def test_processor_time_and_memory_of_the_process_are_limited_too() -> None:
    assert drawing.CPU_SECONDS <= 60 <= pages.SECONDS
    assert drawing.MEMORY <= 1024 * 1024 * 1024


def test_a_document_that_can_not_be_drawn_is_marked_and_not_tried_for_ever(application: Application) -> None:
    upload = cases.hand_in(application, "seal_certificate", application.created_at)
    blob = seal(purpose=Purpose.DOCUMENTS, plaintext=b"%PDF-1.7\nnonsense")
    Upload.objects.filter(pk=upload.pk).update(blob=blob, render_status="waiting")
    assert pages.render_waiting() == 1
    assert pages.render_waiting() == 0
    upload.refresh_from_db()
    assert (upload.render_status, bool(upload.render_error)) == ("failed", True)
