"""Links that leaked, were replayed or are guessed: a few tries are judged, the rest is not, however many at once.

Serves faults 23 and 24.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice, User
from audit.acts import Act
from audit.models import Event
from audit.refusals import NotFound, Refused
from certificates import emails
from certificates.models import Certificate, CertificationAuthority, DeliveryLink
from certificates.services import deliveries
from certificates.worker import batch
from regulations.models import TargetSystemVersion
from support_desk import rules
from support_desk.models import CallerCheck
from support_desk.services import callers, tickets
from support_desk.services.tickets import About, Call
from tests.certificates import orders
from tests.faults.state import all_is_well
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.people import ORIGIN, People, signed_in

GUESSES = 200
AT_ONCE = 20


@pytest.fixture
def made(
    request: pytest.FixtureRequest, people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> Certificate:
    """A certificate for Hanako whose link was sent to her."""
    orders.queued(people, version)
    batch.run()
    return Certificate.objects.get()


def token_of(certificate: Certificate) -> str:
    notice = Notice.objects.get(kind=emails.READY, story=certificate.story)
    return str(notice.context["url"]).rstrip("/").rsplit("/", 1)[1]


def tried(token: str, person: User) -> str:
    """Try a link and return what came of it."""
    try:
        deliveries.download(token=token, actor=person.actor(ORIGIN), at=timezone.now())
    except Refused as refused:
        return type(refused).__name__
    finally:
        connections.close_all()
    return "handed over"


@pytest.mark.clause("O-14.2")
def test_of_two_hundred_tries_by_strangers_five_are_judged_and_the_key_officers_hear_of_it_once(
    clone: Clone, made: Certificate, people: People, jobs: Jobs
) -> None:
    token = token_of(made)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = Counter(pool.map(lambda _number: tried(token, people.outsider), range(GUESSES)))
    assert results == {NotFound.__name__: GUESSES}
    assert DeliveryLink.objects.get().failed_attempts == deliveries.MAX_ATTEMPTS
    assert tried(token, people.hanako) == "RuleViolated"
    alarms = Notice.objects.filter(kind=emails.ALARM)
    assert {alarm.recipient for alarm in alarms} == {people.key_officer, people.second_key_officer}
    jobs.run("accounts.send_notices")
    told = [message for message in mail.outbox if message.to == [people.key_officer.email]]
    assert len(told) == 1
    assert made.management_number in str(told[0].body)
    assert token not in str(told[0].body)
    all_is_well(1)


@pytest.mark.clause("O-14.2", "O-14.3")
def test_of_two_hundred_downloads_by_the_holder_one_is_served_and_no_replay_works(
    clone: Clone, made: Certificate, people: People
) -> None:
    token = token_of(made)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = Counter(pool.map(lambda _number: tried(token, people.hanako), range(GUESSES)))
    assert results["handed over"] == 1
    assert Event.objects.filter(act=Act.CERTIFICATE_DOWNLOAD, outcome="done").count() == 1
    place = reverse("certificates:download", args=[token])
    assert signed_in(people.outsider).post(place).status_code == 404
    assert "attachment" not in signed_in(people.hanako).post(place).headers.get("Content-Disposition", "")
    assert not Notice.objects.filter(kind=emails.ALARM).exists()
    all_is_well(1)


def test_looking_at_a_leaked_link_uses_nothing_up(made: Certificate, people: People) -> None:
    place = reverse("certificates:delivery", args=[token_of(made)])
    codes = {signed_in(person).get(place).status_code for person in (people.outsider, people.examiner)}
    assert codes == {404}
    assert signed_in(people.hanako).get(place).status_code == 200
    link = DeliveryLink.objects.get()
    assert (link.failed_attempts, link.used_at) == (0, None)
    all_is_well(1)


def test_of_two_hundred_answers_on_the_telephone_five_are_judged(
    clone: Clone, made: Certificate, people: People
) -> None:
    agent, at = people.agent.actor(ORIGIN), timezone.now()
    call = Call(kind="state", caller_name="別の声", matter="状態を知りたい", callback_number="03-0000-1111")
    ticket = tickets.open_ticket(call=call, about=About(person=people.hanako), actor=agent, at=at)

    def guess(number: int) -> str:
        try:
            callers.check(ticket=ticket, item="email", typed=f"g{number}@demo.example", actor=agent, at=timezone.now())
        except Refused as refused:
            return type(refused).__name__
        finally:
            connections.close_all()
        return "judged"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = Counter(pool.map(guess, range(GUESSES)))
    assert results == {"judged": rules.MOST_FAILURES, "Throttled": GUESSES - rules.MOST_FAILURES}
    assert CallerCheck.objects.filter(ticket=ticket).count() == rules.MOST_FAILURES
    assert callers.is_locked(people.hanako, timezone.now())
    all_is_well(1)
