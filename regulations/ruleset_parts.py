"""The parts that a rule set is made of: texts, fields, documents, examination items, subject, profile."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import get_language

FIELD_KINDS = (
    "text", "kana", "latin", "corporate_number", "postal_code", "tel", "email", "date", "choice",
)  # fmt: skip
FIELD_GROUPS = ("company", "person", "certificate", "contact")
EXAMINATION_KINDS = ("compare", "check", "telephone", "automatic")
APPLICANTS = ("verified", "member", "authorised_person")
# Those who apply under a contract, which is looked up (J-2).
UNDER_CONTRACT = ("member", "authorised_person")
AGENTS = ("none", "letter_of_proxy")
LETTER_OF_PROXY = "letter_of_proxy"
ACCEPTANCE_LAPSES = ("remind", "revoke")
BULK_CONSENTS = ("person", "administrator")
# Findings of the system that rules may let an examiner override with a reason. A contract that is not in force
# ends every certificate (O-18.1), and a watched name is answered with evidence (O-11.1): no rule lifts these.
FINDINGS = ("document_age", "document_missing", "scripts", "valid_certificate", "key", "duplicate")
FEES = ("contained", "none")
PIN_CHANNELS = ("mail", "second_mail", "letter")
PIN_BY_SECOND_MAIL = "second_mail"
PIN_BY_LETTER = "letter"
KEY_MODES = ("csr", "lra", "browser")
# What browsers make and a PKCS#12 file carries.
BROWSER_KEY_TYPES = ("rsa2048", "rsa3072", "rsa4096", "p256", "p384")
KEY_TYPES = ("rsa2048", "rsa3072", "rsa4096", "p256", "p384", "ed25519", "mldsa65")
SIGNATURE_HASHES = ("sha256", "sha384", "sha512")
KEY_USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
EXTENDED_KEY_USAGES = ("client_auth", "email_protection", "server_auth", "code_signing")
CONTRACT_SOURCES = (
    "number", "corporate_number", "corporation_name", "corporation_reading", "corporation_latin",
    "postal_code", "address", "locality_latin", "state_latin",
)  # fmt: skip
ACCOUNT_SOURCES = ("name", "name_reading", "name_latin", "email", "phone")
# RFC 5280, appendix A: upper bounds of the naming attributes, in characters.
SUBJECT_LIMITS = {"C": 2, "ST": 128, "L": 128, "O": 64, "OU": 64, "CN": 64}
LONGEST_VALIDITY_DAYS = 825
MOST_SHARDS = 64
# How a PKCS#12 file that the LRA makes is closed; the second is for old systems alone.
PKCS12_LOCKS = ("aes256", "legacy_3des")
PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


@dataclass(frozen=True, slots=True)
class LocalText:
    """One text in the languages of the portal."""

    ja: str
    en: str

    def text(self, lang: str) -> str:
        """The text in `lang` ("ja" or "en", also "en-gb"); Japanese for any other."""
        return self.en if lang.startswith("en") else self.ja

    def __str__(self) -> str:
        return self.text(get_language() or "ja")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a field of kind `choice` may take."""

    value: str
    label: LocalText


@dataclass(frozen=True, slots=True)
class Field:
    """Something that the application form asks for, or takes over from the contract or the account.

    `characters` names those that may stand in it (`regulations.text.character_set`); empty: all that its kind takes.
    """

    key: str
    label: LocalText
    help: LocalText
    group: str
    kind: str
    required: bool
    max_length: int
    source: str
    choices: tuple[Choice, ...]
    characters: str = ""

    @property
    def from_contract(self) -> bool:
        """Looked up in the contract, never typed (J-2)."""
        return self.source.startswith("contract.")


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """A document that the applicant uploads; `max_age_days` 0 means that its age does not matter."""

    key: str
    label: LocalText
    help: LocalText
    required: bool
    max_age_days: int


@dataclass(frozen=True, slots=True)
class ExaminationItem:
    """One line of the examination sheet (O-4.2, J-3.2); `beside` names the fields that `field` is held against."""

    key: str
    label: LocalText
    instruction: LocalText
    kind: str
    field: str
    evidence: bool
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """Something the applicant declares when submitting (O-16.1.1), or agrees to separately (J-5.2)."""

    key: str
    label: LocalText


@dataclass(frozen=True, slots=True)
class SubjectTemplate:
    """One attribute of the certificate's subject: a literal, or text with {field} in it."""

    type: str
    value: str
    label: LocalText

    @property
    def field_keys(self) -> tuple[str, ...]:
        """Keys of the fields that stand in the value."""
        return tuple(PLACEHOLDER.findall(self.value))


@dataclass(frozen=True, slots=True)
class Profile:
    """What kind of certificate is made (O-19.2.6: algorithms are data)."""

    key_types: tuple[str, ...]
    lra_key_type: str
    signature_hash: str
    key_usage: tuple[str, ...]
    extended_key_usage: tuple[str, ...]
    policy_oid: str
    validity_days: int
    issuer: str
    # Over how many of the issuer's revocation lists the certificates are spread.
    crl_shards: int = 1
    pkcs12: str = "aes256"


@dataclass(frozen=True, slots=True)
class Renewal:
    """Whether certificates can be renewed, and how many days before their end that opens (O-18.2, O-19.2.11)."""

    allowed: bool = True
    opens_days: int = 30


@dataclass(frozen=True, slots=True)
class Reissue:
    """Whether certificates can be reissued, and how long the replaced one is left at the most (O-15.1.2).

    `old_ends_days` count from the issuing of the new certificate, accepted or not.
    """

    allowed: bool = True
    old_ends_days: int = 14


@dataclass(frozen=True, slots=True)
class Notices:
    """How many days before its end a certificate's holder is reminded, first step first (O-16.2.6, J-5.6)."""

    expiry_days: tuple[int, ...] = (60, 30, 7)


@dataclass(frozen=True, slots=True)
class PinLetter:
    """The fields whose answers are the address of a PIN letter (J-5.2); without one by mail, these are empty."""

    name: str = ""
    company: str = ""
    postal_code: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days after the end of the case its documents and its contents are kept (O-10, J-6.1).

    A case ends when it is refused, withdrawn or lapsed; an issued one ends with its certificate.
    """

    documents_days: int = 3650
    application_days: int = 3650
