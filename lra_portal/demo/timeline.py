"""The story of one certificate as the auditor reads it: every state, when, by whom, in which role."""

from uuid import UUID

from accounts.models import User
from audit.acts import Act
from audit.models import Event
from regulations.calendar import tokyo

STATES = {
    Act.CERTIFICATE_ISSUE: "issued",
    Act.CERTIFICATE_DOWNLOAD: "downloaded",
    Act.CERTIFICATE_ACCEPT: "accepted",
    Act.CERTIFICATE_REVOKE: "revoked",
    Act.APPLICATION_START: "draft",
    Act.REVOCATION_REQUEST: "received",
    Act.REVOCATION_REQUEST_FOR_CALLER: "received",
    Act.SERVICE_NOTICE_REACH: "notice reached",
}
"""What an act without a change of a status column makes of its subject."""


def timeline_of(story: UUID) -> list[dict[str, str]]:
    """Return one row per state that anything of the story took on, in the order of the evidence."""
    emails = dict(User.objects.values_list("pk", "email"))
    rows = []
    for event in Event.objects.of_story(story).filter(outcome="done"):
        state = event.after or STATES.get(Act(event.act), "")
        if state:
            rows.append(
                {
                    "state": f"{event.subject_type.rpartition('.')[2]} {state}",
                    "at": tokyo(event.at).isoformat(),
                    "actor": emails.get(event.person_id, event.role) if event.person_id else event.role,
                    "role": event.role,
                    "act": event.act,
                }
            )
    return rows
