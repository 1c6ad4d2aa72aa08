"""The rules of one target system as plain values (O-1.3): what is asked, examined, printed and made.

A rule set is versioned data, pinned to each application. It is written in TOML, kept as JSON, and read
by everybody above. What a certificate will say is computed here and nowhere else (`subject_of`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from regulations.ruleset_contradictions import contradictions
from regulations.ruleset_parts import (
    ACCEPTANCE_LAPSES,
    ACCOUNT_SOURCES,
    AGENTS,
    APPLICANTS,
    BULK_CONSENTS,
    CONTRACT_SOURCES,
    EXAMINATION_KINDS,
    EXTENDED_KEY_USAGES,
    FEES,
    FIELD_GROUPS,
    FIELD_KINDS,
    FINDINGS,
    KEY_MODES,
    KEY_TYPES,
    KEY_USAGES,
    LONGEST_VALIDITY_DAYS,
    MOST_SHARDS,
    PIN_BY_LETTER,
    PIN_CHANNELS,
    PKCS12_LOCKS,
    PLACEHOLDER,
    SIGNATURE_HASHES,
    SUBJECT_LIMITS,
    UNDER_CONTRACT,
    Choice,
    Declaration,
    DocumentRule,
    ExaminationItem,
    Field,
    LocalText,
    Notices,
    PinLetter,
    Profile,
    Reissue,
    Renewal,
    Retention,
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
    "Notices",
    "PinLetter",
    "Profile",
    "Reissue",
    "Renewal",
    "Retention",
    "RuleSet",
    "RuleSetError",
    "SubjectPart",
    "SubjectTemplate",
    "identity_of",
    "pin_address_of",
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
    agents: str
    identity: tuple[str, ...]
    subscriptions_per_subject: int
    four_eyes: bool
    promised_days: int
    key_modes: tuple[str, ...]
    acceptance_days: int
    acceptance_lapse: str
    reopen_days: int
    override: tuple[str, ...]
    bulk: bool
    bulk_consent: str
    backup: bool
    pin_channel: str
    pin_letter: PinLetter
    consents: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    fields: tuple[Field, ...]
    documents: tuple[DocumentRule, ...]
    examination: tuple[ExaminationItem, ...]
    subject: tuple[SubjectTemplate, ...]
    san_email: str
    renewal: Renewal
    reissue: Reissue
    notices: Notices
    retention: Retention
    profile: Profile

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> RuleSet:
        """The rule set that `data` describes; raises RuleSetError with every fault's place and reason."""
        ruleset = cls.stored(data)
        faults = list(contradictions(ruleset))
        if faults:
            raise RuleSetError(faults)
        return ruleset

    @classmethod
    def stored(cls, data: Mapping[str, Any]) -> RuleSet:
        """The rule set that a stored version describes; raises RuleSetError for values that are none.

        Whether its parts contradict each other was settled when it was written: what is pinned stays readable when
        a later release knows of one more contradiction.
        """
        faults: list[Fault] = []
        ruleset = read_ruleset(Reader(data, "", faults, names_of(cls)))
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
        return self.applicants in UNDER_CONTRACT

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


def pin_address_of(ruleset: RuleSet, values: Mapping[str, str]) -> dict[str, str]:
    """The postal address of the PIN letter, part by part; empty where the PIN goes by another way (J-5.2)."""
    if ruleset.pin_channel != PIN_BY_LETTER:
        return {}
    return {part: values.get(key, "") for part, key in asdict(ruleset.pin_letter).items() if key}


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
        agents=reader.string("agents", choices=AGENTS, default="none"),
        identity=reader.strings("identity", pattern=KEY, least=1),
        subscriptions_per_subject=reader.integer("subscriptions_per_subject", 1, 1000, default=1),
        four_eyes=reader.flag("four_eyes", default=True),
        promised_days=reader.integer("promised_days", 1, 60),
        key_modes=reader.strings("key_modes", choices=KEY_MODES, least=1),
        acceptance_days=reader.integer("acceptance_days", 1, 90),
        acceptance_lapse=reader.string("acceptance_lapse", choices=ACCEPTANCE_LAPSES, default="remind"),
        reopen_days=reader.integer("reopen_days", 0, 180, default=30),
        override=reader.strings("override", choices=FINDINGS),
        bulk=reader.flag("bulk", default=False),
        bulk_consent=reader.string("bulk_consent", choices=BULK_CONSENTS, default="person"),
        backup=reader.flag("backup", default=False),
        pin_channel=reader.string("pin_channel", choices=PIN_CHANNELS, default="mail"),
        pin_letter=read_pin_letter(reader.table("pin_letter", names_of(PinLetter), required=False)),
        consents=reader.strings("consents", pattern=SLUG, least=1),
        declarations=tuple(Declaration(row.string("key", pattern=KEY), row.local("label"))
                           for row in reader.rows("declarations", names_of(Declaration))),
        fields=tuple(read_field(row) for row in reader.rows("fields", names_of(Field))),
        documents=tuple(read_document(row) for row in reader.rows("documents", names_of(DocumentRule))),
        examination=tuple(read_item(row) for row in reader.rows("examination", names_of(ExaminationItem))),
        subject=tuple(read_subject(row) for row in reader.rows("subject", names_of(SubjectTemplate))),
        san_email=reader.string("san_email", pattern=r"|\{[a-z][a-z0-9_]{0,39}\}", default=""),
        renewal=read_renewal(reader.table("renewal", names_of(Renewal), required=False)),
        reissue=read_reissue(reader.table("reissue", names_of(Reissue), required=False)),
        notices=read_notices(reader.table("notices", names_of(Notices), required=False)),
        retention=read_retention(reader.table("retention", names_of(Retention), required=False)),
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
        characters=reader.characters("characters"),
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
        crl_shards=reader.integer("crl_shards", 1, MOST_SHARDS, default=1),
        pkcs12=reader.string("pkcs12", choices=PKCS12_LOCKS, default=PKCS12_LOCKS[0]),
    )


def read_renewal(reader: Reader) -> Renewal:
    """What holds for renewals."""
    return Renewal(
        allowed=reader.flag("allowed", default=True), opens_days=reader.integer("opens_days", 1, 180, default=30)
    )


def read_reissue(reader: Reader) -> Reissue:
    """What holds for reissues."""
    return Reissue(
        allowed=reader.flag("allowed", default=True), old_ends_days=reader.integer("old_ends_days", 1, 90, default=14)
    )


def read_notices(reader: Reader) -> Notices:
    """When holders are reminded."""
    return Notices(expiry_days=reader.falling("expiry_days", 1, 365, default=(60, 30, 7)))


def read_pin_letter(reader: Reader) -> PinLetter:
    """The fields that make the address of a PIN letter."""
    return PinLetter(**{name: reader.string(name, pattern=f"|{KEY}", default="") for name in names_of(PinLetter)})


def read_retention(reader: Reader) -> Retention:
    """How long things are kept."""
    return Retention(
        documents_days=reader.integer("documents_days", 30, 7300, default=3650),
        application_days=reader.integer("application_days", 30, 7300, default=3650),
    )


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
