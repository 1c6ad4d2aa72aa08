"""Keys of parent services to the API: made, shown once, ended. Only a hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import record
from regulations.models import ApiToken, ParentService

READ: Final = "contracts:read"
WRITE: Final = "contracts:write"
SCOPES: Final = (READ, WRITE)
MARK: Final = "lra_"
SHOWN: Final = 10
USE_GRAIN: Final = timedelta(minutes=1)


@transaction.atomic
def make(
    *, parent_service: ParentService, name: str, scopes: Collection[str], expires_at: datetime | None, actor: Actor,
    at: datetime,
) -> tuple[ApiToken, str]:  # fmt: skip
    """Make a key; returns its row and the key itself, which nobody can read again (256 random bits)."""
    actor = authorise(actor=actor, act=Act.API_ACCESS_MAINTAIN)
    violations = []
    if not name.strip() or len(name) > 80:
        violations.append(Violation("name", "required", _("Please say where the key is used, in up to 80 characters.")))
    if not scopes or set(scopes) - set(SCOPES):
        violations.append(Violation("scopes", "scopes", _("Please choose what the key may do.")))
    if expires_at is not None and expires_at <= at:
        violations.append(Violation("expires_on", "past", _("This day has passed already.")))
    if violations:
        raise RuleViolated(violations)
    key = MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        parent_service=parent_service,
        name=name.strip(),
        scopes=sorted(scopes),
        prefix=key[:SHOWN],
        digest=digest_of(key),
        made_by_id=actor.person_id,
        made_at=at,
        expires_at=expires_at,
    )
    details = {
        "parent_service": parent_service.slug,
        "name": token.name,
        "scopes": token.scopes,
        "prefix": token.prefix,
    }
    record(act=Act.API_ACCESS_MAINTAIN, actor=actor, at=at, subject=token, details=details)
    return token, key


@transaction.atomic
def end(*, token: ApiToken, actor: Actor, at: datetime) -> None:
    """End a key at once; ending twice changes nothing."""
    actor = authorise(actor=actor, act=Act.API_ACCESS_MAINTAIN)
    if ApiToken.objects.filter(pk=token.pk, ended_at=None).update(ended_at=at):
        details = {"prefix": token.prefix, "ended": True}
        record(act=Act.API_ACCESS_MAINTAIN, actor=actor, at=at, subject=token, details=details)


def token_behind(*, key: str, at: datetime) -> ApiToken | None:
    """The usable key of a call, with its use noted once a minute; None for any other text."""
    if not key.startswith(MARK) or not key.isascii() or len(key) > 100:
        return None
    token = ApiToken.objects.usable(at).select_related("parent_service").filter(digest=digest_of(key)).first()
    if token is not None and (token.used_at is None or at - token.used_at >= USE_GRAIN):
        ApiToken.objects.filter(pk=token.pk).update(used_at=at)
    return token


def digest_of(key: str) -> bytes:
    """The hash under which a key is stored; its randomness makes salt and slowness needless."""
    return hashlib.sha256(key.encode()).digest()
