"""Catalogues of messages, without the gettext programs: a bare machine has none.

Every app has a catalogue of its own, `locale/<app>/ja/LC_MESSAGES/django.po`. The source strings are English and stand
in `<app>/**/*.py` and `templates/<app>/**`. `python -m lra_portal.messages update` brings the catalogues up to date,
`check` lists what keeps a Japanese reader from reading Japanese, `compile` writes the .mo files that Django loads.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.utils.translation.template import templatize

BASE = Path(__file__).resolve().parent.parent
LANGUAGE = "ja"
APPS = (
    "audit",
    "vault",
    "accounts",
    "regulations",
    "certificates",
    "revocation",
    "applications",
    "support_desk",
    "repository",
    "lra_portal",
)
# Templates that lie outside the folder of the app whose pages they are.
FOREIGN_FOLDERS = dict.fromkeys(("account", "allauth", "mfa", "socialaccount", "usersessions"), "accounts")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w+)\}")

Key = tuple[str | None, str, str]  # context, message, plural or ""


def catalogue_path(app: str) -> Path:
    """Return the place of an app's Japanese catalogue."""
    return BASE / "locale" / app / LANGUAGE / "LC_MESSAGES" / "django.po"


def app_of_template(path: Path) -> str:
    """Return the app in whose catalogue the strings of a template stand."""
    parts = path.relative_to(BASE / "templates").parts
    folder = parts[0] if len(parts) > 1 else ""
    return FOREIGN_FOLDERS.get(folder, folder if folder in APPS else "lra_portal")


def messages_in(source: str) -> Iterator[Key]:
    """Yield the messages of Python source, in order."""
    found = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS)
    for _line, message, _comments, context in found:
        single, plural = message if isinstance(message, tuple) else (message, "")
        if single:
            yield context, single, plural


def messages_in_template(text: str, name: str) -> Iterator[Key]:
    """Yield the messages of a template. Django blanks out all but them; indentation would still trouble the parser."""
    blanked = templatize(text, origin=name)
    yield from messages_in("\n".join(line.lstrip() for line in blanked.splitlines()))


