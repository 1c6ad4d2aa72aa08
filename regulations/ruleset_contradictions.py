"""What is wrong between the parts of a rule set whose parts are right by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from regulations.ruleset_parts import (
    BROWSER_KEY_TYPES,
    LETTER_OF_PROXY,
    PIN_BY_LETTER,
    PIN_BY_SECOND_MAIL,
    PLACEHOLDER,
    SUBJECT_LIMITS,
)
from regulations.ruleset_reading import Fault

if TYPE_CHECKING:
    from regulations.ruleset import RuleSet


def contradictions(ruleset: RuleSet) -> Iterable[Fault]:
    """What is wrong between the parts of a rule set whose parts are right by themselves."""
    yield from twice("fields", [field.key for field in ruleset.fields])
    yield from twice("documents", [document.key for document in ruleset.documents])
    yield from twice("examination", [item.key for item in ruleset.examination])
    yield from twice("declarations", [declaration.key for declaration in ruleset.declarations])
    yield from wrong_references(ruleset)
    yield from wrong_subject(ruleset)
    yield from wrong_roles(ruleset)
    yield from wrong_retention(ruleset)
    yield from wrong_reissue(ruleset)
    yield from wrong_letter(ruleset)
    yield from wrong_keys(ruleset)


def wrong_keys(ruleset: RuleSet) -> Iterable[Fault]:
    """Ways to make the key for which there is no kind of key, or which nobody could choose between."""
    if "lra" in ruleset.key_modes and ruleset.profile.lra_key_type not in ruleset.profile.key_types:
        yield Fault("profile.lra_key_type", _("Where the LRA makes the key, this must be one of key_types."))
    if "browser" in ruleset.key_modes and not set(ruleset.profile.key_types) & set(BROWSER_KEY_TYPES):
        yield Fault("profile.key_types", _("Where the browser makes the key, RSA, P-256 or P-384 must be among these."))
    if {"browser", "lra"} <= set(ruleset.key_modes):
        yield Fault("key_modes", _("Nobody chooses between “browser” and “lra”: please name one of them."))


def wrong_roles(ruleset: RuleSet) -> Iterable[Fault]:
    """People who may act by these rules, but lack what they would act with."""
    if ruleset.agents == "letter_of_proxy" and LETTER_OF_PROXY not in {row.key for row in ruleset.documents}:
        yield Fault("agents", _("Agents need a letter of proxy: ask for a document with the key “letter_of_proxy”."))
    if ruleset.bulk and not ruleset.needs_contract:
        yield Fault("bulk", _("A contract's administrator sends such files, and these rules need no contract."))
    if ruleset.bulk and ruleset.bulk_consent == "administrator" and ruleset.pin_channel == PIN_BY_SECOND_MAIL:
        reason = _("Each person has to confirm a second mail address, so each of them has to agree.")
        yield Fault("bulk_consent", reason)


def wrong_retention(ruleset: RuleSet) -> Iterable[Fault]:
    """Things destroyed while the application may still be reopened."""
    retention, reopen = ruleset.retention, ruleset.reopen_days
    for key, days in (("documents_days", retention.documents_days), ("application_days", retention.application_days)):
        if days < reopen:
            reason = _("A lapsed application may be reopened for %(days)d days; this must be no shorter.")
            yield Fault(f"retention.{key}", reason % {"days": reopen})


def wrong_reissue(ruleset: RuleSet) -> Iterable[Fault]:
    """A reissue that would end the old certificate before the new one is revoked for not being accepted (O-15.1.2)."""
    reissue, days = ruleset.reissue, ruleset.acceptance_days
    if reissue.allowed and ruleset.acceptance_lapse == "revoke" and reissue.old_ends_days <= days:
        reason = _(
            "A certificate that is not accepted in %(days)d days is revoked. The old one has to last longer than that, "
            "or its holder could be left without any."
        )
        yield Fault("reissue.old_ends_days", reason % {"days": days})


def wrong_letter(ruleset: RuleSet) -> Iterable[Fault]:
    """A PIN letter that could lack what the post needs; the company's name alone may be left out (J-5.2)."""
    letter = ruleset.pin_letter
    parts = {"name": letter.name, "postal_code": letter.postal_code, "address": letter.address}
    for part, key in ({**parts, "company": letter.company} if letter.company else parts).items():
        place = f"pin_letter.{part}"
        if not key and ruleset.pin_channel == PIN_BY_LETTER:
            yield Fault(place, _("A PIN by letter needs this part of the address: name a field."))
        elif key and (key not in ruleset.field_keys or not ruleset.field(key).required):
            yield Fault(place, _("“%(key)s” must be a required field.") % {"key": key})
        elif key and part == "postal_code" and ruleset.field(key).kind != "postal_code":
            yield Fault(place, _("“%(key)s” must be a field of kind postal_code.") % {"key": key})


def twice(place: str, keys: list[str]) -> Iterable[Fault]:
    """Keys that occur more than once."""
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Fault(place, _("“%(key)s” occurs twice.") % {"key": key})


def wrong_references(ruleset: RuleSet) -> Iterable[Fault]:
    """Names of fields that do not exist, and fields that ask for what is not there."""
    for key in ruleset.identity:
        if key not in ruleset.field_keys or not ruleset.field(key).required:
            yield Fault("identity", _("“%(key)s” must be a required field.") % {"key": key})
    for place, item in enumerate(ruleset.examination, start=1):
        if (item.kind == "compare" or item.field) and item.field not in ruleset.field_keys:
            yield Fault(f"examination[{place}].field", _("“%(key)s” is not a field.") % {"key": item.field})
        for key in set(item.beside) - ruleset.field_keys:
            yield Fault(f"examination[{place}].beside", _("“%(key)s” is not a field.") % {"key": key})
    for place, field in enumerate(ruleset.fields, start=1):
        if field.from_contract and not ruleset.needs_contract:
            yield Fault(f"fields[{place}].source", _("There is no contract to take this from."))
        if (field.kind == "choice") != bool(field.choices):
            yield Fault(f"fields[{place}].choices", _("A field of kind choice, and no other, has choices."))


def wrong_subject(ruleset: RuleSet) -> Iterable[Fault]:
    """Attributes that could be printed empty or longer than RFC 5280 allows."""
    if "CN" not in {template.type for template in ruleset.subject}:
        yield Fault("subject", _("A common name (CN) is needed."))
    for place, template in enumerate(ruleset.subject, start=1):
        where, longest = f"subject[{place}].value", len(PLACEHOLDER.sub("", template.value))
        for key in template.field_keys:
            if key not in ruleset.field_keys:
                yield Fault(where, _("“%(key)s” is not a field.") % {"key": key})
                continue
            if not ruleset.field(key).required:
                yield Fault(where, _("“%(key)s” is optional, so this could be printed empty.") % {"key": key})
            longest += ruleset.field(key).max_length
        if longest > SUBJECT_LIMITS[template.type]:
            facts = {"longest": longest, "limit": SUBJECT_LIMITS[template.type]}
            yield Fault(where, _("This could become %(longest)d characters long; %(limit)d are allowed.") % facts)
    yield from wrong_san(ruleset)


def wrong_san(ruleset: RuleSet) -> Iterable[Fault]:
    """A subject alternative name that is not a required mail address."""
    for key in PLACEHOLDER.findall(ruleset.san_email):
        if key not in ruleset.field_keys or ruleset.field(key).kind != "email" or not ruleset.field(key).required:
            yield Fault("san_email", _("“%(key)s” must be a required field of kind email.") % {"key": key})
