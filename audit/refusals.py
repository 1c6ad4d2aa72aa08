"""What the portal says no with. A refusal rolls the work back and is recorded by whoever catches it."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong: the field it belongs to (None: the whole), a code, a sentence for the reader."""

    field: str | None
    code: str
    message: Text


class Refused(Exception):
    """The act is refused; `message` tells a person what to do, `status` is the HTTP status."""

    code = "refused"
    status = 422
    message: Text = _("This can't be done.")

    def __init__(self, message: Text | None = None, **details: Any) -> None:
        super().__init__(self.code)
        self.message = message if message is not None else type(self).message
        self.details = details


class NotAllowed(Refused):
    """The actor has no role for the act."""

    code = "not_allowed"
    status = 403
    message = _("Your role does not permit this. Please ask the person responsible.")


class NotFound(Refused):
    """There is no such object for this actor: absent and foreign look the same."""

    code = "not_found"
    status = 404
    message = _("This page does not exist.")


class RuleViolated(Refused):
    """The rules say no; `violations` name every place and reason."""

    code = "rule_violated"
    status = 422
    message = _("Please correct what is marked.")

    def __init__(self, violations: list[Violation]) -> None:
        first = violations[0].message if violations else None
        super().__init__(first, codes=[violation.code for violation in violations])
        self.violations = violations


class Stale(Refused):
    """Somebody was faster: the row is no longer in the state that the actor saw."""

    code = "stale"
    status = 409
    message = _("This has changed since you opened the page. Please check how it stands now.")


class Suspended(Refused):
    """The service is suspended as announced (O-6)."""

    code = "suspended"
    status = 503
    message = _("The service is suspended as announced. What you typed is kept.")


class Throttled(Refused):
    """Too many attempts."""

    code = "throttled"
    status = 429
    message = _("Too many attempts. Please wait a while or call the call center.")
