"""Page images of what applicants handed in, so that no examiner opens a stranger's file (O-9)."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.nudges import nudge
from applications.batches import BatchDocument, BatchDocumentPage
from applications.models import Upload, UploadPage
from applications.services.batches import READ_TASK
from audit.actors import Actor
from vault.models import Purpose, SealedBlob
from vault.services import open_blob, seal

log = structlog.get_logger(__name__)
RENDERER = Actor.system("renderer")
SECONDS = 90
BATCH = 20
PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Page:
    """One page as a PNG image."""

    width: int
    height: int
    png: bytes


class DrawingError(Exception):
    """The document could not be drawn."""


def render_waiting() -> int:
    """Draw what waits, up to one batch; returns how many documents were looked at. Workers never take the same one."""
    done = 0
    while done < BATCH and (render_next() or render_next_common()):
        done += 1
    return done


@transaction.atomic
def render_next() -> bool:
    """Draw the oldest document that waits; False when none does. One that can't be drawn is marked, not tried again."""
    waiting = Upload.objects.filter(render_status="waiting", removed_at=None, blob__isnull=False).order_by(
        "uploaded_at"
    )
    upload = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("blob").first()
    if upload is None or upload.blob is None:
        return False
    try:
        pages = sealed_pages(upload.blob, upload.media_type, upload.application.story)
    except DrawingError as error:
        log.warning("document not drawn", upload=str(upload.pk), reason=str(error))
        Upload.objects.filter(pk=upload.pk).update(render_status="failed", render_error=str(error)[:200])
        return True
    for number, (page, blob) in enumerate(pages, start=1):
        UploadPage.objects.create(upload=upload, number=number, blob=blob, width=page.width, height=page.height)
    Upload.objects.filter(pk=upload.pk).update(render_status="done")
    return True


@transaction.atomic
def render_next_common() -> bool:
    """Draw the oldest document of a whole file that waits; the filing of its lines goes on then."""
    waiting = BatchDocument.objects.filter(render_status="waiting", removed_at=None, blob__isnull=False)
    rows = waiting.order_by("uploaded_at").select_for_update(skip_locked=True, of=("self",)).select_related("blob")
    document = rows.first()
    if document is None or document.blob is None:
        return False
    status = "done"
    try:
        pages = sealed_pages(document.blob, document.media_type, document.batch_id)
    except DrawingError as error:
        log.warning("common document not drawn", document=str(document.pk), reason=str(error))
        pages, status = [], "failed"
    for number, (page, blob) in enumerate(pages, start=1):
        columns = {"number": number, "blob": blob, "width": page.width, "height": page.height}
        BatchDocumentPage.objects.create(document=document, **columns)
    BatchDocument.objects.filter(pk=document.pk).update(render_status=status)
    nudge(READ_TASK)
    return True


def sealed_pages(blob: SealedBlob, media_type: str, story: UUID) -> list[tuple[Page, SealedBlob]]:
    """The pages of a sealed document, each sealed again by itself. Raises DrawingError."""
    data = open_blob(blob=blob, actor=RENDERER, reason="page images", at=timezone.now(), story=story)
    return [(page, seal(purpose=Purpose.DOCUMENTS, plaintext=page.png)) for page in drawn(data, media_type)]


def drawn(data: bytes, media_type: str) -> list[Page]:
    """The pages of a document, drawn by a process of its own. Raises DrawingError."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "applications.worker.drawing", media_type],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            cwd=PROJECT,
            env={"PYTHONPATH": str(PROJECT), "LANG": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DrawingError("too slow") from error
    if done.returncode:
        raise DrawingError(f"the drawing process ended with {done.returncode}")
    return list(read_pages(io.BytesIO(done.stdout)))


def read_pages(stream: io.BytesIO) -> list[Page]:
    """The pages in the drawing process's answer."""
    pages = []
    while line := stream.readline():
        head = json.loads(line)
        pages.append(Page(head["width"], head["height"], stream.read(head["size"])))
    if not pages:
        raise DrawingError("no page")
    return pages
