"""Every address, every role, one's own objects and somebody else's: what is foreign does not exist (fault 20).

The table of access says who is let in; the addresses of people's own things are asked for with real objects, by their
owner and by everybody else. An address without a line in either table fails.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import resolve
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role, roles_for
from applications.models import Application
from applications.selectors.changes import said_now
from applications.services import changing
from applications.services.changing import Said
from certificates.models import Certificate, CertificationAuthority
from lra_portal.access import ACCESS, KEY, OWN
from lra_portal.middleware import AccessMiddleware
from revocation.models import RevocationRequest
from revocation.services import requests
from tests.applications import filing_many
from tests.flows import steps
from tests.flows.steps import House
from tests.harness.addresses import PLACE, fill, patterns
from tests.harness.jobs import Jobs
from tests.people import ORIGIN, POSTS, People, signed_in
from tests.revocation.asking import GONE

# Objects that take a story of their own: the test that asks for them as a stranger.
SHOWN_ELSEWHERE = {
    "applications:offer": "tests/applications/test_campaigns.py",
    "applications:offer_decline": "tests/applications/test_campaigns.py",
    "certificates:pickup": "tests/certificates/test_pickup.py",
    "certificates:give_key": "tests/certificates/test_pickup.py",
    "certificates:pickup_state": "tests/certificates/test_pickup.py",
    "certificates:take_back_key": "tests/certificates/test_pickup.py",
    "revocation:request_for_contract": "tests/revocation/test_contract_requests.py",
    "certificates:delivery": "tests/faults/test_guessing.py",
    "certificates:download": "tests/faults/test_guessing.py",
}
# Open only while an own thing stands otherwise than it does here; strangers get the same answer in every state.
NOT_NOW = {
    "applications:own_batch_act",
    "applications:own_batch_document",
    "applications:own_batch_sample",
    "applications:present",
    "applications:recall",
    "applications:take_over",
    "certificates:saved",
    "revocation:completion_notice",
}
# Names of things that everybody sees, and words of an address: nobody's objects.
NOBODYS = {"slug", "step", "kind", "key_b64", "uidb36", "number"}
VISITORS = ("hanako", "jiro", "outsider", *POSTS)


@dataclass
class Things:
    """One real object of each kind, with whoever may ask for it."""

    draft: Application
    certificate: Certificate
    waiting: Application
    change: Any
    case: RevocationRequest
    batch: Any
    document: Any

    def of(self, name: str, place: str) -> tuple[object, set[str]] | None:
        """Return the object that stands for `place` in the address `name`, and the names of its owners."""
        jiro, firm = {"jiro"}, {"contract_admin"}
        return {
            "application_id": (self.draft.pk, jiro),
            "upload_id": (self.draft.uploads.latest("pk").pk, jiro),
            "certificate_id": (self.certificate.pk, jiro),
            "order_id": (self.waiting.order_id, {"hanako"}),
            "notice_id": (self.change.pk, jiro),
            "case_id": (self.case.pk, jiro),
            "contract": (self.batch.contract_id, firm),
            "key": (self.batch.contract_id if name == "applications:own_contract" else self.batch.pk, firm),
            "document": (self.document.pk, firm),
        }.get(place)


@pytest.fixture
def things(issuing: CertificationAuthority, people: People, demo_rules: None, jobs: Jobs) -> Things:
    """Jiro holds a certificate, reported a change, asked for its revocation and drafts another application."""
    steps.load_house(people)
    house = House(people, jobs)
    certificate = steps.issue(steps.apply(people.jiro, "e-contract"), people, house.jobs)
    steps.fetch(certificate, people.jiro)
    steps.accept(certificate, people.jiro)
    typed = said_now(certificate) | {"department_latin": "Sales, Director"}
    since = timezone.localdate() - timedelta(days=1)
    said = Said(typed, "changed", since, "")
    change = changing.submit(certificate=certificate, said=said, actor=people.jiro.actor(ORIGIN), at=steps.now())
    case = requests.request_own(
        certificate=certificate,
        wish=GONE,
        typed_number=certificate.management_number,
        actor=people.jiro.actor(ORIGIN),
        at=steps.now(),
    )
    waiting = steps.apply(people.hanako, "member-client", ec.generate_private_key(ec.SECP256R1()))
    contract = filing_many.administer(people.contract_admin, "D-20111")
    lines = filing_many.file_of([filing_many.device_line(1)], filing_many.DEVICE_HEADINGS)
    batch = filing_many.hand_in(contract, people.contract_admin, lines, "monitored-device")
    document = filing_many.add_documents(batch, people.contract_admin, "device_register")[0]
    draft = steps.fill_in(people.jiro, "monitored-device")
    return Things(draft, certificate, waiting, change, case, batch, document)


def owned() -> Iterator[tuple[str, str]]:
    """Yield name and route of every address of people's own objects."""
    for route, _pattern in patterns():
        name = resolve(fill(route)).view_name
        rule = ACCESS.get(name)
        if rule and rule.scope == OWN and {place[1] for place in PLACE.findall(route)} - NOBODYS:
            yield name, route


