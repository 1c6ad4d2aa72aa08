"""Rule sets: the demo files are right, and what is wrong is refused with its place."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regulations.ruleset import (
    Fault,
    Notices,
    Reissue,
    Renewal,
    Retention,
    RuleSet,
    RuleSetError,
    identity_of,
    pin_address_of,
    san_email_of,
    subject_of,
)

FILES = sorted((Path(__file__).parents[2] / "lra_portal/demo/target_systems").glob("*.toml"))
VALUES = {
    "corporation_latin": "Mihon Seiki Co., Ltd.",
    "corporate_number": "1999900000123",
    "department_latin": "Purchasing Department",
    "person_latin": "Tsumugi Ono",
    "state_latin": "Tokyo",
    "locality_latin": "Minato-ku",
    "certificate_email": "tsumugi@mihon.example",
}


def demo(slug: str) -> dict[str, Any]:
    return tomllib.loads(next(file for file in FILES if file.stem == slug).read_text())


@pytest.mark.clause("O-1.3")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_demo_target_system_is_a_file_that_reads_back_as_it_was_written(file: Path) -> None:
    ruleset = RuleSet.parse(tomllib.loads(file.read_text()))
    assert ruleset.slug == file.stem
    assert RuleSet.parse(ruleset.to_dict()) == ruleset


@pytest.mark.clause("J-3.2")
def test_the_subject_is_printed_part_by_part_with_the_second_organisational_unit() -> None:
    parts = subject_of(RuleSet.parse(demo("e-contract")), VALUES)
    assert [(part.code, part.value) for part in parts] == [
        ("C", "JP"),
        ("ST", "Tokyo"),
        ("L", "Minato-ku"),
        ("O", "Mihon Seiki Co., Ltd."),
        ("OU", "CN-1999900000123"),
        ("OU2", "Purchasing Department"),
        ("CN", "Tsumugi Ono"),
    ]


def test_a_value_with_braces_is_printed_as_it_is() -> None:
    parts = subject_of(RuleSet.parse(demo("e-contract")), VALUES | {"person_latin": "{state_latin}"})
    assert parts[-1].value == "{state_latin}"


def test_what_is_not_filled_in_yet_is_empty() -> None:
    ruleset = RuleSet.parse(demo("e-contract"))
    assert {part.value for part in subject_of(ruleset, {})} == {"JP", ""}
    assert san_email_of(ruleset, {}) == []
    assert san_email_of(ruleset, VALUES) == ["tsumugi@mihon.example"]


@pytest.mark.clause("O-4.3.3")
def test_the_same_person_is_recognised_in_another_width_and_spacing() -> None:
    ruleset = RuleSet.parse(demo("e-contract"))
    one = {"corporate_number": "1999900000123", "person_name": "大野 つむぎ", "person_reading": "オオノ ツムギ"}
    other = {
        "corporate_number": "１９９９９０００００１２３",
        "person_name": "大野\u3000つむぎ",
        "person_reading": "ｵｵﾉﾂﾑｷﾞ",
    }
    assert identity_of(ruleset, one) == identity_of(ruleset, other)
    assert identity_of(ruleset, one) != identity_of(ruleset, one | {"person_name": "大野 つむき"})


def without(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        inner: Any = data
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]

    return change


def browser_with(kinds: list[str]) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        data["key_modes"] = ["browser"]
        data["profile"] |= {"key_types": kinds, "lra_key_type": "", "key_usage": ["digital_signature"]}

    return change


def setting(value: Any, *path: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        inner: Any = data
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value

    return change


FAULTS = [
    (without("slug"), "slug"),
    (setting("E Contract!", "slug"), "slug"),
    (setting("free of charge", "fee"), "fee"),
    (setting("yes", "four_eyes"), "four_eyes"),
    (setting(0, "promised_days"), "promised_days"),
    (setting({"ja": "名前"}, "name"), "name"),
    (setting([], "consents"), "consents"),
    (setting(["nobody"], "identity"), "identity"),
    (setting(["appointed_on"], "identity"), "identity"),
    (setting("colour", "fields", 0, "kind"), "fields[1].kind"),
    (setting("Z-A", "fields", 0, "characters"), "fields[1].characters"),
    (setting("AA", "fields", 0, "characters"), "fields[1].characters"),
    (setting("x", "fields", 0, "unheard_of"), "fields[1].unheard_of"),
    (setting("person_name", "fields", 0, "key"), "fields"),
    (setting("choice", "fields", 9, "kind"), "fields[10].choices"),
    (setting("nowhere", "examination", 1, "field"), "examination[2].field"),
    (setting("{nowhere}", "subject", 6, "value"), "subject[7].value"),
    (setting("{appointed_on}", "subject", 6, "value"), "subject[7].value"),
    (setting("Mr {person_latin}", "subject", 6, "value"), "subject[7].value"),
    (setting("E", "subject", 6, "type"), "subject[7].type"),
    (without("subject", 6), "subject"),
    (setting("{person_name}", "san_email"), "san_email"),
    (setting(["dsa1024"], "profile", "key_types"), "profile.key_types"),
    (setting("", "profile", "lra_key_type"), "profile.lra_key_type"),
    (setting(["lra", "browser"], "key_modes"), "key_modes"),
    (browser_with(["ed25519", "mldsa65"]), "profile.key_types"),
    (setting(826, "profile", "validity_days"), "profile.validity_days"),
    (setting("1.two.3", "profile", "policy_oid"), "profile.policy_oid"),
    (without("profile"), "profile"),
    (setting("text", "fields"), "fields"),
    (setting("anybody", "agents"), "agents"),
    (without("documents", 3), "agents"),
    (setting("ignore", "acceptance_lapse"), "acceptance_lapse"),
    (setting(181, "reopen_days"), "reopen_days"),
    (setting(["mood"], "override"), "override"),
    (setting("yes", "bulk"), "bulk"),
    (setting("nobody", "bulk_consent"), "bulk_consent"),
    (setting(0, "renewal", "opens_days"), "renewal.opens_days"),
    (setting(91, "reissue", "old_ends_days"), "reissue.old_ends_days"),
    (setting([30, 60], "notices", "expiry_days"), "notices.expiry_days"),
    (setting([30, 30], "notices", "expiry_days"), "notices.expiry_days"),
    (setting([366], "notices", "expiry_days"), "notices.expiry_days"),
    (setting(["30"], "notices", "expiry_days"), "notices.expiry_days"),
    (setting(29, "retention", "documents_days"), "retention.documents_days"),
    (setting(7301, "retention", "application_days"), "retention.application_days"),
    (setting(True, "retention", "forever"), "retention.forever"),
    (setting(7, "renewal"), "renewal"),
]


LETTER = {"name": "person_name", "company": "corporation_name", "postal_code": "postal_code", "address": "address"}
POSTAL_CODE = {
    "key": "postal_code",
    "label": {"ja": "郵便番号", "en": "Postal code"},
    "group": "company",
    "kind": "postal_code",
    "max_length": 8,
    "source": "contract.postal_code",
}


def by_letter(**changes: str) -> dict[str, Any]:
    """The e-contract service with the PIN by letter."""
    data = demo("e-contract")
    data["fields"].insert(0, POSTAL_CODE)
    return data | {"pin_channel": "letter", "pin_letter": LETTER | changes}


@pytest.mark.clause("J-5.2")
def test_a_pin_letter_is_addressed_from_the_answers() -> None:
    ruleset = RuleSet.parse(by_letter())
    values = {"person_name": "架空 花子", "corporation_name": "見本", "postal_code": "100-0001", "address": "東京都"}
    assert pin_address_of(ruleset, values) == {
        "name": "架空 花子",
        "company": "見本",
        "postal_code": "100-0001",
        "address": "東京都",
    }
    assert pin_address_of(RuleSet.parse(demo("e-contract")), values) == {}
    assert "company" not in pin_address_of(RuleSet.parse(by_letter(company="")), values)


@pytest.mark.clause("J-5.2")
def test_a_second_address_is_confirmed_by_each_person() -> None:
    alone = {"pin_channel": "second_mail", "bulk_consent": "person"}
    assert RuleSet.parse(demo("e-contract") | alone).pin_channel == "second_mail"
    with pytest.raises(RuleSetError) as refused:
        RuleSet.parse(demo("e-contract") | alone | {"bulk": True, "bulk_consent": "administrator"})
    assert [fault.place for fault in refused.value.faults] == ["bulk_consent"]


@pytest.mark.clause("J-5.2")
@pytest.mark.parametrize(
    ("part", "key"),
    [("address", ""), ("address", "nowhere"), ("name", "appointed_on"), ("postal_code", "address"), ("company", "x")],
)
def test_a_letter_that_could_lack_what_the_post_needs_is_refused(part: str, key: str) -> None:
    with pytest.raises(RuleSetError) as refused:
        RuleSet.parse(by_letter(**{part: key}))
    assert [fault.place for fault in refused.value.faults] == [f"pin_letter.{part}"]


@pytest.mark.clause("O-1.3")
@pytest.mark.parametrize(("change", "place"), FAULTS, ids=[place for _change, place in FAULTS])
def test_a_wrong_rule_set_is_refused_with_place_and_reason(
    change: Callable[[dict[str, Any]], None], place: str
) -> None:
    data = copy.deepcopy(demo("e-contract"))
    change(data)
    with pytest.raises(RuleSetError) as refused:
        RuleSet.parse(data)
    assert place in {fault.place for fault in refused.value.faults}
    assert all(fault.reason for fault in refused.value.faults)


@pytest.mark.clause("O-1.3")
def test_rules_that_were_written_before_a_key_existed_go_on_with_its_default() -> None:
    data = demo("e-contract")
    for name in (
        "agents", "acceptance_lapse", "reopen_days", "override", "bulk", "bulk_consent",
        "renewal", "reissue", "notices", "retention",
    ):  # fmt: skip
        del data[name]
    ruleset = RuleSet.parse(data)
    assert (ruleset.agents, ruleset.acceptance_lapse, ruleset.reopen_days) == ("none", "remind", 30)
    assert (ruleset.override, ruleset.bulk, ruleset.bulk_consent) == ((), False, "person")
    assert (ruleset.renewal, ruleset.reissue) == (Renewal(True, 30), Reissue(True, 14))
    assert (ruleset.notices, ruleset.retention) == (Notices((60, 30, 7)), Retention(3650, 3650))


def test_rules_that_were_stored_before_a_contradiction_was_known_can_still_be_read() -> None:
    data = demo("e-contract") | {"acceptance_lapse": "revoke", "acceptance_days": 30, "reissue": {"old_ends_days": 10}}
    with pytest.raises(RuleSetError):
        RuleSet.parse(data)
    assert RuleSet.stored(data).acceptance_days == 30


@pytest.mark.clause("J-2")
@pytest.mark.parametrize(("applicants", "needed"), [("verified", False), ("member", True), ("authorised_person", True)])
def test_members_and_authorised_persons_apply_under_a_contract(applicants: str, needed: bool) -> None:
    data = demo("member-client") | {"applicants": applicants}
    assert RuleSet.parse(data).needs_contract is needed


def test_a_file_for_many_people_without_a_contract_is_refused() -> None:
    with pytest.raises(RuleSetError) as refused:
        RuleSet.parse(demo("member-client") | {"bulk": True})
    assert [fault.place for fault in refused.value.faults] == ["bulk"]


def test_nothing_is_destroyed_while_an_application_may_be_reopened() -> None:
    data = demo("e-contract") | {"reopen_days": 60, "retention": {"documents_days": 59, "application_days": 60}}
    with pytest.raises(RuleSetError) as refused:
        RuleSet.parse(data)
    assert [fault.place for fault in refused.value.faults] == ["retention.documents_days"]


@pytest.mark.clause("O-15.1.2")
@pytest.mark.parametrize(
    ("lapse", "reissue", "refused"),
    [
        ("revoke", {"old_ends_days": 9}, True),
        ("revoke", {"old_ends_days": 10}, True),
        ("revoke", {"old_ends_days": 11}, False),
        ("revoke", {"allowed": False, "old_ends_days": 9}, False),
        ("remind", {"old_ends_days": 9}, False),
    ],
)
def test_no_holder_is_left_without_a_certificate_by_a_reissue(
    lapse: str, reissue: dict[str, Any], *, refused: bool
) -> None:
    data = demo("member-client") | {"acceptance_days": 10, "acceptance_lapse": lapse, "reissue": reissue}
    faults: list[Fault] = []
    try:
        RuleSet.parse(data)
    except RuleSetError as error:
        faults = list(error.faults)
    assert [fault.place for fault in faults] == (["reissue.old_ends_days"] if refused else [])
    assert all("10" in fault.reason for fault in faults)


def test_a_contract_field_without_a_contract_is_refused() -> None:
    data = demo("e-contract") | {"applicants": "verified"}
    with pytest.raises(RuleSetError) as refused:
        RuleSet.parse(data)
    assert "fields[1].source" in {fault.place for fault in refused.value.faults}


def test_a_key_that_is_missing_is_said_to_be_missing() -> None:
    data = demo("member-client")
    del data["slug"], data["promised_days"]
    with pytest.raises(RuleSetError) as raised:
        RuleSet.parse(data)
    said = {fault.place: fault.reason for fault in raised.value.faults}
    assert said.keys() == {"slug", "promised_days"}
    assert all(reason.startswith("この項目がありません。") for reason in said.values())
