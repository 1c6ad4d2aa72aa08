"""Pure decisions about orders and certificates: values in, answers out; no database, no clock."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from audit.services import canonical
from certificates import names
from certificates.names import Part
from certificates.profiles import CertificateProfile

SCHEMA: Final = 1
KEY_BY_APPLICANT: Final = "csr"
KEY_BY_LRA: Final = "lra"
PIN_BY_MAIL: Final = "mail"
PIN_BY_SECOND_MAIL: Final = "second_mail"
PIN_BY_LETTER: Final = "letter"
KEY_IN_BROWSER: Final = "browser"
KEY_MODES: Final = (KEY_BY_APPLICANT, KEY_BY_LRA, KEY_IN_BROWSER)
EXPIRING: Final = timedelta(days=60)


@dataclass(frozen=True)
class FrozenOrder:
    """The part of an order that approvals are given to; nothing else decides what is printed.

    `valid_until` is the contract's end, exclusive: the midnight after its last day (O-18.1).
    `application_digest` is the digest of the application as it was seen, in hexadecimal. `pin_to` is where
    the PIN goes (J-5.2): the postal address of a letter (`name`, `company`, `postal_code`, `address`) or another mail
    address (`email`); without it the PIN goes to the holder's own address.
    """

    application_digest: str
    target_system: str
    rules_version: UUID
    subject: tuple[Part, ...]
    emails: tuple[str, ...]
    profile: Mapping[str, Any]
    key_mode: str
    csr: bytes | None = None
    four_eyes: bool = True
    valid_until: datetime | None = None
    replaces: UUID | None = None
    pin_to: Mapping[str, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the form that is stored and that the digest is taken of."""
        return {
            "schema": SCHEMA,
            "application_digest": self.application_digest,
            "target_system": self.target_system,
            "rules_version": str(self.rules_version),
            "subject": [list(part) for part in self.subject],
            "san": {"email": list(self.emails)},
            "profile": dict(self.profile),
            "key_mode": self.key_mode,
            "csr": base64.b64encode(self.csr).decode() if self.csr else None,
            "four_eyes": self.four_eyes,
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "replaces": str(self.replaces) if self.replaces else None,
            **({"pin_to": dict(self.pin_to)} if self.pin_to else {}),
        }

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> FrozenOrder:
        """Return the order in `data`; raises ValueError, KeyError or TypeError when it is not one."""
        if data["schema"] != SCHEMA or data["key_mode"] not in KEY_MODES:
            raise ValueError("an order of another schema")
        if (data["key_mode"] == KEY_BY_APPLICANT) != bool(data["csr"]):
            raise ValueError("the key mode and the request don't fit")
        return cls(
            application_digest=str(data["application_digest"]),
            target_system=str(data["target_system"]),
            rules_version=UUID(data["rules_version"]),
            subject=tuple(Part(str(kind), str(value)) for kind, value in data["subject"]),
            emails=tuple(str(email) for email in data["san"].get("email", ())),
            profile=dict(data["profile"]),
            key_mode=str(data["key_mode"]),
            csr=base64.b64decode(data["csr"], validate=True) if data["csr"] else None,
            four_eyes=data["four_eyes"] is not False,
            valid_until=datetime.fromisoformat(data["valid_until"]) if data["valid_until"] else None,
            replaces=UUID(data["replaces"]) if data["replaces"] else None,
            pin_to=dict(data["pin_to"]) if data.get("pin_to") else None,
        )


def pin_way(frozen: Mapping[str, Any]) -> str:
    """Return by which way the PIN of an order goes: `letter`, `second_mail`, or `mail` where nothing else is named."""
    pin_to = frozen.get("pin_to") or {}
    if "address" in pin_to:
        return PIN_BY_LETTER
    return PIN_BY_SECOND_MAIL if "email" in pin_to else PIN_BY_MAIL


def digest_of(frozen: Mapping[str, Any]) -> str:
    """Return SHA-256 of the canonical form of an order's frozen part, in hexadecimal."""
    return hashlib.sha256(canonical(dict(frozen))).hexdigest()


def validity(
    profile: CertificateProfile, *, at: datetime, valid_until: datetime | None, issuer_ends: datetime
) -> tuple[datetime, datetime]:
    """Return begin and end of a certificate made at `at`, in whole seconds, both inclusive.

    It begins when it is made, is never back-dated, and outlasts neither its contract, whose end is
    exclusive (O-18.1), nor its issuer (RFC 5280 4.1.2.5).
    """
    begin = at.replace(microsecond=0)
    one_second = timedelta(seconds=1)
    ends = [begin + timedelta(days=profile.validity_days) - one_second, issuer_ends]
    if valid_until is not None:
        ends.append(valid_until - one_second)
    return begin, min(ends)


def subject_text(subject: Sequence[Part]) -> str:
    """Return a name for people to read and search; it is never read back into a name."""
    return ", ".join(f"{part.type}={part.value}" for part in subject)


def common_name(subject: Sequence[Part]) -> str:
    """Return the common name in a subject, or an empty text."""
    return next((part.value for part in subject if part.type == "CN"), "")


def standing(*, not_before: datetime, not_after: datetime, revoked: bool, revoking: bool, at: datetime) -> str:
    """Return how a certificate stands at `at`, in the words of the table of statuses."""
    if revoked:
        return "revoked"
    if at > not_after:
        return "expired"
    if revoking:
        return "revoking"
    if at < not_before:
        return "not_yet_valid"
    return "expiring" if not_after - at <= EXPIRING else "valid"


def name_parts(subject: Sequence[Sequence[str]]) -> tuple[Part, ...]:
    """Return the parts in the stored form of a subject."""
    return tuple(names.Part(kind, value) for kind, value in subject)
