"""Page images of what applicants handed in, so that no examiner opens a stranger's file (O-9)."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.db import transaction
from django.utils import timezone

from applications.models import Upload, UploadPage
from audit.actors import Actor
from vault.models import Purpose
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
    while done < BATCH and render_next():
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
    story = upload.application.story
    data = open_blob(blob=upload.blob, actor=RENDERER, reason="page images", at=timezone.now(), story=story)
    try:
        pages = drawn(data, upload.media_type)
    except DrawingError as error:
        log.warning("document not drawn", upload=str(upload.pk), reason=str(error))
        Upload.objects.filter(pk=upload.pk).update(render_status="failed", render_error=str(error)[:200])
        return True
    for number, page in enumerate(pages, start=1):
        blob = seal(purpose=Purpose.DOCUMENTS, plaintext=page.png)
        UploadPage.objects.create(upload=upload, number=number, blob=blob, width=page.width, height=page.height)
    Upload.objects.filter(pk=upload.pk).update(render_status="done")
    return True


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
