"""Marking on a page where something was read, so that paper and sheet are tied by a number (J-3.2)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from applications.models import Application, DocumentMark, UploadPage
from applications.services.examination import held, person_id_of, sheet_item
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Violation
from audit.services import record


@transaction.atomic
def mark(
    *, application: Application, key: str, page: UploadPage, spot: tuple[int, int] | None, actor: Actor, at: datetime
) -> DocumentMark:
    """Set the mark of one item, in place of the one before. `spot` are thousandths of the upright page.

    Raises NotFound for a page of another application, RuleViolated for a place off the page, Stale when
    somebody else has the application.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_EXAMINE)
    application = held(application, actor)
    item = sheet_item(application, key)
    if page.upload.application_id != application.pk:
        raise NotFound
    if spot is None:
        message = _("Please choose a place on the page: 0 to 100 per cent from its left and its top.")
        raise RuleViolated([Violation("spot", "off_the_page", message)])
    where = {"upload": page.upload, "page": page.number, "x": spot[0], "y": spot[1]}
    row, _created = DocumentMark.objects.update_or_create(
        application=application, key=item.key, defaults={**where, "person_id": person_id_of(actor), "at": at}
    )
    details = {"item": item.key, "document": page.upload.key, "page": page.number, "x": spot[0], "y": spot[1]}
    record(act=Act.APPLICATION_EXAMINE, actor=actor, at=at, subject=application, details=details)
    return row


@transaction.atomic
def unmark(*, application: Application, key: str, actor: Actor, at: datetime) -> None:
    """Take the mark of one item away; taking it away twice changes nothing."""
    actor = authorise(actor=actor, act=Act.APPLICATION_EXAMINE)
    application = held(application, actor)
    if DocumentMark.objects.filter(application=application, key=key).delete()[0]:
        details = {"item": key, "removed": True}
        record(act=Act.APPLICATION_EXAMINE, actor=actor, at=at, subject=application, details=details)
