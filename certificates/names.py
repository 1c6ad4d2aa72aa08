"""What may stand in a certificate's name, and how a name is built.

A name is always put together from parts; no string is ever parsed into one, so commas, plus
signs and equals signs are ordinary letters here. Lengths follow RFC 5280 appendix A.1, which
counts characters; the library beneath counts the bytes of a common name as well, so both limits
are checked where the applicant can still correct the text (J-3.2), never in the signer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.utils.translation import gettext_lazy as _

from audit.refusals import Violation


class Part(NamedTuple):
    """One attribute of a distinguished name: its short type and its text."""

    type: str
    value: str


class Finding(NamedTuple):
    """One character that may not stand in a name: what is wrong, which one, the how-manieth."""

    code: str
    character: str
    position: int


OIDS: Final = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
    "serialNumber": NameOID.SERIAL_NUMBER,
}
SHORT_TYPES: Final = {oid: short for short, oid in OIDS.items()}

# RFC 5280 appendix A.1, upper bounds, in characters.
UPPER_BOUNDS: Final = {"C": 2, "ST": 128, "L": 128, "O": 64, "OU": 64, "CN": 64, "serialNumber": 64}
# The library refuses a longer common name when it is encoded; it counts UTF-8 bytes.
BYTE_LIMITS: Final = {"CN": 64}
MAX_PARTS: Final = 12
MAX_EMAIL: Final = 254
MAX_EMAIL_LOCAL: Final = 64

_LINE_BREAKS: Final = frozenset("\n\r\v\f\x85\u2028\u2029")
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK_LETTERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BY_NAME: Final = {"nul": "\0", "line_break": _LINE_BREAKS, "bidi": _BIDI, "invisible": _BLANK_LETTERS}
_BY_CATEGORY: Final = {
    "Cc": "control",
    "Cf": "invisible",
    "Co": "private_use",
    "Cs": "private_use",
    "Cn": "private_use",
    "Zs": "space",
}
_SPACES: Final = frozenset(" \u3000")
_FOREIGN_SCRIPTS: Final = ("CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE", "LISU")
_STYLED_LATIN: Final = ("MATHEMATICAL", "FULLWIDTH LATIN", "CIRCLED LATIN", "PARENTHESIZED LATIN")
_MAX_MARKS: Final = 2

_MESSAGES: Final = {
    "nul": _("The character number %(position)d is a NUL (%(code_point)s). Please remove it."),
    "line_break": _("The character number %(position)d is a line break (%(code_point)s). Please write on one line."),
    "control": _("The character number %(position)d is a control character (%(code_point)s). Please remove it."),
    "bidi": _(
        "The character number %(position)d changes the direction of the text (%(code_point)s). Please remove it."
    ),
    "invisible": _("The character number %(position)d cannot be seen (%(code_point)s). Please remove it."),
    "private_use": _(
        "The character number %(position)d is known only to some computers (%(code_point)s)."
        " Please use a substitute spelling."
    ),
    "space": _(
        "The character number %(position)d is an unusual space (%(code_point)s). Please type an ordinary space."
    ),
    "edge_space": _("The character number %(position)d is a space at the edge. Please remove it."),
    "look_alike": _(
        "The character number %(position)d, “%(character)s” (%(code_point)s), looks like a letter of"
        " another script. Please type it again."
    ),
    "marks": _("The character number %(position)d (%(code_point)s) is one mark too many on one letter."),
}


def normalise(text: str) -> str:
    """Return the text in Unicode form NFC without spaces at its ends; nothing else is changed."""
    return unicodedata.normalize("NFC", text).strip(" \u3000\t\r\n")


def _code(character: str) -> str | None:
    """Return what is wrong with one character by itself, or nothing."""
    for code, characters in _BY_NAME.items():
        if character in characters:
            return code
    category = unicodedata.category(character)
    if "VARIATION SELECTOR" in unicodedata.name(character, ""):
        return "invisible"
    return None if character in _SPACES else _BY_CATEGORY.get(category)


def _script(character: str) -> str:
    """Return `foreign`, `styled` or `home` for a letter and nothing for anything else."""
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "")
    if name.startswith(_FOREIGN_SCRIPTS):
        return "foreign"
    return "styled" if name.startswith(_STYLED_LATIN) else "home"


def _look_alikes(text: str) -> Iterator[Finding]:
    """Yield letters of Cyrillic, Greek and the like that stand among Latin or Japanese ones.

    Han, kana and Latin mix freely in Japan (「山田 Taro」); a text wholly in one other script is
    no disguise unless each of its letters has a Latin twin, which short look-alikes do.
    """
    scripts = [_script(character) for character in text]
    mixed = "foreign" in scripts and "home" in scripts
    twins = all(c in _LATIN_TWINS for c, script in zip(text, scripts, strict=True) if script == "foreign")
    for position, (character, script) in enumerate(zip(text, scripts, strict=True), start=1):
        if script == "styled" or (script == "foreign" and (mixed or twins)):
            yield Finding("look_alike", character, position)


_LATIN_TWINS: Final = frozenset("АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοντυρ")


def _stacked_marks(text: str) -> Iterator[Finding]:
    run = 0
    for position, character in enumerate(text, start=1):
        run = run + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if run > _MAX_MARKS:
            yield Finding("marks", character, position)


def findings(text: str) -> list[Finding]:
    """Return every character of the text that may not stand in a name, in order of position.

    Of printable ASCII only a space at the edge is wrong; most names are that, and take this short way.
    """
    if text.isascii() and text.isprintable() and text == text.strip(" "):
        return []
    return looked_for(text)


def looked_for(text: str) -> list[Finding]:
    """Return the same for any text, character by character."""
    found = [
        Finding(code, character, position)
        for position, character in enumerate(text, start=1)
        if (code := _code(character)) is not None
    ]
    for position, edge in ((1, text[:1]), (len(text), text[-1:])):
        if edge in _SPACES and edge:
            found.append(Finding("edge_space", edge, position))
    found.extend(_look_alikes(text))
    found.extend(_stacked_marks(text))
    return sorted(found, key=lambda finding: finding.position)


def check_text(text: str, *, field: str | None = None, limit: int | None = None) -> list[Violation]:
    """Return violations of the character rules and of `limit` characters, each naming its place.

    Takes the text exactly as it will be printed. `field` is where the message will be shown.
    """
    violations = [Violation(field, found.code, _MESSAGES[found.code] % _words(found)) for found in findings(text)]
    if unicodedata.normalize("NFC", text) != text:
        violations.append(
            Violation(field, "not_nfc", _("This text has letters and their marks stored apart. Please type it again."))
        )
    if limit is not None and len(text) > limit:
        values = {"length": len(text), "limit": limit}
        violations.append(
            Violation(field, "too_long", _("This is %(length)d characters long. At most %(limit)d fit.") % values)
        )
    return violations


def _words(found: Finding) -> dict[str, object]:
    return {
        "position": found.position,
        "character": found.character,
        "code_point": f"U+{ord(found.character):04X}",
    }


def check_part(part: Part, *, field: str | None = None) -> list[Violation]:
    """Return what keeps this part from standing in a certificate (RFC 5280 A.1, and readable by people)."""
    if part.type not in OIDS:
        return [Violation(field, "unknown_type", _("“%(type)s” is no part of a name.") % {"type": part.type})]
    if not part.value:
        return [Violation(field, "empty", _("This part of the name is empty. Please fill it in."))]
    violations = check_text(part.value, field=field, limit=UPPER_BOUNDS[part.type])
    if part.type == "C" and not (part.value.isascii() and part.value.isupper() and len(part.value) == 2):
        violations.append(
            Violation(field, "country", _("Please write the country as two capital letters, such as JP."))
        )
    size = len(part.value.encode("utf-8", "replace"))
    byte_limit = BYTE_LIMITS.get(part.type)
    if byte_limit is not None and size > byte_limit:
        values = {"size": size, "limit": byte_limit}
        message = _("This takes %(size)d bytes in the certificate and %(limit)d fit (a Japanese letter takes three).")
        violations.append(Violation(field, "too_many_bytes", message % values))
    return violations


def check_parts(parts: Sequence[Part]) -> list[Violation]:
    """Return the violations of a whole name; each violation's field is the part's type."""
    violations = [violation for part in parts for violation in check_part(part, field=part.type)]
    if not parts:
        violations.append(Violation(None, "no_parts", _("The name has no parts.")))
    if len(parts) > MAX_PARTS:
        violations.append(Violation(None, "too_many_parts", _("The name has too many parts.")))
    return violations


def check_email(address: str, *, field: str | None = None) -> list[Violation]:
    """Return what keeps an address from being an rfc822Name: ASCII only, RFC 5280 4.2.1.6."""
    violations = check_text(address, field=field, limit=MAX_EMAIL)
    local, at, domain = address.rpartition("@")
    ordinary = all(
        character.isascii() and character.isprintable() and character not in ' <>()[],;:\\"' for character in address
    )
    labels = domain.split(".")
    shaped = bool(at and local and "@" not in local and len(labels) > 1 and all(labels))
    if not (ordinary and shaped and len(local) <= MAX_EMAIL_LOCAL):
        violations.append(
            Violation(
                field,
                "email",
                _("This e-mail address can't stand in a certificate. Please write it like name@example.jp."),
            )
        )
    return violations


def build(parts: Iterable[Part]) -> x509.Name:
    """Return the name with one attribute per part, in the order given.

    Values are UTF-8 strings, the country a printable string (RFC 5280 4.1.2.4). Raises ValueError
    for a part that `check_part` would have refused.
    """
    return x509.Name([x509.NameAttribute(OIDS[part.type], part.value) for part in parts])


def parts_of(name: x509.Name) -> list[Part]:
    """Return the parts of a name that `build` made; the inverse of `build`."""
    return [
        Part(SHORT_TYPES.get(attribute.oid, attribute.oid.dotted_string), str(attribute.value)) for attribute in name
    ]
