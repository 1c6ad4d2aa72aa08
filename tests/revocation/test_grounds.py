"""Grounds are data: each names its clause, its reason code or none, and who may cite it."""

from datetime import UTC, datetime, timedelta

import pytest

from revocation import grounds
from revocation.grounds import GROUNDS, REPORTS, Party

FRIDAY_17_59 = datetime(2026, 11, 20, 8, 59, tzinfo=UTC)
REASONS = {
    "O-15.1.1": None,
    "O-15.1.2": 4,
    "O-15.1.3": 9,
    "O-15.1.4": 1,
    "O-15.1.5": 9,
    "O-15.1.6": 5,
    "O-15.1.7": 3,
    "O-15.1.8": None,
    "O-15.2.1": 3,
    "O-15.2.2": 1,
    "O-15.2.3": None,
    "O-15.2.4": 5,
}


@pytest.mark.parametrize("clause", REASONS)
def test_each_ground_of_the_terms_has_its_reason_code_or_none(clause: str) -> None:
    (ground,) = (ground for ground in GROUNDS.values() if ground.clause == clause)
    assert grounds.reason_code(ground.key) == REASONS[clause]


def test_no_ground_encodes_unspecified() -> None:
    assert all(ground.reason != 0 for ground in GROUNDS.values())


def test_a_stranger_cites_no_ground_at_all() -> None:
    assert grounds.cited_by(Party.PUBLIC) == ()
    assert not any(grounds.may_cite(Party.PUBLIC, key) for key in GROUNDS)


def test_subscribers_cite_the_four_grounds_of_the_terms_and_no_others() -> None:
    cited = [ground.clause for ground in grounds.cited_by(Party.SUBSCRIBER)]
    assert cited == ["O-15.2.1", "O-15.2.2", "O-15.2.3", "O-15.2.4"]
    assert not grounds.may_cite(Party.SUBSCRIBER, "lra:misuse")
    assert not grounds.may_cite(Party.SUBSCRIBER, "no such ground")


def test_staff_do_not_cite_that_a_request_was_accepted() -> None:
    assert not grounds.may_cite(Party.STAFF, "lra:accepted_request")
    assert grounds.may_cite(Party.STAFF, "lra:authority_decision")


def test_a_compromise_and_the_holders_own_wish_are_due_in_24_hours_the_rest_in_5_days() -> None:
    def hours(ground: str, party: Party) -> float:
        due = grounds.due(ground=ground, party=party, received_at=FRIDAY_17_59)
        return (due - FRIDAY_17_59) / timedelta(hours=1)

    assert hours("lra:key_compromise", Party.STAFF) == 24
    assert hours("holder:no_longer_used", Party.SUBSCRIBER) == 24
    assert hours("holder:no_longer_used", Party.AGENT) == 24
    assert hours("lra:misuse", Party.STAFF) == 120
    assert hours("", Party.PUBLIC) == 120


def test_the_alarm_rises_at_half_time() -> None:
    assert grounds.half_time(FRIDAY_17_59, FRIDAY_17_59 + timedelta(hours=24)) == FRIDAY_17_59 + timedelta(hours=12)


def test_only_a_key_compromise_replaces_an_earlier_ground() -> None:
    assert grounds.raises("holder:no_longer_used", "lra:key_compromise")
    assert not grounds.raises("lra:key_compromise", "holder:key_compromise")
    assert not grounds.raises("holder:no_longer_used", "lra:misuse")


def test_reports_of_misuse_name_the_kind_and_propose_a_ground_that_staff_may_cite() -> None:
    kinds = [report for report in REPORTS.values() if report.clause.startswith("O-14.")]
    assert len(kinds) == 4
    assert {report.ground for report in kinds} == {"lra:misuse"}
    assert all(grounds.may_cite(Party.STAFF, report.ground) for report in REPORTS.values())