def extracted(app: str) -> dict[Key, list[str]]:
    """Return every message of an app with the files that use it."""
    found: dict[Key, list[str]] = {}
    for path in sorted((BASE / app).rglob("*.py")):
        for key in messages_in(path.read_text()):
            remember(found, key, path)
    for path in sorted((BASE / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt", ".svg"} and app_of_template(path) == app:
            for key in messages_in_template(path.read_text(), str(path)):
                remember(found, key, path)
    return found


def remember(found: dict[Key, list[str]], key: Key, path: Path) -> None:
    """Note that a file uses a message."""
    places = found.setdefault(key, [])
    name = str(path.relative_to(BASE))
    if name not in places:
        places.append(name)


def load(app: str) -> polib.POFile:
    """Return an app's catalogue, an empty one where there is none yet."""
    path = catalogue_path(app)
    if path.exists():
        return polib.pofile(str(path), wrapwidth=0)
    catalogue = polib.POFile(wrapwidth=0)
    catalogue.metadata = {
        "Language": LANGUAGE,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return catalogue


def key_of(entry: polib.POEntry) -> Key:
    """Return what makes an entry of a catalogue one message."""
    return entry.msgctxt, entry.msgid, entry.msgid_plural or ""


def translated_elsewhere() -> dict[Key, polib.POEntry]:
    """Return the translations of all catalogues, so that a string used in two apps is written once."""
    return {key_of(entry): entry for app in APPS for entry in load(app).translated_entries()}


def update(*, prune: bool = False) -> int:
    """Bring every catalogue up to date with the sources; what is used no more is kept apart, or dropped by `prune`."""
    known = translated_elsewhere()
    for app in APPS:
        found, catalogue = extracted(app), load(app)
        old = {key_of(entry): entry for entry in catalogue}
        fresh = load(app)
        fresh.clear()
        fresh.extend(renewed(key, places, old.get(key), known.get(key)) for key, places in found.items())
        gone = [entry for key, entry in old.items() if key not in found and entry.msgstr]
        for entry in [] if prune else gone:
            entry.obsolete, entry.occurrences = True, []
            fresh.append(entry)
        if len(fresh):
            catalogue_path(app).parent.mkdir(parents=True, exist_ok=True)
            fresh.save(str(catalogue_path(app)))
        open_ones = sum(1 for entry in fresh if not entry.obsolete and not entry.translated())
        print(f"{app}: {len(found)} messages, {open_ones} to translate, {len(gone)} used no more")
    return 0


def renewed(key: Key, places: list[str], old: polib.POEntry | None, elsewhere: polib.POEntry | None) -> polib.POEntry:
    """Return the entry of a message with the translation that one of the catalogues has for it."""
    context, single, plural = key
    entry = polib.POEntry(msgctxt=context, msgid=single, msgid_plural=plural)
    entry.occurrences = [(place, "") for place in places]
    source = old if old and (old.translated() or old.fuzzy) else elsewhere
    if source:
        entry.msgstr, entry.msgstr_plural, entry.tcomment = source.msgstr, source.msgstr_plural, source.tcomment
        entry.flags = [flag for flag in source.flags if flag == "fuzzy"]
    elif plural:
        entry.msgstr_plural = {0: ""}
    return entry


def faults(app: str) -> Iterator[str]:
    """Yield one line for every message that a Japanese reader would miss or read wrongly."""
    found, catalogue = extracted(app), load(app)
    entries = {key_of(entry): entry for entry in catalogue if not entry.obsolete}
    for key, places in found.items():
        entry = entries.get(key)
        if entry is None or not (entry.translated() or entry.fuzzy):
            yield f"missing   {app}: {key[1]!r} ({places[0]})"
        elif entry.fuzzy:
            yield f"fuzzy     {app}: {key[1]!r} ({places[0]})"
        elif not same_placeholders(entry):
            yield f"differing placeholders {app}: {key[1]!r} ({places[0]})"
    for entry in catalogue:
        if entry.obsolete or key_of(entry) not in found:
            yield f"obsolete  {app}: {entry.msgid!r}"


def same_placeholders(entry: polib.POEntry) -> bool:
    """Say whether a translation uses only placeholders of its message; another one would fail on the page."""
    allowed = set(PLACEHOLDER.findall(entry.msgid + (entry.msgid_plural or "")))
    used = "".join([entry.msgstr, *entry.msgstr_plural.values()])
    return set(PLACEHOLDER.findall(used)) <= allowed


def contradictions() -> Iterator[str]:
    """Yield the messages that two catalogues translate differently: Django would show one of them everywhere."""
    seen: dict[Key, tuple[str, str]] = {}
    for app in APPS:
        for entry in load(app).translated_entries():
            text = entry.msgstr or entry.msgstr_plural.get(0, "")
            first_app, first = seen.setdefault(key_of(entry), (app, text))
            if first != text:
                yield f"differing {app}: {entry.msgid!r} is {first!r} in {first_app} and {text!r} here"


def check() -> int:
    """Print what is wrong with the catalogues; return 1 if anything is."""
    lines = [line for app in APPS for line in faults(app)] + list(contradictions())
    print("\n".join(lines) if lines else "Every message is translated.")
    if lines:
        print(f"{len(lines)} to mend: python -m lra_portal.messages update, then edit locale/<app>/ja")
    return 1 if lines else 0


def compile_all() -> int:
    """Write the .mo file of every catalogue that is newer than its .mo file."""
    for app in APPS:
        source = catalogue_path(app)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns):
            continue
        unfinished = target.with_suffix(".mo.new")
        load(app).save_as_mofile(str(unfinished))
        unfinished.replace(target)
    return 0


def main(arguments: list[str]) -> int:
    """Run one of the commands; return the exit code."""
    commands = {"compile": compile_all, "check": check, "update": update}
    name = arguments[0] if arguments else ""
    if name not in commands:
        print("python -m lra_portal.messages compile | check | update [--prune]")
        return 2
    if name == "update":
        return update(prune="--prune" in arguments)
    return commands[name]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
