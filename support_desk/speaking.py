"""How things stand, in sentences that an agent can read aloud."""

from datetime import datetime

from django.utils.translation import gettext as _

from applications.models import Application
from certificates.models import Certificate
from regulations.calendar import tokyo

NEAR_DAYS = 30


def day_and_hour(at: datetime) -> str:
    """Return a day and an hour to be read aloud."""
    local = tokyo(at)
    return _("%(month)d/%(day)d %(hour)d:%(minute)02d") % {
        "month": local.month,
        "day": local.day,
        "hour": local.hour,
        "minute": local.minute,
    }


def of_application(application: Application) -> str:
    """Return how an application stands and what comes next."""
    due = day_and_hour(application.due_at) if application.due_at else ""
    said = {
        "submitted": _("We have received it. You will hear the result by %(due)s."),
        "examining": _("It is being examined. You will hear the result by %(due)s."),
        "waiting_information": _("We asked you for more by mail and wait for your answer in the portal."),
        "awaiting_approval": _("It waits for approval. You will hear the result by %(due)s."),
        "refused": _("It was refused. The reason stands in the mail and in the portal."),
        "withdrawn": _("You withdrew it."),
        "lapsed": _("It has lapsed because no answer reached us. You can apply again."),
    }
    if application.status == "approved":
        return _of_approved(application)
    return said.get(application.status, "") % {"due": due}


def _of_approved(application: Application) -> str:
    certificate = getattr(application.order, "certificate", None)
    if certificate is None:
        return _("It is approved, and the certificate is being issued.")
    words = {
        "undelivered": _("The certificate is issued. Please fetch it in the portal."),
        "downloaded": _("You fetched the certificate. Please confirm its contents in the portal."),
        "accepted": _("You have confirmed the certificate; it is in use."),
        "reported": _("You reported a difference in the certificate. We are looking into it."),
    }
    return words.get(certificate.delivery, "")


def state_of(certificate: Certificate, at: datetime) -> str:
    """Return the status code of a certificate at `at`, for the badge."""
    if certificate.revoked_at is not None:
        return "revoked"
    if certificate.not_after < at:
        return "expired"
    if certificate.revocation_requested_at is not None:
        return "revoking"
    return "expiring" if (certificate.not_after - at).days <= NEAR_DAYS else "valid"
