"""Many applications at once, copied from one that went through intake; for lists, where only a few columns count."""

from datetime import datetime, timedelta
from uuid import uuid4

from accounts.spelling import card
from applications.models import Application, IndexCard


def crowd(application: Application, number: int, *, status: str = "submitted", **columns: object) -> list[Application]:
    """Return copies in `status`, each due an hour later than the one before."""
    due_at: datetime = application.due_at  # type: ignore[assignment]
    named = {field.attname: getattr(application, field.attname) for field in Application._meta.concrete_fields}
    drafts = [
        Application(
            **{
                **named,
                "id": uuid4(),
                "receipt_number": f"2026-{uuid4().hex[:10]}",
                "order_id": None,
                "subscription_id": None,
                "status": "draft",
                "due_at": due_at + timedelta(hours=n),
                "sort_name": f"なまえ{n % 7}",
                **columns,
            }
        )
        for n in range(number)
    ]
    Application.objects.bulk_create(drafts)
    rows = Application.objects.filter(pk__in=[draft.pk for draft in drafts])
    for passed in WAYS[status]:
        rows.update(status=passed)
    IndexCard.objects.bulk_create(
        IndexCard(application=draft, text=card([draft.receipt_number or "", *map(str, draft.values.values())]))
        for draft in drafts
    )
    return list(rows.order_by("due_at", "pk"))


WAYS = {
    "submitted": ("submitted",),
    "examining": ("submitted", "examining"),
    "waiting_information": ("submitted", "examining", "waiting_information"),
    "awaiting_approval": ("submitted", "examining", "awaiting_approval"),
    "approved": ("submitted", "examining", "awaiting_approval", "approved"),
    "withdrawn": ("submitted", "withdrawn"),
}
