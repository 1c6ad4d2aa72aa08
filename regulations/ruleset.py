"""The rules of one target system as plain values (O-1.3): what is asked, examined, printed and made.

A rule set is versioned data, pinned to each application. It is written in TOML, kept as JSON, and read
by everybody above. What a certificate will say is computed here and nowhere else (`subject_of`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from regulations.ruleset_parts import (
    ACCOUNT_SOURCES,
    APPLICANTS,
    CONTRACT_SOURCES,
    EXAMINATION_KINDS,
    EXTENDED_KEY_USAGES,
    FEES,
    FIELD_GROUPS,
    FIELD_KINDS,
    KEY_MODES,
    KEY_TYPES,
    KEY_USAGES,
    LONGEST_VALIDITY_DAYS,
    PIN_CHANNELS,
    PLACEHOLDER,
    SIGNATURE_HASHES,
    SUBJECT_LIMITS,
    Choice,
    Declaration,
    DocumentRule,
    ExaminationItem,
    Field,
    LocalText,
    Profile,
    SubjectTemplate,
)
from regulations.ruleset_reading import Fault, Reader, RuleSetError

__all__ = [
    "Choice",
    "Declaration",
    "DocumentRule",
    "ExaminationItem",
    "Fault",
    "Field",
    "LocalText",
    "Profile",
    "RuleSet",
    "RuleSetError",
    "SubjectPart",
    "SubjectTemplate",
    "identity_of",
    "san_email_of",
    "subject_of",
]  # fmt: skip
KEY = r"[a-z][a-z0-9_]{0,39}"
SLUG = r"[a-z][a-z0-9-]{0,39}"
OID = r"[0-2](\.(0|[1-9][0-9]{0,9})){2,20}"
SOURCES = ("", *(f"contract.{name}" for name in CONTRACT_SOURCES), *(f"account.{name}" for name in ACCOUNT_SOURCES))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything that a target system settles. `RuleSet.parse` is the way in, `to_dict` the way out."""

    slug: str
    name: LocalText
    purpose: LocalText
    fee: str
    applicants: str
    identity: tuple[str, ...]
    subscriptions_per_subject: int
    four_eyes: bool
    promised_days: int
    key_modes: tuple[str, ...]
    acceptance_days: int
    backup: bool
    pin_channel: str
    consents: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    fields: tuple[Field, ...]
    documents: tuple[DocumentRule, ...]
    examination: tuple[ExaminationItem, ...]
    subject: tuple[SubjectTemplate, ...]
    san_email: str
    profile: Profile

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> RuleSet:
        """The rule set that `data` describes; raises RuleSetError with every fault's place and reason."""
        faults: list[Fault] = []
        ruleset = read_ruleset(Reader(data, "", faults, names_of(cls)))
        if not faults:
            faults.extend(contradictions(ruleset))
        if faults:
            raise RuleSetError(faults)
        return ruleset

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values that `parse` reads back."""
        plain: dict[str, Any] = listed(asdict(self))
        return plain

    def field(self, key: str) -> Field:
        """The field named `key`; raises KeyError."""
        return {field.key: field for field in self.fields}[key]

    @property
    def field_keys(self) -> frozenset[str]:
        """Keys of all fields."""
        return frozenset(field.key for field in self.fields)

    @property
    def needs_contract(self) -> bool:
        """Whether an application stands under a contract that is looked up (J-2)."""
        return self.applicants == "authorised_person"

    def group(self, name: str) -> tuple[Field, ...]:
        """The fields of one form group, in their order."""
        return tuple(field for field in self.fields if field.group == name)


@dataclass(frozen=True, slots=True)
class SubjectPart:
    """One attribute of a subject with its value as it will be printed; `code` numbers repeated types (OU2)."""

    type: str
    value: str
    label: LocalText
    code: str
    field_keys: tuple[str, ...]


def subject_of(ruleset: RuleSet, values: Mapping[str, str]) -> list[SubjectPart]:
    """The subject that `values` give, part by part in the order of the template; missing values are empty.

    A value is put in whole, so that nothing in it can be read as a separator or as a placeholder.
    """
    parts, seen = [], dict.fromkeys(SUBJECT_LIMITS, 0)
    for template in ruleset.subject:
        seen[template.type] += 1
        code = template.type if seen[template.type] == 1 else f"{template.type}{seen[template.type]}"
        filled = fill(template.value, values)
        parts.append(SubjectPart(template.type, filled, template.label, code, template.field_keys))
    return parts


def san_email_of(ruleset: RuleSet, values: Mapping[str, str]) -> list[str]:
    """The mail addresses of the subject alternative name."""
    filled = fill(ruleset.san_email, values)
    return [filled] if filled else []


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with each {field} replaced; empty as soon as one of them has no value yet."""
    if any(not values.get(key) for key in PLACEHOLDER.findall(template)):
        return ""
    return PLACEHOLDER.sub(lambda match: values[match[1]], template)


def identity_of(ruleset: RuleSet, values: Mapping[str, str]) -> str:
    """The subject's identity, normalised: the same person has the same one whatever account is used."""
    folded = (unicodedata.normalize("NFKC", values.get(key, "")).casefold() for key in ruleset.identity)
    return "\x1f".join("".join(part.split()) for part in folded)


