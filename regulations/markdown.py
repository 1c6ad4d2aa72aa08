"""Documents as readable pages: Markdown to HTML, without any HTML of the author's own."""

from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# Raw HTML in a document is shown as text; a link may lead to http, https or mailto only (the library's rule).
_READER = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")


@lru_cache(maxsize=64)
def readable(text: str) -> SafeString:
    """Return a document's Markdown as HTML that is safe to stand in a page."""
    html: str = _READER.render(text)
    return mark_safe(html)  # noqa: S308 — the renderer escapes what is not its own markup
