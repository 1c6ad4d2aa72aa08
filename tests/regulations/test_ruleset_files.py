"""Rules as files: what is written reads back, and what is meant to hurt is refused with its place."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from regulations.ruleset import RuleSet, RuleSetError
from regulations.ruleset_differences import rule_differences
from regulations.ruleset_files import FORMATS, LARGEST, read_file, to_file
from regulations.ruleset_samples import sample_values

FILES = sorted((Path(__file__).parents[2] / "lra_portal/demo/target_systems").glob("*.toml"))


def rules(slug: str = "e-contract") -> dict[str, Any]:
    file = next(file for file in FILES if file.stem == slug)
    return RuleSet.parse(tomllib.loads(file.read_text())).to_dict()


@pytest.mark.clause("O-1.3")
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rules_written_to_a_file_read_back_as_the_same_rules(file: Path, kind: str) -> None:
    stored = rules(file.stem)
    assert RuleSet.parse(read_file(to_file(stored, kind).encode(), kind)).to_dict() == stored


@pytest.mark.parametrize("kind", FORMATS)
def test_letters_that_mean_something_in_a_file_come_back_as_they_were(kind: str) -> None:
    stored = rules()
    stored["name"] = {"ja": 'バックスラッシュ \\ と " と ]]', "en": "tab\there, # no note, {key}: - &anchor *alias\x7f"}
    assert read_file(to_file(stored, kind).encode(), kind) == stored


BOMB = "a: &a [x, x]\n" + "\n".join(f"{b}: &{b} [*{a}, *{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
HOSTILE = {
    "aliases that multiply": ("yaml", BOMB.encode(), "1"),
    "a tag that runs something": ("yaml", b"slug: x\nname: !!python/object/apply:os.system [ls]\n", "2"),
    "a tag of its own": ("yaml", b"slug: !mine x\n", "1"),
    "a name twice": ("yaml", b"slug: a\nslug: b\n", "1"),
    "endless nesting": ("yaml", b"a: " + b"[" * 50_000, "1"),
    "endless nesting in TOML": ("toml", b"a = " + b"[" * 50_000, "/"),
    "a number without end": ("toml", b"promised_days = " + b"9" * 5_000, "/"),
    "no mapping": ("yaml", b"- a\n- b\n", "/"),
    "a name that is no text": ("yaml", b"1: x\n", "1"),
    "another encoding": ("toml", "slug = 'a'\nname = '見本'".encode("shift_jis"), "2"),
    "a NUL": ("toml", b'slug = "a\\u0000b"', "a\ufffdb"),
    "an open text": ("toml", b'slug = "a', "/"),
    "two documents": ("yaml", b"a: 1\n--- \nb: 2\n", "2"),
    "an empty file": ("yaml", b"", "/"),
    "more than a megabyte": ("toml", b"#" * (LARGEST + 1), "/"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_place(name: str) -> None:
    kind, content, place = HOSTILE[name]
    with pytest.raises(RuleSetError) as refused:
        read_file(content, kind)
    assert place in refused.value.faults[0].place
    assert refused.value.faults[0].reason


def test_the_same_rules_do_not_differ() -> None:
    assert rule_differences(rules(), rules()) == []


@pytest.mark.clause("O-1.3")
def test_what_differs_is_told_rule_by_rule() -> None:
    before, after = rules(), rules()
    after["promised_days"] = 5
    after["four_eyes"] = False
    after["profile"]["key_types"] = ["rsa3072", "p256"]
    after["documents"][0]["max_age_days"] = 30
    after["notices"]["expiry_days"] = [45, 14]
    after["override"] = []
    gone = after["examination"].pop()
    after["fields"][0], after["fields"][1] = after["fields"][1], after["fields"][0]
    with translation.override("en"):
        found = {row.place: (row.before, row.after) for row in rule_differences(before, after)}
    assert found["Business days until the result"] == ("3", "5")
    assert found["Examined and approved by two people"] == ("yes", "no")
    assert found["Certificate profile — kinds of keys"][1] == "RSA with 3072 bits, elliptic curve P-256"
    assert found["Document to hand in “Seal certificate” — greatest age in days"] == ("92", "30")
    assert found[f"Examination item “{gone['label']['en']}”"][1] is None
    assert found["Reminders — days before the certificate's end"] == ("60, 30, 7", "45, 14")
    assert "Findings that an examiner may override" in found
    assert "Field: order" in found
    assert len(found) == 8


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_field_has_a_sample_that_fits(file: Path) -> None:
    ruleset = RuleSet.parse(rules(file.stem))
    values = sample_values(ruleset)
    assert set(values) == ruleset.field_keys
    assert all(0 < len(values[field.key]) <= field.max_length for field in ruleset.fields)
