"""What the mails about certificates say: plain values for the outbox, no personal data beyond the mail's own.

The processes that write these rows serve no pages, so addresses are put together here; a test holds them
beside the URLs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings

from audit.models import Seal
from audit.verifier import head_hash
from certificates import reminders
from certificates.models import Certificate, Order, SampleCertificate
from certificates.reminders import Terms
from certificates.rules import common_name, name_parts, pin_way
from certificates.superseding import old_ends_at
from regulations.models import ContactPoint, TargetSystemVersion

READY: Final = "certificates/ready"
PIN: Final = "certificates/pin"
MAKE_KEY: Final = "certificates/make_key"
MADE_IN_BROWSER: Final = "certificates/made_in_browser"
START_OF_SERVICE: Final = "certificates/start_of_service"
ALARM: Final = "certificates/alarm"
SEAL_ALARM: Final = "certificates/seal_alarm"
SEAL_HEAD: Final = "certificates/seal_head"
SAMPLE: Final = "certificates/sample_findings"
OVERDUE_OFFICE: Final = "certificates/overdue_office"
# The mail of each step of `certificates.reminders`.
KINDS: Final = {
    reminders.HALF: "certificates/receipt",
    reminders.LAST: "certificates/receipt",
    reminders.OVERDUE: "certificates/receipt",
    reminders.EXPIRY: "certificates/expiry",
    reminders.EXPIRED: "certificates/expired",
}


def ready(certificate: Certificate, token: str) -> dict[str, Any]:
    """Return what the mail says that leads the holder, and nobody else, to the certificate."""
    return {
        "management_number": certificate.management_number,
        "common_name": certificate.common_name,
        "by_pin": certificate.pkcs12_id is not None,
        "pin_way": pin_way(certificate.order.frozen),
        **replacing(certificate),
        "url": _url(f"certificates/delivery/{token}/"),
    }


def key_of_make_key(order: Order, *, week: int = 0) -> str:
    """Return the key of the mail that asks for a key; with `week` that of its repetition after so many weeks."""
    again = f"/week/{week}" if week else ""
    return f"certificates/make_key/{order.pk}/{order.round}/{order.attempts}{again}"


def make_key(order: Order, *, again: bool = False) -> dict[str, Any]:
    """Return what asks the holder to make the key in the browser: everything else was approved."""
    return {
        "again": again,
        "common_name": common_name(name_parts(order.frozen["subject"])),
        "url": _url(f"certificates/pick-up/{order.pk}/"),
    }


def made_in_browser(certificate: Certificate) -> dict[str, Any]:
    """Return what tells the holder that the certificate for the key of their browser was issued."""
    return {
        "management_number": certificate.management_number,
        "common_name": certificate.common_name,
        **replacing(certificate),
        "url": _url(f"certificates/{certificate.pk}/"),
    }


def replacing(certificate: Certificate) -> dict[str, Any]:
    """Return what tells the holder of a reissued certificate when the one that it replaces ends (O-15.1.2)."""
    ends_at = old_ends_at(certificate)
    if ends_at is None or certificate.order.replaces is None:
        return {}
    return {"replaces": certificate.order.replaces.management_number, "old_ends_at": ends_at.isoformat()}


def pin(certificate: Certificate) -> dict[str, Any]:
    """Return what stands around the PIN; the PIN itself is put in by the worker alone."""
    return {"management_number": certificate.management_number, "common_name": certificate.common_name}


def start_of_service(certificate: Certificate, desk: ContactPoint | None) -> dict[str, Any]:
    """Return what tells the subscriber that use may begin, and how the call center is reached (O-5, O-8.2)."""
    return {
        "management_number": certificate.management_number,
        "common_name": certificate.common_name,
        "not_after": certificate.not_after.isoformat(),
        "url": _url(f"certificates/{certificate.pk}/start/"),
        "desk": _desk(desk),
    }


def alarm(what: str, page: str) -> dict[str, Any]:
    """Return what a key officer has to know, and on which page of the office they look after it."""
    return {"what": what, "url": _url(page)}


def receipt(certificate: Certificate, terms: Terms, *, overdue: bool) -> dict[str, Any]:
    """Return what reminds the holder to fetch and accept, and says what follows otherwise (O-16.2.2)."""
    limit = terms.accept_by(certificate.issued_at)
    return {
        "management_number": certificate.management_number,
        "common_name": certificate.common_name,
        "accept_by": limit.isoformat() if limit else "",
        "overdue": overdue,
        "fetched": certificate.delivery == "downloaded",
        "revoked_otherwise": terms.acceptance_lapse == "revoke",
        "url": _url(f"certificates/{certificate.pk}/"),
    }


def end(certificate: Certificate, terms: Terms) -> dict[str, Any]:
    """Return what tells the holder of a certificate's end, and from when on it can be renewed (O-16.2.6, J-5.6)."""
    opens = certificate.not_after - timedelta(days=terms.renewal_days) if terms.renewal_days else None
    return {
        "management_number": certificate.management_number,
        "common_name": certificate.common_name,
        "not_after": certificate.not_after.isoformat(),
        "renew_from": opens.isoformat() if opens else "",
        "url": _url(f"certificates/{certificate.pk}/"),
    }


def sample_findings(version: TargetSystemVersion, sample: SampleCertificate) -> dict[str, Any]:
    """Return what tells a rules manager that rules in force make certificates with findings."""
    return {
        "system": version.rules["name"],
        "number": version.number,
        "findings": list(sample.findings),
        "url": _url(f"rules/versions/{version.pk}/"),
    }


def overdue_receipts(certificates: Sequence[Certificate]) -> dict[str, Any]:
    """Return what tells the office whose receipt is overdue."""
    return {
        "numbers": [certificate.management_number for certificate in certificates],
        "url": _url("office/orders/"),
    }


def seal_alarm(behind: timedelta, *, may_look: bool) -> dict[str, Any]:
    """Return what tells that the evidence is no longer sealed in time; the page is named to whom it opens."""
    return {"seconds": int(behind.total_seconds()), "url": _url("office/orders/") if may_look else ""}


def seal_head(seal: Seal) -> dict[str, Any]:
    """Return what an auditor keeps of a day: the newest head, which a later export must still contain."""
    return {
        "number": seal.number,
        "total": seal.total,
        "sealed_at": seal.sealed_at.isoformat(),
        "head": head_hash(seal.head()),
        "key": seal.key.fingerprint,
        "signature": bytes(seal.signature).hex(),
    }


def start_key(certificate: Certificate) -> str:
    """Return the one key of the start-of-service notice of a certificate."""
    return f"certificates/start_of_service/{certificate.pk}"


def _desk(desk: ContactPoint | None) -> dict[str, Any]:
    if desk is None:
        return {}
    return {
        "name": desk.name,
        "operator": desk.operator,
        "phone": desk.phone,
        "email": desk.email,
        "address": desk.address,
        "opens": f"{desk.opens:%-H:%M}",
        "closes": f"{desk.closes:%-H:%M}",
    }


def _url(path: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}/{path}"