def answers(browser: Client, address: str) -> set[int]:
    """Ask for an address and send nothing to it, and undo whatever comes of it."""
    codes = set()
    for ask in (browser.get, browser.post):
        with transaction.atomic():
            codes.add(ask(address).status_code)
            transaction.set_rollback(True)
    return codes


def test_what_is_somebody_elses_does_not_exist_and_ones_own_does(things: Things, people: People) -> None:
    browsers = {who: signed_in(getattr(people, who)) for who in VISITORS}
    for browser in browsers.values():
        browser.raise_request_exception = False
    wrong, unknown = [], []
    for name, route in owned():
        if name in SHOWN_ELSEWHERE or name.startswith(("account_", "mfa_", "usersessions")):
            continue
        places = {place[1] for place in PLACE.findall(route)} - NOBODYS
        found = {place: things.of(name, place) for place in places}
        if not all(found.values()):
            unknown.append(f"{name} {route}")
            continue
        values = {place: str(thing[0]) for place, thing in found.items() if thing}
        owners = set.intersection(*(thing[1] for thing in found.values() if thing))
        address = filled(route, values)
        for who, browser in browsers.items():
            codes = answers(browser, address)
            if max(codes) >= 500:
                wrong.append((name, who, codes, "a fault of ours"))
            if who in owners and name not in NOT_NOW and codes <= {404, 405}:
                wrong.append((name, who, codes, "own object is missing"))
            if who not in owners and not codes <= {404, 405}:
                wrong.append((name, who, codes, "foreign object is there"))
    assert unknown == []
    assert wrong == [], "\n".join(map(str, wrong))


def filled(route: str, values: Mapping[str, str]) -> str:
    """Return a route with real ids, and with words that the address knows."""
    words = {"step": "applicant", "kind": "pem", "slug": "e-contract"}
    return "/" + PLACE.sub(lambda place: values.get(place[2]) or words.get(place[2], "1"), route)


def test_what_is_shown_elsewhere_is_shown_there() -> None:
    for name, file in SHOWN_ELSEWHERE.items():
        assert "outsider" in Path(file).read_text(), name


@pytest.mark.parametrize("visitor", ["nobody", *VISITORS])
def test_every_address_is_closed_to_every_role_that_the_table_does_not_name(people: People, visitor: str) -> None:
    person: User | None = None if visitor == "nobody" else getattr(people, visitor)
    door, factory = AccessMiddleware(lambda _request: None), RequestFactory()  # type: ignore[arg-type,return-value]
    roles = person.role_names() if person else frozenset()
    for route, _pattern in patterns():
        address = fill(route)
        match = resolve(address)
        rule = ACCESS[match.view_name]
        allowed = rule.public or bool(roles & {role.value for role in roles_for(rule.act)})
        if allowed:
            continue
        for request in (factory.get(address), factory.post(address)):
            request.user, request.resolver_match, request.session = person or Nobody(), match, {}  # type: ignore[assignment]
            try:
                answer = door.process_view(request, None, (), {})
            except Http404:
                assert person, address
            else:
                assert person is None, address
                assert answer is not None, address
                assert answer.status_code == 302, address


class Nobody:
    """Somebody who is not signed in."""

    is_authenticated = is_active = False


def test_a_line_with_a_key_is_one_of_the_api_alone() -> None:
    assert {name.split(":")[0] for name, rule in ACCESS.items() if rule.scope == KEY} == {"api"}


def test_an_administrator_is_let_in_nowhere_where_applicants_are_shown() -> None:
    theirs = {name for name, rule in ACCESS.items() if not rule.public and Role.ADMINISTRATOR in roles_for(rule.act)}
    apps = {name for name in theirs if ACCESS[name].scope != OWN and not name.startswith("accounts:")}
    assert apps == {
        "applications:invite", "applications:lock_out", "applications:parent_services", "applications:parent_service",
        "applications:api_token_end", "applications:calendar",
    }  # fmt: skip
