"""One plain spelling in which names, readings and numbers are kept for looking them up and asked for.

Width, case, kana, small kana, accents, hyphens, blanks and the variants of a few characters in names make no
difference. Names are kept as they are elsewhere; the folded spelling is only for finding them. The database folds
people's cards by the same tables (migration `0009_people_are_found`), and a test holds both beside each other.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

MOST_WORDS: Final = 5
LONGEST_QUESTION: Final = 100
BEGIN: Final = "\n"
"""Stands before every value on a card, so that a word of one character finds what begins with it."""

VOICED: Final = frozenset("\u3099\u309a")
HIRAGANA: Final = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
PLAIN_KANA: Final = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
# Old and printed forms of characters in names, and the form that a keyboard gives first.
VARIANTS: Final = str.maketrans(
    "髙﨑碕嵜邊邉齋齊斉澤濱濵國廣嶋嶌冨槗德靜黑眞龍櫻濤瀨𠮷與萬藏惠榮會學應圓總條曽",
    "高崎崎崎辺辺斎斎斎沢浜浜国広島島富橋徳静黒真竜桜涛瀬吉与万蔵恵栄会学応円総条曽",
)
# Letters and digits by their category, but for the sign of a long vowel, which many leave out or type as a hyphen.
KEPT: Final = ("L", "N")
LONG_VOWEL: Final = "ー"


def fold(text: str) -> str:
    """Return the letters and digits of `text` in the spelling in which texts are compared."""
    apart = unicodedata.normalize("NFKD", text)
    letters = "".join(letter for letter in apart if letter in VOICED or unicodedata.category(letter)[0] in KEPT)
    folded = unicodedata.normalize("NFKC", letters.casefold()).replace(LONG_VOWEL, "")
    return folded.translate(HIRAGANA).translate(PLAIN_KANA).translate(VARIANTS)


def card(values: Iterable[str]) -> str:
    """Return what stands on the index card of something that says `values`."""
    folded = dict.fromkeys(fold(value) for value in values)
    return "".join(f"{BEGIN}{value}" for value in folded if value)


def asked(text: str) -> list[str]:
    """Return what a card must contain to be found by `text`: each of its words; none for a text without letters."""
    words = dict.fromkeys(fold(word) for word in text[:LONGEST_QUESTION].split())
    return [word if len(word) > 1 else f"{BEGIN}{word}" for word in words if word][:MOST_WORDS]
