"""The words of an HTML mail: scripts, styles, pictures and forms are left out, a link shows where it really leads.

No HTML of a mail ever reaches a browser; the desk shows these words, and the original can be fetched as a file.
"""

import re
from html.parser import HTMLParser

LEFT_OUT = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "math", "object", "iframe"})
BLOCKS = frozenset(
    {"p", "div", "br", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre", "blockquote",
     "section", "article", "header", "footer", "dl", "dt", "dd"}
)  # fmt: skip
LONGEST_LINK = 300
MOST_INPUT = 2_000_000


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.skipped: list[str] = []
        self.link = ""
        self.since = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in LEFT_OUT:
            self.skipped.append(tag)
        elif self.skipped:
            return
        elif tag == "a":
            self.link, self.since = dict(attrs).get("href") or "", len(self.said)
        elif tag == "img" and (alternative := dict(attrs).get("alt")):
            self.said.append(f"[{alternative}]")
        elif tag in BLOCKS:
            self.said.append("\n- " if tag == "li" else "\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in LEFT_OUT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.skipped:
            del self.skipped[self.skipped.index(tag) :]
        elif self.skipped:
            return
        elif tag == "a" and self.link:
            shown = "".join(self.said[self.since :]).strip()
            if self.link.strip() != shown:
                self.said.append(f" <{self.link.strip()[:LONGEST_LINK]}>")
            self.link = ""
        elif tag in BLOCKS:
            self.said.append("\n")
        elif tag in {"td", "th"}:
            self.said.append("  ")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.said.append(re.sub(r"\s+", " ", data))


def words_of(html: str) -> str:
    """Return what an HTML text says, in lines. Never raises: what can't be read to its end gives what came before."""
    words = _Words()
    try:
        words.feed(html[:MOST_INPUT])
        words.close()
    except (ValueError, AssertionError, RecursionError):
        pass
    lines = (" ".join(line.split()) for line in "".join(words.said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
