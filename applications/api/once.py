"""Calls that change something are done once: a repeated call with the same key gets the same answer.

The answer is written in the transaction of the act. A refused call leaves nothing, so that it can be made again.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Header, Schema

from applications.api.keys import token_of_call
from audit.refusals import Refused
from audit.services import canonical
from regulations.models import ApiAnswer

KEPT = timedelta(days=30)
Work = Callable[[datetime], tuple[int, Schema]]
CallKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=100,
        pattern=r"^[\x21-\x7e]+$",
        description="Made by the caller, new for every new call. Repeated within 30 days it gives the same answer.",
    ),
]


class KeyReused(Refused):
    """The key of an earlier call came with another body."""

    code = "idempotency_key_reused"
    status = 422
    message = _("This Idempotency-Key was used for another call. Please make a new one.")


@transaction.atomic
def done_once(*, request: HttpRequest, key: str, body: Schema, work: Work) -> HttpResponse:
    """Do `work` and keep its answer under `key`; or give the answer that is kept. Raises KeyReused."""
    service, at = token_of_call(request).parent_service, timezone.now()
    call: dict[str, Any] = {"method": request.method, "path": request.path, "body": body.model_dump(mode="json")}
    digest = hashlib.sha256(canonical(call)).digest()
    kept, made = ApiAnswer.objects.get_or_create(
        parent_service=service, key=key, defaults={"call_digest": digest, "given_at": at}
    )
    if not made:
        if bytes(kept.call_digest) != digest:
            raise KeyReused(key=key)
        answer = JsonResponse(kept.body, status=kept.status)
        answer["Idempotency-Replayed"] = "true"
        return answer
    status, said = work(at)
    content = said.model_dump(mode="json")
    ApiAnswer.objects.filter(pk=kept.pk).update(status=status, body=content)
    return JsonResponse(content, status=status)


def forget_old(*, at: datetime) -> int:
    """Delete answers that nobody repeats any more; returns how many."""
    count, _models = ApiAnswer.objects.filter(given_at__lt=at - KEPT).delete()
    return count
