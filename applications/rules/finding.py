"""How applications are found: what is kept and what is asked are folded to one plain spelling first.

Width, case, kana, small kana, accents, hyphens, blanks and the variants of a few characters in names make no
difference. Names are kept as they are elsewhere; the folded spelling is only for looking them up.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from regulations.ruleset import RuleSet

MOST_WORDS: Final = 5
LONGEST_QUESTION: Final = 100
LONGEST_SORT_NAME: Final = 80
BEGIN: Final = "\n"
"""Stands before every value on a card, so that a word of one character finds what begins with it."""

VOICED: Final = frozenset("\u3099\u309a")
HIRAGANA: Final = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
PLAIN_KANA: Final = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
# Old and printed forms of characters in names, and the form that a keyboard gives first.
VARIANTS: Final = str.maketrans(
    "髙﨑碕嵜邊邉齋齊斉澤濱濵國廣嶋嶌冨槗德靜黑眞龍櫻濤瀨𠮷與萬藏惠榮會學應圓總條曾",
    "高崎崎崎辺辺斎斎斎沢浜浜国広島島富橋徳静黒真竜桜涛瀬吉与万蔵恵栄会学応円総条曽",
)
# Letters and digits by their category, but for the sign of a long vowel, which many leave out or type as a hyphen.
KEPT: Final = ("L", "N")
LONG_VOWEL: Final = "ー"
# Values by which nobody is looked for: an address would make every search for a town find half of the office.
UNSOUGHT: Final = frozenset({"contract.address", "contract.locality_latin", "contract.state_latin"})
SOUGHT_KINDS: Final = frozenset({"text", "kana", "latin", "corporate_number"})


def fold(text: str) -> str:
    """Return the letters and digits of `text` in the spelling in which texts are compared."""
    apart = unicodedata.normalize("NFKD", text)
    letters = "".join(letter for letter in apart if letter in VOICED or unicodedata.category(letter)[0] in KEPT)
    folded = unicodedata.normalize("NFKC", letters.casefold()).replace(LONG_VOWEL, "")
    return folded.translate(HIRAGANA).translate(PLAIN_KANA).translate(VARIANTS)


def card(values: Iterable[str]) -> str:
    """Return what stands on the index card of an application that says `values`."""
    folded = dict.fromkeys(fold(value) for value in values)
    return "".join(f"{BEGIN}{value}" for value in folded if value)


def asked(text: str) -> list[str]:
    """Return what a card must contain to be found by `text`: each of its words; none for a text without letters."""
    words = dict.fromkeys(fold(word) for word in text[:LONGEST_QUESTION].split())
    return [word if len(word) > 1 else f"{BEGIN}{word}" for word in words if word][:MOST_WORDS]


def sort_name(*parts: str) -> str:
    """Return the name under which an application stands in a list by name: readings where they are known."""
    return " ".join(filter(None, map(fold, parts)))[:LONGEST_SORT_NAME]


def by_source(ruleset: RuleSet, values: Mapping[str, str]) -> dict[str, str]:
    """Return what was said, by where the rules take it from, such as `account.name`."""
    return {field.source: values.get(field.key, "") for field in ruleset.fields if field.source}


def sought(ruleset: RuleSet, values: Mapping[str, str]) -> list[str]:
    """Return the names, readings and numbers among `values`."""
    fields = [field for field in ruleset.fields if field.kind in SOUGHT_KINDS and field.source not in UNSOUGHT]
    return [values.get(field.key, "") for field in fields]
