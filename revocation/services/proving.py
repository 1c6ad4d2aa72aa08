"""Proof by somebody without an account that they hold a certificate's private key (O-15.3).

They sign a PKCS#10 request whose subject carries our challenge, never a text of somebody's choosing. Whoever can do
that and is not signed in as the holder has a key that is in other hands: the certificate is revoked at once, and an
approver countersigns afterwards.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.models import Event
from audit.refusals import RuleViolated, Throttled, Violation
from audit.services import record, transition
from certificates import csr
from certificates.models import Certificate
from certificates.names import Part
from certificates.profiles import KEY_TYPES
from certificates.services.revocations import mark_revocation_requested
from revocation.models import KeyChallenge, RevocationRequest
from revocation.selectors import UNDECIDED
from revocation.services import telling
from revocation.services.countersigning import COUNTERSIGNED_WITHIN
from revocation.services.requests import OPEN, locked
from revocation.services.revoking import revoke
from revocation.states import REQUEST

GROUND = "lra:key_compromise"
CHALLENGE_LIFE = timedelta(hours=24)
# Challenges from one address in an hour; a person needs one.
CHALLENGES_AN_HOUR = 30
PROOF = Actor.system("proof")


@transaction.atomic
def give_challenge(*, case: RevocationRequest, actor: Actor, at: datetime) -> KeyChallenge:
    """Return the live challenge of a report, or a fresh one.

    Raises RuleViolated when the report is decided already, Throttled for a flood from one address.
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_CHALLENGE)
    _refuse_decided(case.joined_to or case)
    if live := live_challenge(case, at):
        return live
    recent = Event.objects.filter(at__gt=at - timedelta(hours=1), act=Act.REVOCATION_CHALLENGE, origin=actor.origin)
    if actor.person_id is None and recent.count() >= CHALLENGES_AN_HOUR:
        raise Throttled(_("Many challenges were asked for from your network within an hour. Please wait a while."))
    text = f"revoke-{case.number}-{secrets.token_hex(16)}"
    made = KeyChallenge.objects.create(request=case, text=text, made_at=at, expires_at=at + CHALLENGE_LIFE)
    record(act=Act.REVOCATION_CHALLENGE, actor=actor, at=at, subject=case, details={"challenge": text})
    return made


def live_challenge(case: RevocationRequest, at: datetime) -> KeyChallenge | None:
    """The challenge of a report that can still be answered at `at`."""
    return case.challenges.filter(used_at=None, expires_at__gt=at).order_by("-made_at").first()


def proved(case: RevocationRequest) -> bool:
    """Whether one of the challenges of a report was answered."""
    return case.challenges.filter(used_at__isnull=False).exists()


@transaction.atomic
def prove(*, case: RevocationRequest, answer: bytes, actor: Actor, at: datetime) -> RevocationRequest:
    """Revoke at once the certificate whose key signed `answer`, a PKCS#10 request with the challenge as its subject.

    Returns the request that was decided by it. Raises RuleViolated with what is wrong: challenge used, ended or of
    another report, signature or key not fitting, the holder signed in (who asks on the certificate's page).
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_PROVE)
    facts = csr.read(answer, key_types=KEY_TYPES)
    challenge = live_challenge(case, at)
    if challenge is None or facts.asked_subject != (Part("CN", challenge.text),):
        raise _refused(
            "challenge",
            _("The subject of this request is not the challenge shown above. Please copy the whole command."),
        )
    root = case.joined_to or case
    certificate = locked(_certificate(root, facts.spki_digest))
    if certificate.holder_id == actor.person_id:
        raise _refused("holder", _("You are signed in as its holder. Please ask on the page of your certificate."))
    used = KeyChallenge.objects.filter(pk=challenge.pk, used_at=None, expires_at__gt=at)
    if not used.update(used_at=at, answer=facts.der):
        raise _refused("challenge", _("This challenge was used already. Please ask for a new one."))
    root = _one_open_case(root, certificate)
    _refuse_decided(root)
    return _decided_by_proof(root, certificate, {"challenge": challenge.text, "key": facts.spki_digest}, actor, at)


def _decided_by_proof(
    case: RevocationRequest, certificate: Certificate, proof: dict[str, str], actor: Actor, at: datetime
) -> RevocationRequest:
    columns: dict[str, Any] = {
        "certificate": certificate,
        "story": certificate.story,
        "ground": GROUND,
        "urgent": True,
        "verification": {**case.verification, "proof": {**proof, "at": at.isoformat()}},
        "decided_at": at,
        "countersign_due_at": at + COUNTERSIGNED_WITHIN,
    }
    act = Act.REVOCATION_PROVE
    case = transition(machine=REQUEST, row=case, act=act, actor=actor, at=at, details=proof, columns=columns)
    if certificate.revoked_at is None:
        mark_revocation_requested(certificate=certificate, at=at)
    revoke(certificate=certificate, ground=GROUND, actor=PROOF, at=at, invalid_since=case.invalidity_date)
    case.refresh_from_db()
    telling.tell_concerned(case=case, step=telling.APPROVED, at=at)
    telling.tell_approvers(case=case, step=telling.COUNTERSIGN, at=at)
    return case


def _certificate(case: RevocationRequest, key: str) -> Certificate:
    """The certificate of a report, or one over the key that signed; the refusal says nothing about what we know."""
    same_key = Certificate.objects.filter(public_key_sha256=key)
    named = same_key.filter(pk=case.certificate_id) if case.certificate_id else same_key
    found = named.order_by("revoked_at", "-issued_at").filter(revoked_at=None).first() or named.first()
    if found is None:
        raise _refused("key", _("This key is not the key of the certificate that you reported."))
    return found


def _one_open_case(case: RevocationRequest, certificate: Certificate) -> RevocationRequest:
    """The request that is open for a certificate; a report that did not know which one it was joins it."""
    rows = RevocationRequest.objects.filter(certificate=certificate, status__in=OPEN)
    other = rows.exclude(pk=case.pk).first()
    if other is None:
        return case
    RevocationRequest.objects.filter(Q(pk=case.pk) | Q(joined_to=case)).update(joined_to=other)
    return other


def _refuse_decided(case: RevocationRequest) -> None:
    if case.status not in UNDECIDED:
        raise _refused(
            "decided", _("This report was decided already. If something new came up, please report it anew.")
        )


def _refused(code: str, message: Any) -> RuleViolated:
    return RuleViolated([Violation(csr.FIELD, code, message)])
