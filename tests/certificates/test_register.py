"""The register of certificates: narrowed down, page by page at the same cost, and taken away as a file on record."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography import x509
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from audit.models import Event
from certificates.models import Certificate, CertificationAuthority
from certificates.profiles import key_type_of
from certificates.worker import batch
from regulations.models import TargetSystemVersion
from tests.certificates import material, orders
from tests.certificates.pinned import issued, make_rules
from tests.instants import WEDNESDAY_11_00
from tests.people import People, make_person, signed_in
from tests.revocation.world import World, make_world

REGISTER = "/office/register/"
DAY = timedelta(days=1)


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        yield make_world()


@pytest.fixture
def office(world: World) -> Client:
    return signed_in(make_person("examiner", Role.EXAMINER))


def make(world: World, number: str, *, days: int = 365, **columns: Any) -> Certificate:
    """A certificate with a management number of the test's choice, which ends after so many days."""
    made = issued(world, make_rules(world), at=WEDNESDAY_11_00 - 2 * DAY, days=days + 2)
    Certificate.objects.filter(pk=made.pk).update(management_number=number, **columns)
    made.refresh_from_db()
    return made


def numbers(browser: Client, **asked: str) -> list[str]:
    """The management numbers on the page, from the top."""
    answer = browser.get(REGISTER, asked)
    assert answer.status_code == 200
    return [line.certificate.management_number for line in answer.context["rows"]]


def test_the_register_is_narrowed_down_by_how_certificates_stand(world: World, office: Client) -> None:
    make(world, "C-000001", accepted_at=WEDNESDAY_11_00, delivery="accepted")
    make(world, "C-000002", days=20)
    make(world, "C-000003", revocation_requested_at=WEDNESDAY_11_00, delivery="accepted")
    make(world, "C-000004", revoked_at=WEDNESDAY_11_00, ground="holder:no_longer_used", reason_code=5)
    make(world, "C-000005", days=-1)
    expected = {
        "": {"C-000001", "C-000002", "C-000003", "C-000004", "C-000005"},
        "valid": {"C-000001", "C-000002", "C-000003"},
        "expiring": {"C-000002"},
        "unaccepted": {"C-000002"},
        "revoking": {"C-000003"},
        "revoked": {"C-000004"},
        "expired": {"C-000005"},
    }
    assert {state: set(numbers(office, state=state)) for state in expected} == expected
    assert set(numbers(office, state="no such state")) == expected[""]


def test_the_register_is_narrowed_down_by_end_system_issuer_contract_and_text(world: World, office: Client) -> None:
    early, late = make(world, "C-000001", days=10), make(world, "C-000002", days=200, common_name="Taro Demo")
    end = (WEDNESDAY_11_00 + 10 * DAY).date().isoformat()
    assert numbers(office, ends_until=end) == ["C-000001"]
    assert numbers(office, ends_from=(WEDNESDAY_11_00 + 11 * DAY).date().isoformat()) == ["C-000002"]
    assert numbers(office, ends_from=end, ends_until=end) == ["C-000001"]
    assert numbers(office, sort="end") == ["C-000001", "C-000002"]
    assert len(numbers(office, target=world.system.slug)) == 2
    assert numbers(office, target="another") == []
    assert len(numbers(office, issuer=world.issuing.name)) == 2
    assert numbers(office, contract="E-40213") == []
    assert numbers(office, text="taro") == ["C-000002"]
    assert numbers(office, text="c-000001") == ["C-000001"]
    pairs = ":".join(late.serial[place : place + 2] for place in range(0, len(late.serial), 2))
    assert numbers(office, text=pairs.upper()) == ["C-000002"]
    assert early.serial != late.serial


