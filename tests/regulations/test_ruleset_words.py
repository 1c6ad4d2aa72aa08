"""Rules in words: every code that a rules file may hold has words in both languages; the summary says it all."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from regulations import ruleset_parts as parts
from regulations.ruleset import RuleSet
from regulations.ruleset_differences import rule_differences
from regulations.ruleset_summary import summary_of
from regulations.ruleset_words import NAMES, VALUES, said

FOLDER = Path(__file__).parents[2] / "lra_portal/demo/target_systems"
CODES = {
    "fee": parts.FEES,
    "applicants": parts.APPLICANTS,
    "agents": parts.AGENTS,
    "key_modes": parts.KEY_MODES,
    "acceptance_lapse": parts.ACCEPTANCE_LAPSES,
    "override": parts.FINDINGS,
    "bulk_consent": parts.BULK_CONSENTS,
    "pin_channel": parts.PIN_CHANNELS,
    "key_types": parts.KEY_TYPES,
    "signature_hash": parts.SIGNATURE_HASHES,
    "key_usage": parts.KEY_USAGES,
    "extended_key_usage": parts.EXTENDED_KEY_USAGES,
    "group": parts.FIELD_GROUPS,
    "kind": (*parts.FIELD_KINDS, *parts.EXAMINATION_KINDS),
}


def demo(slug: str, **changes: Any) -> RuleSet:
    return RuleSet.parse(tomllib.loads((FOLDER / f"{slug}.toml").read_text()) | changes)


@pytest.mark.parametrize("name", CODES)
def test_every_code_of_a_rule_has_its_words_in_both_languages(name: str) -> None:
    assert set(VALUES[name]) == set(CODES[name])
    for code in CODES[name]:
        for language in ("ja", "en"):
            with translation.override(language):
                assert said(name, code) != code or code in ("text", "date", "choice", "none")


def test_every_rule_has_a_name() -> None:
    assert set(demo("e-contract").to_dict()) - {"slug"} <= set(NAMES)


@pytest.mark.clause("O-1.3")
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"applicants": "authorised_person"}, "authorised persons of a contract in force"),
        ({"agents": "letter_of_proxy"}, "possible with a letter of proxy"),
        ({"bulk": True, "bulk_consent": "administrator"}, "the contract's administrator, for everybody"),
        ({"override": ["document_age"]}, "a document is too old or not dated"),
        ({"override": []}, "none"),
        ({"reopen_days": 12}, "12 days"),
        ({"reopen_days": 0}, "not possible"),
        ({"acceptance_lapse": "revoke"}, "the certificate is revoked"),
        ({"renewal": {"allowed": True, "opens_days": 45}}, "opens 45 days before the certificate ends"),
        ({"reissue": {"old_ends_days": 1}}, "the old certificate ends 1 day after"),
        ({"notices": {"expiry_days": [45, 9]}}, "45, 9 days before the end, and at the end"),
        ({"retention": {"documents_days": 99}}, "destroyed 99 days after the case has ended"),
    ],
)
def test_the_summary_says_what_each_rule_means(changes: dict[str, Any], told: str) -> None:
    with translation.override("en"):
        chapters = summary_of(demo("e-contract", **changes), {"usage-terms": "Usage terms"})
    said_there = "\n".join(f"{name}: {text}" for chapter in chapters for name, text in chapter.rows)
    assert told in said_there
    assert "Usage terms" in said_there


@pytest.mark.clause("O-1.3")
def test_differences_are_read_in_either_language_and_show_no_codes() -> None:
    before = demo("e-contract").to_dict()
    changed = {"acceptance_lapse": "revoke", "agents": "none", "retention": {"documents_days": 99}}
    after = demo("e-contract", **changed).to_dict()
    with translation.override("ja"):
        found = {row.place: (row.before, row.after) for row in rule_differences(before, after)}
    assert found == {
        "代理人による申請": ("可（委任状が必要）", "不可"),
        "受領確認の期限が過ぎたとき": ("利用者と登録局にお知らせする", "証明書を失効する"),
        "保存期間 — 書類の日数": ("3650", "99"),
    }
