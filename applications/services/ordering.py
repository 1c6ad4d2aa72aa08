"""What an application freezes for the signer when it is received: the order's contents."""

from __future__ import annotations

from typing import Any

from accounts.addresses import second_address
from applications.models import Application
from applications.rules.kinds import REISSUE
from applications.selectors.intake import key_mode_of, second_address_violations
from audit.refusals import RuleViolated
from certificates.names import Part
from certificates.rules import KEY_BY_LRA, FrozenOrder
from regulations.ruleset import pin_address_of, san_email_of, subject_of
from regulations.ruleset_parts import PIN_BY_SECOND_MAIL


def frozen_part(application: Application, digest: str) -> dict[str, Any]:
    """The frozen part of the order for `application`, whose contents have `digest`."""
    ruleset = application.rules.ruleset
    mode = key_mode_of(application)
    contract = application.contract
    return FrozenOrder(
        application_digest=digest,
        target_system=ruleset.slug,
        rules_version=application.rules_id,
        subject=tuple(Part(part.type, part.value) for part in subject_of(ruleset, application.values)),
        emails=tuple(san_email_of(ruleset, application.values)),
        profile=ruleset.to_dict()["profile"],
        key_mode=mode,
        csr=bytes(application.csr_der) if mode == "csr" and application.csr_der else None,
        four_eyes=ruleset.four_eyes,
        valid_until=contract.ends_at if contract is not None else None,
        # A renewal replaces nothing: the earlier certificate stays until its end (O-18.2).
        replaces=application.previous_id if application.kind == REISSUE else None,
        pin_to=pin_to(application) if mode == KEY_BY_LRA else None,
    ).to_json()


def pin_to(application: Application) -> dict[str, str]:
    """Where the PIN goes by the rules of `application`; empty for the applicant's own mail address (J-5.2).

    Raises RuleViolated where it is to go to a second address that is no longer there.
    """
    ruleset = application.rules.ruleset
    if ruleset.pin_channel == PIN_BY_SECOND_MAIL:
        if violations := second_address_violations(application):
            raise RuleViolated(violations)
        return {"email": second_address(application.applicant)}
    return pin_address_of(ruleset, application.values)
