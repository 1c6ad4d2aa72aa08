"""Rules as files that people review like code: read from TOML or YAML, written as either (O-1.3).

What comes in is text from outside: at most 1 MB, no aliases, no tags, no keys twice, no endless nesting.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

import yaml
from django.utils.translation import gettext as _

from regulations.ruleset_reading import Fault, RuleSetError

FORMATS = ("toml", "yaml")
LARGEST = 1024 * 1024
DEEPEST = 12
UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")
SHOWN = dict.fromkeys([*range(0x20), *range(0xD800, 0xE000)], "\ufffd")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_file(content: bytes, kind: str) -> dict[str, Any]:
    """Return the values in a file of `kind` ("toml" or "yaml"); raises RuleSetError with the place and the reason."""
    if len(content) > LARGEST:
        raise refused("/", _("The file is larger than 1 MB."))
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refused(line_place(line), _("This line is not UTF-8 text.")) from error
    data = from_yaml(text) if kind == "yaml" else from_toml(text)
    if not isinstance(data, dict):
        raise refused("/", _("A table of values is expected here."))
    check_keys(data, 1)
    return data


def from_toml(text: str) -> Any:
    """Return the values in a TOML text."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refused("/", _("This is no TOML: %(error)s") % {"error": error}) from error
    except (RecursionError, ValueError) as error:
        raise refused("/", _("The values are nested too deeply or too large.")) from error


def from_yaml(text: str) -> Any:
    """Return the values in a YAML text of plain values only."""
    try:
        check_events(text)
        return yaml.load(text, LOADER)  # noqa: S506 — a safe loader, over events that were checked
    except RuleSetError:
        raise
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        place = line_place(mark.line + 1) if mark else "/"
        raise refused(place, _("This is no YAML: %(error)s") % {"error": reason}) from error
    except (RecursionError, ValueError, TypeError) as error:
        raise refused("/", _("The values are nested too deeply or too large.")) from error


def check_events(text: str) -> None:
    """Refuse aliases, which can make a small file huge, tags, which can make anything, nesting, and keys twice."""
    depth = 0
    for event in yaml.parse(text, LOADER):
        place = line_place(event.start_mark.line + 1 if event.start_mark else 1)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise refused(place, _("Anchors and aliases (& and *) are not allowed here."))
        if getattr(event, "tag", None):
            raise refused(place, _("Tags (!) are not allowed here."))
        if depth > DEEPEST:
            raise refused(place, _("The values are nested too deeply or too large."))
    for node in nodes_of(yaml.compose(text, LOADER)):
        keys = [key.value for key, _value in node.value]
        if len({str(key) for key in keys}) < len(keys):
            raise refused(line_place(node.start_mark.line + 1), _("A name occurs twice in this table."))


def nodes_of(node: Any) -> list[yaml.MappingNode]:
    """Return every table in a YAML document."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, yaml.MappingNode):
            found.append(one)
            waiting += [value for _key, value in one.value]
        elif isinstance(one, yaml.SequenceNode):
            waiting += one.value
    return found


def check_keys(value: Any, depth: int) -> None:
    """Refuse names that are no text, characters that no database keeps, and what is nested deeper than rules are."""
    if depth > DEEPEST:
        raise refused("/", _("The values are nested too deeply or too large."))
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise refused(str(key)[:40], _("A name must be text."))
    if isinstance(value, str) and UNSTORABLE.search(value):
        raise refused(value[:40].translate(SHOWN), _("A character in this text can't be stored."))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        check_keys(inner, depth + 1)


def refused(place: str, reason: str) -> RuleSetError:
    """Return the refusal of a file as a whole."""
    return RuleSetError([Fault(place, reason)])


def line_place(line: int) -> str:
    """Return how a line is named."""
    return _("line %(line)d") % {"line": line}


def to_file(rules: Mapping[str, Any], kind: str) -> str:
    """Return the rules as a file of `kind` that `read_file` reads back."""
    return to_yaml(rules) if kind == "yaml" else to_toml(rules)


def to_yaml(rules: Mapping[str, Any]) -> str:
    """Return the rules as YAML, in the order of their names in the schema."""
    return str(yaml.safe_dump(dict(rules), sort_keys=False, allow_unicode=True, width=120))


def to_toml(rules: Mapping[str, Any]) -> str:
    """Return the rules as TOML: plain values first, then one table per row of a list, one thing a line."""
    tables = {key: value for key, value in rules.items() if is_table(value)}
    plain = [f"{key} = {inline(value)}" for key, value in rules.items() if not is_rows(value) and key not in tables]
    parts = ["\n".join(plain)]
    for key, rows in rules.items():
        if is_rows(rows):
            parts += [table(f"[[{key}]]", row) for row in rows]
    parts += [table(f"[{key}]", value) for key, value in tables.items()]
    return "\n\n".join(parts) + "\n"


def is_rows(value: Any) -> bool:
    """Tell whether a value is a list of tables; an empty list is written as one value."""
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def is_table(value: Any) -> bool:
    """Tell whether a value is a table of its own; a text in both languages is written as one value."""
    return isinstance(value, Mapping) and set(value) != {"ja", "en"}


def table(head: str, row: Mapping[str, Any]) -> str:
    """Return one table with its values."""
    return "\n".join([head, *(f"{key} = {inline(value)}" for key, value in row.items())])


def inline(value: Any) -> str:
    """Return a value as TOML writes it on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {inline(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(inline(inner) for inner in value) + "]"
    if isinstance(value, str):
        # JSON's escapes are TOML's; DEL is the one control character that JSON writes as it is.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return json.dumps(value)
