"""The guide for rules managers names every key of a rules file, and every code that one may hold."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from regulations import ruleset, ruleset_parts

GUIDE = (Path(__file__).parents[2] / "docs/rules.md").read_text()
TABLES = (
    ruleset.RuleSet, ruleset.Field, ruleset.DocumentRule, ruleset.ExaminationItem, ruleset.Declaration, ruleset.Choice,
    ruleset.SubjectTemplate, ruleset.Profile, ruleset.Renewal, ruleset.Reissue, ruleset.Notices, ruleset.Retention,
    ruleset.PinLetter,
)  # fmt: skip
CODES = (
    *ruleset_parts.APPLICANTS, *ruleset_parts.AGENTS, *ruleset_parts.FEES, *ruleset_parts.KEY_MODES,
    *ruleset_parts.ACCEPTANCE_LAPSES, *ruleset_parts.BULK_CONSENTS, *ruleset_parts.FINDINGS,
    *ruleset_parts.FIELD_KINDS, *ruleset_parts.FIELD_GROUPS, *ruleset_parts.EXAMINATION_KINDS,
    *ruleset_parts.PIN_CHANNELS, *ruleset_parts.SIGNATURE_HASHES,
)  # fmt: skip


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_key_stands_in_the_guide(table: type) -> None:
    named = [field.name for field in dataclasses.fields(table)]
    aside = {
        "fields",
        "documents",
        "examination",
        "subject",
        "profile",
        "renewal",
        "reissue",
        "notices",
        "retention",
        "pin_letter",
    }
    missing = [name for name in named if f"`{name}`" not in GUIDE and name not in aside]
    assert not missing
    assert not [name for name in aside & set(named) if f"[{name}]" not in GUIDE]


def test_every_code_stands_in_the_guide() -> None:
    assert not [code for code in CODES if f"`{code}`" not in GUIDE]
