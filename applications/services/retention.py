"""What is destroyed when its time has passed: documents, and what was filled in (O-10, J-6.1, J-6.2).

The pinned rules say how many days after the end of the case. A case ends when it is refused, withdrawn or lapsed, or
when its order is cancelled; an issued one ends with its certificate. Receipt number, digests, decisions and evidence
stay, and so does the row of each document, which says when it was destroyed. A story under legal hold is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.services import authorise
from applications.batches import Batch, BatchDocument, BatchDocumentPage, BatchLine
from applications.models import Application, ChangeNotice, Upload, UploadPage
from applications.services.finding import forget_card
from audit.actors import Actor
from audit.acts import Act
from audit.models import LegalHold
from audit.services import record
from regulations.models import TargetSystemVersion
from regulations.ruleset import Retention
from vault.models import SealedBlob
from vault.services import destroy

ENDED: Final = ("refused", "withdrawn", "lapsed")
BATCH: Final = 200
REASON: Final = "its retention has passed"


def destroy_documents(*, actor: Actor, at: datetime, limit: int = BATCH) -> int:
    """Destroy the documents of cases that ended long enough ago; returns of how many cases.

    Each case is a transaction of its own; another worker passes it over, and a second run finds nothing.
    """
    actor = authorise(actor=actor, act=Act.UPLOAD_DESTROY)
    rows = Application.objects.filter(documents_destroyed_at=None)
    found = due(rows, "documents_days", at, limit)
    return sum(destroy_documents_of(application_id=key, days=days, actor=actor, at=at) for key, days in found)


def erase_contents(*, actor: Actor, at: datetime, limit: int = BATCH) -> int:
    """Erase what was filled in for cases that ended long enough ago; returns for how many cases."""
    actor = authorise(actor=actor, act=Act.APPLICATION_ERASE)
    found = due(Application.objects.filter(contents_erased_at=None), "application_days", at, limit)
    return sum(erase_contents_of(application_id=key, days=days, actor=actor, at=at) for key, days in found)


def erase_notices(*, actor: Actor, at: datetime, limit: int = BATCH) -> int:
    """Erase what notices of change said, once the contents of the application behind are erased; returns of how many.

    A notice that is still open is work to be done, and stays.
    """
    actor = authorise(actor=actor, act=Act.CHANGE_ERASE)
    held = LegalHold.objects.filter(ended_at=None).values("story")
    over = ChangeNotice.objects.filter(contents_erased_at=None, status__in=("settled", "withdrawn"))
    over = over.filter(certificate__order__application__contents_erased_at__isnull=False)
    found = over.exclude(certificate__story__in=held).order_by("received_at").values_list("pk", flat=True)[:limit]
    return sum(erase_notice(notice_id=key, actor=actor, at=at) for key in found)


@transaction.atomic
def erase_notice(*, notice_id: UUID, actor: Actor, at: datetime) -> bool:
    """Erase what one notice of change said; False when another worker has it or did it."""
    rows = ChangeNotice.objects.filter(pk=notice_id, contents_erased_at=None)
    row = rows.select_for_update(of=("self",), skip_locked=True).first()
    if row is None:
        return False
    empty: dict[str, Any] = {"changes": [], "text": "", "findings": "", "answer": "", "return_note": ""}
    ChangeNotice.objects.filter(pk=row.pk).update(**empty, contents_erased_at=at)
    record(act=Act.CHANGE_ERASE, actor=actor, at=at, subject=row, details={"number": row.receipt_number})
    return True


def due(rows: QuerySet[Application], key: str, at: datetime, limit: int) -> list[tuple[UUID, int]]:
    """Return the cases among `rows` whose days by the rule `key` have passed, each with its days."""
    held = LegalHold.objects.filter(ended_at=None).values("story")
    found: list[tuple[UUID, int]] = []
    for days, versions in days_of_rules(key).items():
        free = rows.filter(rules__in=versions).exclude(pk__in=held)
        for part in ended_by(free, at - timedelta(days=days)):
            found += [(pk, days) for pk in part.values_list("pk", flat=True)[: limit - len(found)]]
    return found


def days_of_rules(key: str) -> dict[int, list[UUID]]:
    """Return the versions of rules by their days of retention; versions from before the rule have its default."""
    usual = getattr(Retention(), key)
    found: dict[int, list[UUID]] = defaultdict(list)
    for version, kept in TargetSystemVersion.objects.exclude(status="draft").values_list("pk", "rules__retention"):
        found[(kept or {}).get(key, usual)].append(version)
    return found


def ended_by(rows: QuerySet[Application], until: datetime) -> Iterator[QuerySet[Application]]:
    """Yield the cases that had ended by `until`, first those without a certificate, then those with one."""
    yield rows.filter(status__in=ENDED, status_since__lte=until).order_by("status_since")
    issued = rows.filter(status="approved")
    yield issued.filter(order__status="cancelled", order__status_since__lte=until).order_by("order__status_since")
    gone = Q(order__certificate__not_after__lte=until) | Q(order__certificate__revoked_at__lte=until)
    yield issued.filter(gone).order_by("order__certificate__not_after")


@transaction.atomic
def destroy_documents_of(*, application_id: UUID, days: int, actor: Actor, at: datetime) -> bool:
    """Destroy the documents of one case and their pages; False when another worker has it, or has done it."""
    row = claimed(Application.objects.filter(pk=application_id, documents_destroyed_at=None))
    if row is None:
        return False
    uploads = list(row.uploads.filter(destroyed_at=None).select_related("blob"))
    pages = list(UploadPage.objects.filter(upload__in=uploads).select_related("blob"))
    common = common_blobs(row)
    blobs = [*(upload.blob for upload in uploads if upload.blob is not None), *(page.blob for page in pages)]
    UploadPage.objects.filter(pk__in=[page.pk for page in pages]).delete()
    Upload.objects.filter(pk__in=[upload.pk for upload in uploads]).update(blob=None, file_name="", destroyed_at=at)
    Application.objects.filter(pk=row.pk).update(documents_destroyed_at=at)
    last = forget_common(row, at)
    for blob in [*(blob for blob in blobs if blob.pk not in common), *last]:
        destroy(blob=blob, actor=actor, reason=REASON, at=at, story=row.story)
    if uploads:
        details = {"documents": [upload.sha256 for upload in uploads], "days": days}
        record(act=Act.UPLOAD_DESTROY, actor=actor, at=at, subject=row, details=details)
    return True


def common_blobs(row: Application) -> set[UUID]:
    """Return what is sealed once for all lines of the file that a case came by; no single case may destroy it."""
    if row.batch_id is None:
        return set()
    pages = BatchDocumentPage.objects.filter(document__batch=row.batch_id).values_list("blob_id", flat=True)
    files = BatchDocument.objects.filter(batch=row.batch_id, blob__isnull=False).values_list("blob_id", flat=True)
    return {*pages, *filter(None, files)}


def forget_common(row: Application, at: datetime) -> list[SealedBlob]:
    """Return what was common to all lines of a file, once no case of it needs it any more; the rows say since when.

    Two last cases at once wait for each other at the row of the file.
    """
    if row.batch_id is None:
        return []
    Batch.objects.select_for_update(of=("self",)).get(pk=row.batch_id)
    if Application.objects.filter(batch=row.batch_id, documents_destroyed_at=None).exists():
        return []
    documents = BatchDocument.objects.filter(batch=row.batch_id, blob__isnull=False)
    pages = BatchDocumentPage.objects.filter(document__batch=row.batch_id)
    blobs = list(SealedBlob.objects.filter(Q(pk__in=documents.values("blob")) | Q(pk__in=pages.values("blob"))))
    pages.delete()
    documents.update(blob=None, file_name="", destroyed_at=at)
    return blobs


@transaction.atomic
def erase_contents_of(*, application_id: UUID, days: int, actor: Actor, at: datetime) -> bool:
    """Erase the answers, the request and the index card of one case; False when another worker has it or did it."""
    row = claimed(Application.objects.filter(pk=application_id, contents_erased_at=None))
    if row is None:
        return False
    empty: dict[str, Any] = {"values": {}, "typed": {}, "csr_der": None, "key_digest": ""}
    empty |= {"sort_name": "", "printed_name": "", "contents_erased_at": at}
    Application.objects.filter(pk=row.pk).update(**empty)
    row.information_requests.update(answers={}, answer="")
    row.item_words.all().delete()
    forget_card(row)
    BatchLine.objects.filter(application=row).update(email="", name="", subject_key="", key_digest="", found=[])
    record(act=Act.APPLICATION_ERASE, actor=actor, at=at, subject=row, details={"digest": row.digest, "days": days})
    return True


def claimed(rows: QuerySet[Application]) -> Application | None:
    """Return the case, locked; None when somebody else has it."""
    return rows.select_for_update(of=("self",), skip_locked=True).first()