@pytest.mark.clause("O-19.2.6")
def test_the_register_is_narrowed_down_by_the_kind_of_key(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    orders.queued(people, version)
    rsa = material.request(material.rsa_key())
    beside = orders.subscription_of(people.outsider, version)
    orders.approved(people, orders.proposed(people, orders.frozen(version, csr=rsa), subscription=beside))
    assert batch.run() == 2
    browser = signed_in(people.examiner)
    for kind in ("p256", "rsa2048"):
        found = browser.get(REGISTER, {"key_type": kind}).context["rows"]
        keys = [x509.load_der_x509_certificate(bytes(line.certificate.der)).public_key() for line in found]
        assert [key_type_of(key) for key in keys] == [kind]
    assert not browser.get(REGISTER, {"key_type": "ed25519"}).context["rows"]
    assert len(browser.get(REGISTER, {"key_type": "no such key"}).context["rows"]) == 2
    lines = browser.get(f"{REGISTER}file/", {"key_type": "p256"}).getvalue().splitlines()
    assert len(lines) == 2


@pytest.mark.parametrize("asked", [{"text": "\x00"}, {"after": "x~y"}, {"last": "1"}])
def test_what_can_not_be_asked_says_nothing(world: World, office: Client, asked: dict[str, str]) -> None:
    make(world, "C-000001")
    assert numbers(office, **asked) == ["C-000001"]


@pytest.mark.parametrize(
    ("typed", "shown", "said"),
    [
        ({"ends_from": "2026-02-30"}, "2026-02-30", "暦にない"),
        ({"ends_until": "0026-12-01"}, "0026-12-01", "年をご確認"),
        ({"ends_from": "来週"}, "来週", "暦にない"),
        ({"ends_from": "9" * 400}, "9" * 30, "暦にない"),
        ({"ends_from": "2027/1/2", "ends_until": "２０２７−１−１"}, "2027-01-01", "最初の日より前"),
    ],
)
def test_a_day_that_can_not_be_searched_is_said_at_its_field_and_never_left_out(
    world: World, office: Client, typed: dict[str, str], shown: str, said: str
) -> None:
    make(world, "C-000001")
    answer = office.get(REGISTER, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert f'value="{shown}" aria-invalid="true"' in page
    assert "C-000001" not in page
    taken = office.get(f"{REGISTER}file/", typed)
    assert taken.status_code == 302
    assert not Event.objects.filter(act="register:export").exists()


def test_every_page_of_the_register_costs_the_same_and_shows_every_certificate_once(
    world: World, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certificates.register.PAGE", 2)
    made = {make(world, f"C-00000{place}").management_number for place in range(5)}
    numbers(office)  # What every page asks once lies in the cache.
    seen, costs, address = list[str](), set[int](), REGISTER
    while address:
        with CaptureQueriesContext(connection) as asked:
            answer = office.get(address)
        seen += [line.certificate.management_number for line in answer.context["rows"]]
        costs.add(len(asked))
        following = answer.context["paging"]["next_url"]
        address = REGISTER + following if following else ""
    assert sorted(seen) == sorted(made)
    assert len(costs) == 1, costs


@pytest.mark.clause("O-9")
def test_the_register_as_a_file_holds_what_was_asked_for_and_is_on_record(
    world: World, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certificates.register.BATCH", 2)
    for place in range(3):
        make(world, f"C-00000{place}", common_name="=Demo")
    make(world, "C-000009", revoked_at=WEDNESDAY_11_00, ground="holder:no_longer_used", reason_code=5)
    answer = office.get(f"{REGISTER}file/", {"state": "valid", "after": "x"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert sorted(row[0] for row in rows[1:]) == ["C-000000", "C-000001", "C-000002"]
    assert {row[1] for row in rows[1:]} == {"'=Demo"}
    taken = Event.objects.get(act="register:export")
    assert taken.outcome == "done"


@pytest.mark.parametrize(
    ("role", "page", "file"),
    [
        (Role.APPROVER, 200, 200),
        (Role.AUDITOR, 200, 200),
        (Role.KEY_OFFICER, 200, 404),
        (Role.AGENT, 404, 404),
        (Role.RULES_MANAGER, 404, 404),
        (Role.ADMINISTRATOR, 404, 404),
    ],
)
def test_the_register_is_for_those_who_work_with_certificates(world: World, role: Role, page: int, file: int) -> None:
    browser = signed_in(make_person("somebody", role))
    assert browser.get(REGISTER).status_code == page
    assert browser.get(f"{REGISTER}file/").status_code == file
