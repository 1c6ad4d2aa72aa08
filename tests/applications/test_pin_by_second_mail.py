"""An application whose rules send the PIN to the second address that the holder has confirmed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from allauth.account.models import EmailAddress

from accounts.models import Notice, User
from applications.models import Application
from audit.refusals import RuleViolated
from certificates import emails
from certificates.models import Certificate, Order
from certificates.services import deliveries
from lra_portal.demo.regulations import LOADER
from regulations.services import target_systems
from tests.applications.applying import Applying, authorise_for_company, target_system
from tests.flows import steps
from tests.harness.jobs import Jobs
from tests.instants import MONDAY_9_00, WEDNESDAY_11_00
from tests.people import ORIGIN, People
from tests.regulations.test_ruleset import demo

pytestmark = [pytest.mark.usefixtures("issuing"), pytest.mark.clause("J-5.2", "O-14.2")]
SECOND = "hanako@home.example"


@pytest.fixture(autouse=True)
def _second_mail(people: People, demo_rules: None) -> Iterator[None]:
    """The e-contract service with the PIN to a second address, on a Wednesday."""
    system, data = target_system("e-contract"), demo("e-contract") | {"pin_channel": "second_mail"}
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        version = target_systems.import_version(target_system=system, data=data, actor=LOADER, at=WEDNESDAY_11_00)
        target_systems.activate(version=version, actor=LOADER, at=WEDNESDAY_11_00)
        yield


@pytest.fixture
def draft(people: People) -> Application:
    authorise_for_company(people.hanako, MONDAY_9_00)
    return Applying(people.hanako, "e-contract").filled_for_company("E-40213")


def add_address(people: People, *, verified: bool) -> None:
    EmailAddress.objects.create(user=people.hanako, email=SECOND, verified=verified, primary=False)


@pytest.mark.parametrize("added", [False, True])
def test_without_a_confirmed_second_address_it_is_not_received(people: People, draft: Application, added: bool) -> None:
    if added:
        add_address(people, verified=False)
    answer = Applying(people.hanako, "e-contract").submit(draft, WEDNESDAY_11_00)
    assert answer.status_code == 422
    assert "2 つ目のメールアドレス" in answer.content.decode()
    assert not Order.objects.exists()


def test_link_and_pin_go_to_two_addresses_and_go_there_again(people: People, draft: Application, jobs: Jobs) -> None:
    add_address(people, verified=True)
    assert Applying(people.hanako, "e-contract").submit(draft, WEDNESDAY_11_00).status_code == 302
    draft.refresh_from_db()
    steps.issue(draft, people, jobs)
    certificate = Certificate.objects.get()
    assert certificate.order.frozen["pin_to"] == {"email": SECOND}
    assert Notice.objects.get(kind=emails.READY).email == people.hanako.email
    deliveries.send_pin_again(certificate=certificate, actor=people.hanako.actor(ORIGIN), at=WEDNESDAY_11_00)
    sent = Notice.objects.filter(kind=emails.PIN)
    assert list(sent.values_list("email", flat=True)) == [SECOND, SECOND]
    assert not sent.exclude(recipient=people.hanako).exists()
    page = Applying(people.hanako).browser.get(f"/certificates/{certificate.pk}/").content.decode()
    assert SECOND in page


def test_a_pin_does_not_follow_the_link_into_one_mailbox(people: People, draft: Application, jobs: Jobs) -> None:
    add_address(people, verified=True)
    assert Applying(people.hanako, "e-contract").submit(draft, WEDNESDAY_11_00).status_code == 302
    draft.refresh_from_db()
    first = people.hanako.email
    User.objects.filter(pk=people.hanako.pk).update(email=SECOND)
    steps.issue(draft, people, jobs)
    certificate = Certificate.objects.get()
    assert Notice.objects.get(kind=emails.READY).email == SECOND
    assert not Notice.objects.filter(kind=emails.PIN).exists()
    hanako = people.hanako.actor(ORIGIN)
    with pytest.raises(RuleViolated) as refused:
        deliveries.send_pin_again(certificate=certificate, actor=hanako, at=WEDNESDAY_11_00)
    assert refused.value.violations[0].code == "one_mailbox"
    page = Applying(people.hanako).browser.get(f"/certificates/{certificate.pk}/").content.decode()
    assert "別のアドレス" in page
    User.objects.filter(pk=people.hanako.pk).update(email=first)
    certificate = Certificate.objects.get()
    deliveries.send_pin_again(certificate=certificate, actor=hanako, at=WEDNESDAY_11_00)
    assert Notice.objects.get(kind=emails.PIN).email == SECOND
