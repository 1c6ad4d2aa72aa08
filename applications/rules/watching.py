"""Comparing names with the watch list: what people write in many ways is one form (O-11.1).

Width, case, kana, marks of Latin letters, spaces and signs make no difference. A whole name is found where
it makes up whole words; words also end where the script changes, since Japanese is written without spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby
from typing import Final

import jaconv

WHOLE: Final = "whole"
PART: Final = "part"
MATCHINGS: Final = (WHOLE, PART)
LEAST_LETTERS: Final = 2
LONGEST_NAME: Final = 120
MOST_WORDS: Final = 40
KANA_MARKS: Final = frozenset("\u3099\u309a")
# Words of Han that stand before or behind a company's name without a space.
LEGAL_FORMS: Final = re.compile(
    "(株式|有限|合同|合資|合名)会社|(一般|公益)?(社団|財団)法人|(学校|医療|宗教|社会福祉|特定非営利活動)法人|協同組合"
)


def folded(text: str) -> str:
    """Return `text` with everything taken out that writers vary, signs and spaces kept as borders."""
    wide = jaconv.hira2kata(unicodedata.normalize("NFKC", text))
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFD", wide)
        if unicodedata.category(letter) != "Mn" or letter in KANA_MARKS
    )
    return unicodedata.normalize("NFC", bare).casefold()


def words_of(text: str) -> list[str]:
    """Return the words of a text in their one form: runs of letters of one script, or of digits."""
    runs = groupby(LEGAL_FORMS.sub(r" \g<0> ", folded(text)), key=_script)
    return ["".join(letters) for script, letters in runs if script]


def form_of(text: str) -> str:
    """Return the one form of a name, without borders."""
    return "".join(words_of(text))


def whole_forms(text: str) -> frozenset[str]:
    """Return every form that whole words of `text` make, one by one and run together."""
    words = words_of(text)[:MOST_WORDS]
    places = range(len(words))
    return frozenset("".join(words[start : end + 1]) for start in places for end in places if end >= start)


def is_named(form: str, matching: str, text: str) -> bool:
    """Tell whether a name of the watch list, in its one form, stands in `text`."""
    return form in whole_forms(text) if matching == WHOLE else form in form_of(text)


def found_in(form: str, matching: str, texts: Iterable[str]) -> list[str]:
    """Return the texts in which the name stands, each once, in their order."""
    return [text for text in dict.fromkeys(texts) if is_named(form, matching, text)]


def _script(letter: str) -> str:
    if letter.isdecimal():
        return "digit"
    if unicodedata.category(letter)[0] != "L":
        return ""
    name = unicodedata.name(letter, "")
    if name.startswith(("KATAKANA", "HIRAGANA")):
        return "kana"
    return "han" if name.startswith(("CJK", "IDEOGRAPHIC")) else "letter"
