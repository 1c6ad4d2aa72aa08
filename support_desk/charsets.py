"""Bytes of mails as text, whatever they claim to be: nothing that somebody sends may fail to be shown (fault 17).

Japanese mail programs write vendor characters (①, ㈱, 髙) under names of standards that do not have them. ISO-2022-JP
and EUC-JP are therefore moved into code page 932, which has them all, and decoded there.
"""

import re
import unicodedata

_ESCAPE = re.compile(rb"\x1b(\$\(?[@BD]|\([BJIH])")
_NAMES = {"shift_jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "ms_kanji": "cp932", "windows-31j": "cp932"}
_MOVED = {"iso-2022-jp", "iso-2022-jp-ms", "cp50220", "cp50221", "csiso2022jp", "euc-jp", "x-euc-jp", "eucjp"}
_GUESSES = ("utf-8", "iso-2022-jp", "cp932", "euc-jp")
_LOST = "\ufffd"
_SHOWN_BREAKS = {"\u2028": "\n", "\u2029": "\n", "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\u00a0": " "}
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]")


def text_of(data: bytes, declared: str = "") -> str:
    """Return `data` as text: as declared when that fits, else as what fits best; what nothing reads becomes �."""
    name = declared.strip("\"' ").lower()
    if b"\x1b$" in data and name not in _MOVED:
        name = "iso-2022-jp"
    first = _decoded(data, name) if name else None
    if first is not None and _LOST not in first:
        return first
    tried = [first] if first is not None else []
    tried += [found for guess in _GUESSES if (found := _decoded(data, guess)) is not None]
    return min(tried, key=lambda text: text.count(_LOST)) if tried else data.decode("latin-1")


def shown(text: str, *, lines: bool = True) -> str:
    """Return `text` as it may be kept and shown: without what can't be seen, turned around or stored.

    A private character becomes 〓, as printers have always set what they lack. Without `lines` it is one line.
    """
    kept = "".join(_shown(sign) for sign in unicodedata.normalize("NFC", text.replace("\r\n", "\n")))
    if not lines:
        return " ".join(kept.split())
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(line.rstrip() for line in kept.split("\n"))).strip()


def language_of(text: str) -> str:
    """Return the language in which to answer: Japanese when it has Japanese letters, and for a mail without words."""
    return "ja" if _WIDE.search(text) or not re.search(r"[A-Za-z]{2}", text) else "en"


def _decoded(data: bytes, name: str) -> str | None:
    """Return `data` in the charset `name`, with � for what it lacks; None for a charset that nobody knows."""
    if name.startswith(("iso-2022-jp", "cp5022", "csiso2022jp")):
        return _from_iso_2022(data)
    if name in _MOVED:
        return _from_euc(data)
    try:
        return data.decode(_NAMES.get(name, name), errors="replace")
    except (LookupError, ValueError, UnicodeError):
        return None


def _from_iso_2022(data: bytes) -> str:
    """ISO-2022-JP with its escapes, in whose double bytes code page 932's rows are found too."""
    said, mode, place = list[str](), b"(B", 0
    for match in [*_ESCAPE.finditer(data), None]:
        part = data[place : match.start() if match else len(data)]
        said.append(_segment(part, mode))
        if match:
            mode, place = match[1], match.end()
    return "".join(said)


def _segment(part: bytes, mode: bytes) -> str:
    if mode == b"(I":
        return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in part).decode("cp932", "replace")
    if not mode.startswith(b"$"):
        return part.decode("ascii", "replace")
    if mode == b"$(D":
        return b"".join((b"\x1b$(D", part, b"\x1b(B")).decode("iso2022_jp_1", "replace")
    # A line ends in ASCII even where the escape back was forgotten.
    return "\n".join(_pairs(line).decode("cp932", "replace") for line in part.replace(b"\r\n", b"\n").split(b"\n"))


def _from_euc(data: bytes) -> str:
    moved, place = bytearray(), 0
    while place < len(data):
        byte = data[place]
        if byte == 0x8E and place + 1 < len(data):
            moved.append(data[place + 1])
            place += 2
        elif 0xA1 <= byte <= 0xFE and place + 1 < len(data):
            moved += _pairs(bytes((byte & 0x7F, data[place + 1] & 0x7F)))
            place += 2
        else:
            moved += bytes((byte,)) if byte < 0x80 else b"\x81\xac"
            place += 1
    return bytes(moved).decode("cp932", "replace")


def _pairs(part: bytes) -> bytes:
    """Return double bytes of JIS X 0208 and its vendor rows as bytes of code page 932."""
    moved = bytearray()
    for row, cell in zip(part[::2], part[1::2], strict=False):
        high = ((row - 1) >> 1) + (0x71 if row <= 0x5E else 0xB1)
        low = cell + (0x1F if row % 2 else 0x7E)
        moved += bytes((high & 0xFF, (low + (row % 2 and low >= 0x7F)) & 0xFF))
    return bytes(moved)


def _shown(sign: str) -> str:
    if sign in _SHOWN_BREAKS:
        return _SHOWN_BREAKS[sign]
    if sign in "\n\t":
        return sign.replace("\t", "    ")
    category = unicodedata.category(sign)
    if category == "Co":
        return "〓"
    if category in {"Cc", "Cf"} or 0xFE00 <= ord(sign) <= 0xFE0F:
        return ""
    return _LOST if category in {"Cs", "Cn"} else sign
