"""The API of parent services: keys and scopes, calls done once, shapes refused with their place, own contracts only."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from applications.api.once import KEPT, forget_old
from audit.models import Event
from lra_portal.access import ACCESS, KEY
from lra_portal.demo.regulations import LOADER
from regulations.models import ApiAnswer, ApiToken, Contract, ContractChange, ParentService
from regulations.services import api_tokens, contracts
from tests.people import People

BASE = "/api/v1/contracts"
COMPANY = {"corporate_number": "8999900000777", "name": "株式会社見本精機（デモ）", "name_latin": "Mihon Seiki K.K."}
BODY = {"number": "A-1", "begins_on": "2026-04-01", "ends_on": "2028-03-31", "corporation": COMPANY}


@dataclass
class Caller:
    """A parent service that calls."""

    key: str

    def __post_init__(self) -> None:
        self.client = Client()
        self.calls = 0

    def headers(self, key: str) -> dict[str, str]:
        self.calls += 1
        given = key or f"call-{self.calls}"
        return {"authorization": f"Bearer {self.key}", "idempotency-key": given, "accept-language": "en"}

    def get(self, address: str = "", **query: str) -> Any:
        return self.client.get(BASE + address, query, headers=self.headers(""))

    def post(self, address: str, body: object, key: str = "") -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(BASE + address, raw, content_type="application/json", headers=self.headers(key))


@pytest.fixture
def caller_of(people: People, demo_rules: None) -> Callable[..., Caller]:

    def make(slug: str = "e-contract-service", *scopes: str) -> Caller:
        _token, key = api_tokens.make(
            parent_service=ParentService.objects.get(slug=slug),
            name="基幹システム（デモ）",
            scopes=scopes or api_tokens.SCOPES,
            expires_at=None,
            actor=people.rules_manager.actor(),
            at=timezone.now(),
        )
        return Caller(key)

    return make


@pytest.fixture
def caller(caller_of: Callable[..., Caller]) -> Caller:
    return caller_of()


@pytest.mark.clause("O-18.1", "O-18.2")
def test_a_contract_begins_is_extended_shortened_and_ends(caller: Caller) -> None:
    begun = caller.post(
        "", BODY | {"members": [{"email": "a@demo.example", "name": "見本", "authorised_person": True}]}
    )
    assert begun.status_code == 201, begun.content
    assert begun.json()["ends_on"] == "2028-03-31"
    assert caller.post("/A-1/extension", {"ends_on": "2030-03-31"}).json()["change"] == "extended"
    assert caller.post("/A-1/extension", {"ends_on": None}).json()["contract"]["ends_on"] is None
    assert caller.post("/A-1/shortening", {"ends_on": "2029-03-31"}).json()["change"] == "shortened"
    ended = caller.post("/A-1/end", {"ends_on": timezone.localdate().isoformat(), "reason": "解約"})
    assert ended.json()["change"] == "ended"
    contract = Contract.objects.get(number="A-1")
    assert contract.members.get().is_authorised_person
    kinds = list(contract.changes.order_by("made_at").values_list("kind", "source"))
    assert kinds == [(kind, "api") for kind in ("begun", "extended", "extended", "shortened", "ended")]


def test_every_operation_needs_a_key_and_the_table_of_access_says_so(caller: Caller) -> None:
    named = {name for name, rule in ACCESS.items() if rule.scope == KEY}
    assert len(named) == 7
    for address in ("", "/A-1", "/A-1/effects"):
        answer = Client().get(BASE + address)
        assert (answer.status_code, answer["Content-Type"], answer["WWW-Authenticate"]) == (
            401,
            "application/problem+json",
            "Bearer",
        )
    for address in ("", "/A-1/extension", "/A-1/shortening", "/A-1/end", "/A-1/members"):
        for key in ("", "Bearer", "Bearer x", f"Bearer {caller.key}x", f"Basic {caller.key}", "Bearer lra_\x00"):
            answer = Client().post(BASE + address, b"{}", "application/json", headers={"authorization": key})
            assert answer.status_code == 401


def test_a_key_that_was_ended_or_has_run_out_opens_nothing(caller: Caller, people: People) -> None:
    assert caller.get().status_code == 200, caller.get().content
    token = ApiToken.objects.get()
    assert token.used_at is not None
    ApiToken.objects.update(expires_at=timezone.now())
    assert caller.get().status_code == 401
    ApiToken.objects.update(expires_at=None)
    api_tokens.end(token=token, actor=people.administrator.actor(), at=timezone.now())
    assert caller.get().status_code == 401


def test_a_key_without_the_scope_is_refused_on_the_record(caller_of: Callable[..., Caller]) -> None:
    reader = caller_of("e-contract-service", "contracts:read")
    answer = reader.post("", BODY)
    assert answer.status_code == 403
    event = Event.objects.refused().latest("pk")
    assert event.role.startswith("api_client:lra_")
    assert answer.json()["reference"] == str(event.uid)[:8].upper()
    assert not Contract.objects.filter(number="A-1").exists()


def test_a_repeated_call_gets_the_same_answer_and_changes_nothing_twice(caller: Caller) -> None:
    first = caller.post("", BODY, key="k")
    again = caller.post("", BODY, key="k")
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, first.json(), "true")
    assert Contract.objects.filter(number="A-1").count() == 1
    assert ContractChange.objects.filter(contract__number="A-1").count() == 1


def test_a_repeated_key_with_another_body_or_address_is_refused(caller: Caller) -> None:
    caller.post("", BODY, key="k")
    other = caller.post("", BODY | {"number": "A-2"}, key="k")
    assert (other.status_code, other.json()["title"]) == (422, "idempotency_key_reused")
    elsewhere = caller.post("/A-1/end", {"ends_on": "2027-01-01"}, key="k")
    assert elsewhere.json()["title"] == "idempotency_key_reused"
    assert not Contract.objects.filter(number="A-2").exists()


def test_a_refused_call_leaves_nothing_and_can_be_made_again_with_its_key(caller: Caller) -> None:
    assert caller.post("/A-1/end", {"ends_on": "2027-01-01"}, key="k").status_code == 404
    assert not ApiAnswer.objects.exists()
    caller.post("", BODY)
    assert caller.post("/A-1/end", {"ends_on": "2027-01-01"}, key="k").status_code == 200


def test_answers_are_forgotten_after_thirty_days(caller: Caller) -> None:
    caller.post("", BODY, key="k")
    assert forget_old(at=timezone.now() + KEPT - timedelta(hours=1)) == 0
    assert forget_old(at=timezone.now() + KEPT + timedelta(hours=1)) == 1


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (BODY | {"status": "issued"}, "status"),
        (BODY | {"corporation": COMPANY | {"id": "x"}}, "id"),
        (BODY | {"number": "A\x00"}, "number"),
        (BODY | {"number": "A\ud800"}, "number"),
        (BODY | {"number": "A\u202e1"}, "number"),
        (BODY | {"number": "A" * 41}, "number"),
        (BODY | {"number": ""}, "number"),
        (BODY | {"begins_on": "2026-02-30"}, "begins_on"),
        (BODY | {"begins_on": 20260401}, "begins_on"),
        (BODY | {"ends_on": "9999-12-31"}, "ends_on"),
        (BODY | {"ends_on": "2026-03-31"}, "ends_on"),
        (BODY | {"corporation": COMPANY | {"corporate_number": "2999900000123"}}, "corporate_number"),
        (BODY | {"members": [{"email": "kein", "name": "x"}]}, "email"),
        ({}, "number"),
        ([], "body"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place_and_nothing_is_stored(
    caller: Caller, body: dict[str, Any], at: str
) -> None:
    answer = caller.post("", body)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert any(at in fault["at"] for fault in answer.json()["errors"]), answer.json()
    assert not Contract.objects.filter(number__startswith="A").exists()


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b'{"number": NaN}', b"[" * 5000])
def test_what_is_no_json_is_refused(caller: Caller, raw: bytes) -> None:
    answer = caller.post("", raw)
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_call_without_its_key_for_repeating_is_refused(caller: Caller) -> None:
    headers = {"authorization": f"Bearer {caller.key}"}
    answer = Client().post(BASE, json.dumps(BODY), "application/json", headers=headers)
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["errors"][0]["at"]
    assert caller.post("", BODY, key="with space").status_code == 422


def test_periods_of_one_number_may_not_overlap(caller: Caller) -> None:
    caller.post("", BODY)
    answer = caller.post("", BODY | {"begins_on": "2027-04-01", "ends_on": None})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "periods_overlap")
    assert caller.post("", BODY | {"begins_on": "2028-04-01", "ends_on": None}).status_code == 201
    assert caller.get("/A-1").json()["begins_on"] == "2028-04-01"


def test_an_extension_does_not_shorten_and_a_shortening_does_not_extend(caller: Caller) -> None:
    caller.post("", BODY)
    for address, day in (("extension", "2027-01-01"), ("shortening", "2029-01-01"), ("end", "2029-01-01")):
        answer = caller.post(f"/A-1/{address}", {"ends_on": day})
        assert answer.json()["errors"][0]["code"] == "other_direction"
    same = caller.post("/A-1/extension", {"ends_on": "2028-03-31"})
    assert (same.status_code, same.json()["change"]) == (200, None)


def test_a_parent_service_sees_and_moves_only_its_own_contracts(caller_of: Callable[..., Caller]) -> None:
    mine, other = caller_of(), caller_of("member-service")
    mine.post("", BODY)
    key = str(Contract.objects.get(number="A-1").pk)
    for which in ("A-1", key):
        assert other.get(f"/{which}").status_code == 404
        assert other.get(f"/{which}/effects").status_code == 404
        assert other.post(f"/{which}/end", {"ends_on": "2027-01-01"}).status_code == 404
        assert mine.get(f"/{which}").status_code == 200
    assert other.get().json()["items"] == []
    repeated = other.post("", BODY | {"number": "B-1"}, key="call-1")
    assert repeated.status_code == 201
    assert other.post("", BODY, key="k").status_code == 201


def test_what_an_end_would_do_is_read_without_doing_it(caller: Caller) -> None:
    caller.post("", BODY)
    answer = caller.get("/A-1/effects", ends_on="2027-01-01").json()
    assert answer == {"subscriptions": 0, "to_be_revoked": 0, "kept": 0, "to_be_renewed": 0, "unchanged": 0}
    assert caller.get("/A-1").json()["ends_on"] == "2028-03-31"
    assert caller.get("/A-1/effects", ends_on="x").status_code == 422


def test_contracts_are_read_page_by_page(caller: Caller) -> None:
    service = ParentService.objects.get(slug="e-contract-service")
    for number in range(5):
        terms = contracts.Terms(f"P-{number}", date(2026, 4, 1))
        contracts.open_contract(parent_service=service, corporation=None, terms=terms, actor=LOADER, at=timezone.now())
    numbers, after = [], ""
    while True:
        page = caller.get("", limit="3", after=after).json()
        numbers += [row["number"] for row in page["items"]]
        after = page["next"]
        if not after:
            break
    assert numbers == ["E-40213", "E-40388", *(f"P-{number}" for number in range(5))]


def test_the_description_is_openapi_3_1_and_names_the_key(client: Client, db: None) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    assert len(operations) == 8
    assert all(operation["security"] for operation in operations)


@pytest.mark.clause("O-9")
def test_a_parent_service_does_not_rewrite_a_corporation_that_others_have_contracts_with(
    caller_of: Callable[..., Caller],
) -> None:
    member = caller_of("member-service")
    shared = Contract.objects.get(number="E-40213").corporation
    assert shared is not None
    said = {"corporate_number": shared.corporate_number, "name": shared.name, "name_latin": shared.name_latin}
    refused = member.post("", BODY | {"corporation": said | {"name_latin": "Evil Inc."}})
    assert (refused.status_code, refused.json()["errors"][0]["at"]) == (422, "name_latin")
    assert member.post("", BODY | {"corporation": said}).status_code == 201
    before = (shared.name_latin, shared.address, shared.name_reading)
    shared.refresh_from_db()
    assert (shared.name_latin, shared.address, shared.name_reading) == before
    own = caller_of("equipment-monitoring")
    assert own.post("", BODY | {"number": "A-2"}).status_code == 201
    renamed = own.post("", BODY | {"number": "A-3", "corporation": COMPANY | {"name_latin": "Mihon Seiki Inc."}})
    assert renamed.status_code == 201