def read_ruleset(reader: Reader) -> RuleSet:
    """The rule set in `reader`'s table; faults are noted there."""
    return RuleSet(
        slug=reader.string("slug", pattern=SLUG),
        name=reader.local("name"),
        purpose=reader.local("purpose"),
        fee=reader.string("fee", choices=FEES),
        applicants=reader.string("applicants", choices=APPLICANTS),
        identity=reader.strings("identity", pattern=KEY, least=1),
        subscriptions_per_subject=reader.integer("subscriptions_per_subject", 1, 1000, default=1),
        four_eyes=reader.flag("four_eyes", default=True),
        promised_days=reader.integer("promised_days", 1, 60),
        key_modes=reader.strings("key_modes", choices=KEY_MODES, least=1),
        acceptance_days=reader.integer("acceptance_days", 1, 90),
        backup=reader.flag("backup", default=False),
        pin_channel=reader.string("pin_channel", choices=PIN_CHANNELS, default="mail"),
        consents=reader.strings("consents", pattern=SLUG, least=1),
        declarations=tuple(Declaration(row.string("key", pattern=KEY), row.local("label"))
                           for row in reader.rows("declarations", names_of(Declaration))),
        fields=tuple(read_field(row) for row in reader.rows("fields", names_of(Field))),
        documents=tuple(read_document(row) for row in reader.rows("documents", names_of(DocumentRule))),
        examination=tuple(read_item(row) for row in reader.rows("examination", names_of(ExaminationItem))),
        subject=tuple(read_subject(row) for row in reader.rows("subject", names_of(SubjectTemplate))),
        san_email=reader.string("san_email", pattern=r"|\{[a-z][a-z0-9_]{0,39}\}", default=""),
        profile=read_profile(reader.table("profile", names_of(Profile))),
    )  # fmt: skip


def read_field(reader: Reader) -> Field:
    """One field of the form."""
    choices = tuple(
        Choice(row.string("value", pattern=KEY), row.local("label")) for row in reader.rows("choices", names_of(Choice))
    )
    return Field(
        key=reader.string("key", pattern=KEY),
        label=reader.local("label"),
        help=reader.local("help", required=False),
        group=reader.string("group", choices=FIELD_GROUPS),
        kind=reader.string("kind", choices=FIELD_KINDS),
        required=reader.flag("required", default=True),
        max_length=reader.integer("max_length", 1, 2000, default=100),
        source=reader.string("source", choices=SOURCES, default=""),
        choices=choices,
    )


def read_document(reader: Reader) -> DocumentRule:
    """One document that is asked for."""
    return DocumentRule(
        key=reader.string("key", pattern=KEY),
        label=reader.local("label"),
        help=reader.local("help", required=False),
        required=reader.flag("required", default=True),
        max_age_days=reader.integer("max_age_days", 0, 3660, default=0),
    )


def read_item(reader: Reader) -> ExaminationItem:
    """One examination item."""
    return ExaminationItem(
        key=reader.string("key", pattern=KEY),
        label=reader.local("label"),
        instruction=reader.local("instruction"),
        kind=reader.string("kind", choices=EXAMINATION_KINDS),
        field=reader.string("field", default=""),
        evidence=reader.flag("evidence", default=False),
        beside=reader.strings("beside", pattern=KEY),
    )


def read_subject(reader: Reader) -> SubjectTemplate:
    """One attribute of the subject."""
    return SubjectTemplate(
        type=reader.string("type", choices=tuple(SUBJECT_LIMITS)),
        value=reader.string("value", pattern=r".+"),
        label=reader.local("label"),
    )


def read_profile(reader: Reader) -> Profile:
    """The certificate's profile."""
    return Profile(
        key_types=reader.strings("key_types", choices=KEY_TYPES, least=1),
        lra_key_type=reader.string("lra_key_type", choices=("", *KEY_TYPES), default=""),
        signature_hash=reader.string("signature_hash", choices=SIGNATURE_HASHES),
        key_usage=reader.strings("key_usage", choices=KEY_USAGES, least=1),
        extended_key_usage=reader.strings("extended_key_usage", choices=EXTENDED_KEY_USAGES, least=1),
        policy_oid=reader.string("policy_oid", pattern=OID),
        validity_days=reader.integer("validity_days", 1, LONGEST_VALIDITY_DAYS),
        issuer=reader.string("issuer", pattern=r".+"),
    )


def contradictions(ruleset: RuleSet) -> Iterable[Fault]:
    """What is wrong between the parts of a rule set whose parts are right by themselves."""
    yield from twice("fields", [field.key for field in ruleset.fields])
    yield from twice("documents", [document.key for document in ruleset.documents])
    yield from twice("examination", [item.key for item in ruleset.examination])
    yield from twice("declarations", [declaration.key for declaration in ruleset.declarations])
    yield from wrong_references(ruleset)
    yield from wrong_subject(ruleset)
    if "lra" in ruleset.key_modes and ruleset.profile.lra_key_type not in ruleset.profile.key_types:
        yield Fault("profile.lra_key_type", _("Where the LRA makes the key, this must be one of key_types."))


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


def names_of(kind: type) -> tuple[str, ...]:
    """The names that a table for the data class `kind` may have."""
    return tuple(field.name for field in fields(kind))


def listed(value: Any) -> Any:
    """Tuples as lists, all the way down: the shape in which JSON gives them back."""
    if isinstance(value, dict):
        return {key: listed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [listed(item) for item in value]
    return value
