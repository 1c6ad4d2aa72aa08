"""The rules change while an order waits: what was approved is what is issued (fault 28)."""

from typing import Any

import pytest
from cryptography import x509
from django.utils import timezone

from applications.models import Application
from certificates.models import Certificate, CertificationAuthority
from certificates.services import target_systems
from certificates.worker import batch, checking, samples
from regulations.models import TargetSystem, TargetSystemVersion
from regulations.services.target_systems import Written
from tests.applications import cases
from tests.authorities import make_issuing
from tests.faults.state import all_is_well
from tests.people import ORIGIN, People

OTHER = {
    "policy_oid": "1.3.6.1.4.1.99999.1.77",
    "key_usage": ["digital_signature"],
    "extended_key_usage": ["client_auth"],
    "validity_days": 30,
    "issuer": "later",
}

JIRO = {
    "person_latin": "Jiro Mihon",
    "direct_phone": "080-0000-9999",
    "department_latin": "Sales",
    "certificate_email": "jiro@demo.example",
}


def change_rules(people: People) -> TargetSystemVersion:
    """Let two people put other rules into force: another profile by another issuer, for a shorter time."""
    system, at = TargetSystem.objects.get(slug="e-contract"), timezone.now()
    rules: dict[str, Any] = dict(system.version_in_force().rules)
    rules |= {"profile": {**rules["profile"], **OTHER}, "promised_days": 9}
    written = Written(rules, {"ja": "発行する証明書を変えました", "en": "Other certificates"})
    author, second = people.rules_manager.actor(ORIGIN), people.second_rules_manager.actor(ORIGIN)
    draft = target_systems.save_draft(target_system=system, written=written, actor=author, at=at)
    samples.build_waiting()
    return target_systems.activate(version=draft, seen=draft.rules_digest, actor=second, at=at)


def facts_of(certificate: Certificate) -> tuple[str, bool, int, str]:
    """Return policy, whether it signs contracts, for how many days, and by whom, as the bytes say."""
    parsed = x509.load_der_x509_certificate(bytes(certificate.der))
    policies = parsed.extensions.get_extension_for_class(x509.CertificatePolicies).value
    usage = parsed.extensions.get_extension_for_class(x509.KeyUsage).value
    days = (parsed.not_valid_after_utc - parsed.not_valid_before_utc).days
    issuer = parsed.issuer.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    return policies[0].policy_identifier.dotted_string, usage.content_commitment, days, str(issuer)


@pytest.mark.clause("O-1.3")
@pytest.mark.clause("O-14.1")
def test_an_order_in_the_queue_is_issued_by_the_rules_that_it_was_approved_under(
    issuing: CertificationAuthority, people: People
) -> None:
    cases.load_rules()
    make_issuing("later")
    before = cases.approved(cases.submitted(people.hanako), people)
    pinned = before.rules
    change_rules(people)
    assert TargetSystem.objects.get(slug="e-contract").version_in_force() != pinned
    after = cases.approved(cases.submitted(people.jiro, at=None, **JIRO), people)
    assert batch.run() == 2
    policy, signs, days, issuer = facts_of(issued_for(before))
    assert (policy, signs, issuer) == (pinned.rules["profile"]["policy_oid"], True, "Demo issuing")
    assert days > 30
    assert facts_of(issued_for(after)) == (OTHER["policy_oid"], False, 29, "Demo later")
    assert list(checking.everything()) == []
    all_is_well(2)


def issued_for(application: Application) -> Certificate:
    return Certificate.objects.get(order=cases.order_of(application))


def test_an_application_that_nobody_approved_yet_is_decided_by_the_rules_it_was_submitted_under(
    issuing: CertificationAuthority, people: People
) -> None:
    cases.load_rules()
    make_issuing("later")
    waiting = cases.submitted(people.hanako)
    digest = cases.order_of(waiting).digest
    change_rules(people)
    assert cases.order_of(cases.approved(waiting, people)).digest == digest
    assert batch.run() == 1
    assert facts_of(issued_for(waiting))[0] != OTHER["policy_oid"]
    all_is_well(1)
