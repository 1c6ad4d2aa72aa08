"""The HSM is gone, its PIN is wrong, or it goes in the middle: orders wait, an alarm rises, no storm (fault 10)."""

import pkcs11
import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from accounts.models import Notice
from audit.actors import Actor
from audit.acts import Act
from audit.models import Event
from certificates import emails
from certificates.models import Certificate, CertificationAuthority, Intent, Order
from certificates.worker import batch, crash, hsm, keys
from regulations.models import TargetSystemVersion
from revocation.models import Crl
from revocation.services.revoking import revoke
from revocation.worker import burnt_serials, crl_publishing
from revocation.worker.tasks import PUBLISHER
from tests.authorities import make_issuing
from tests.certificates import orders
from tests.faults.state import all_is_well, refusal
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.harness.softhsm import SoftHsm
from tests.people import People

pytestmark = pytest.mark.needs("softhsm2")
COUNT = 3


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for every time that somebody opens the HSM."""
    seen: list[str] = []
    real = pkcs11.lib

    def counted(module: str) -> object:
        seen.append(module)
        return real(module)

    monkeypatch.setattr(pkcs11, "lib", counted)
    return seen


@pytest.fixture
def in_the_hsm(people: People, softhsm: SoftHsm) -> CertificationAuthority:
    """An issuing CA whose key lies in the HSM."""
    return make_issuing(key_place="hsm")


@pytest.fixture
def waiting(people: People, version: TargetSystemVersion, in_the_hsm: CertificationAuthority) -> list[Order]:
    """Orders in the queue of an issuer whose key lies in the HSM."""
    return [orders.queued(people, version) for _ in range(COUNT)]


def restarted(monkeypatch: pytest.MonkeyPatch, **changed: str) -> None:
    """Forget what a process knows of its HSM, as a restart does, and set what the operator changed."""
    hsm._token.cache_clear()
    for name, value in changed.items():
        monkeypatch.setattr(settings, name, value)


def test_while_the_token_is_out_orders_wait_and_the_key_officers_hear_of_it_once(
    waiting: list[Order], softhsm: SoftHsm, people: People, tries: list[str], jobs: Jobs
) -> None:
    softhsm.remove()
    for _ in range(8):
        assert "the token" in refusal()
        jobs.run("certificates.sweep")
    assert len(tries) <= 1
    assert Order.objects.filter(status="queued").count() == COUNT
    assert not Intent.objects.exists()
    assert Event.objects.filter(act=Act.SIGNER_REFUSE).count() == 1
    alarms = Notice.objects.filter(kind=emails.ALARM)
    assert {alarm.recipient for alarm in alarms} == {people.key_officer, people.second_key_officer}
    jobs.run("accounts.send_notices")
    assert len(mail.outbox) == 2
    assert "the token" in str(mail.outbox[0].body)


def test_when_the_token_is_back_the_same_process_goes_on(
    waiting: list[Order], softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hsm, "FIRST_PAUSE", 0.0)
    restarted(monkeypatch)
    softhsm.remove()
    assert refusal()
    softhsm.put_back()
    assert batch.run() == COUNT
    all_is_well(COUNT)


def test_a_wrong_pin_is_tried_once_and_not_again_before_a_restart(
    waiting: list[Order], softhsm: SoftHsm, tries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = settings.HSM_PIN
    monkeypatch.setattr(hsm, "FIRST_PAUSE", 0.0)
    restarted(monkeypatch, HSM_PIN="0000-wrong")
    for _ in range(5):
        assert "refuses HSM_PIN" in refusal()
    assert len(tries) == 1
    restarted(monkeypatch, HSM_PIN=pin)
    assert batch.run() == COUNT
    all_is_well(COUNT)


def test_a_token_pulled_in_the_middle_costs_the_serials_of_one_batch(
    waiting: list[Order], softhsm: SoftHsm, tries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as in_the_middle:
        in_the_middle.setattr(crash, "point", lambda name: softhsm.remove() if name == "before_signing" else None)
        assert batch.run() == 0
    for _ in range(3):
        assert batch.run() == 0
    assert Order.objects.filter(status="queued").count() == COUNT
    assert Intent.objects.filter(status="abandoned").count() == Intent.objects.count() == COUNT
    softhsm.put_back()
    restarted(monkeypatch)
    assert batch.run() == COUNT
    burnt_serials.revoke_burnt(actor=PUBLISHER, at=timezone.now())
    crl_publishing.publish_due(actor=PUBLISHER)
    assert Crl.objects.get().entry_count == COUNT
    all_is_well(COUNT)


def test_without_the_hsm_a_revocation_is_taken_in_and_published_when_it_is_back(
    clone: Clone, waiting: list[Order], softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a list has seen is told by transactions that committed, so everything here commits.
    monkeypatch.setattr(hsm, "FIRST_PAUSE", 0.0)
    restarted(monkeypatch)
    assert batch.run() == COUNT
    crl_publishing.publish_due(actor=PUBLISHER)
    softhsm.remove()
    certificate = Certificate.objects.order_by("management_number")[0]
    assert revoke(certificate=certificate, ground="lra:misuse", actor=Actor.system("test"), at=timezone.now())
    with pytest.raises(keys.KeyUnavailableError):
        crl_publishing.publish_due(actor=PUBLISHER)
    assert Crl.objects.count() == 1
    softhsm.put_back()
    assert [crl.entry_count for crl in crl_publishing.publish_due(actor=PUBLISHER)] == [1]
    all_is_well(COUNT)
