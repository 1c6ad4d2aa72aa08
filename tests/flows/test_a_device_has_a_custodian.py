"""Certificates for devices, by rules alone: one custodian, any number of devices, one certificate each (O-16.2.9)."""

import pytest
from cryptography import x509

from audit.refusals import Refused
from certificates.services import deliveries
from regulations.models import Consent
from tests.certificates import material
from tests.flows import steps
from tests.flows.steps import House

SLUG = "monitored-device"


@pytest.mark.clause("O-16.2.9", "O-14.3")
def test_a_device_gets_its_certificate_through_its_custodian_alone(house: House) -> None:
    jiro = house.people.jiro
    application = steps.apply(jiro, SLUG, material.p256())
    declared = Consent.objects.get(story=application.story, item="declaration:custodian")
    assert (declared.person, "管理責任者" in declared.wording) == (jiro, True)
    certificate = steps.issue(application, house.people, house.jobs)
    with pytest.raises(Refused):
        deliveries.download(
            token=steps.link_token(jiro), actor=steps.actor(house.people.contract_admin), at=steps.now()
        )
    issued = x509.load_pem_x509_certificate(steps.fetch(certificate, jiro).content)
    assert [part.value for part in issued.subject][-2:] == ["SERIAL-MK2-000417", "Collector 2-3"]
    assert "Jiro" not in issued.subject.rfc4514_string()


@pytest.mark.clause("O-16.2.9", "O-4.3.3")
def test_a_custodian_has_many_devices_but_each_device_one_certificate(house: House) -> None:
    jiro = house.people.jiro
    steps.issue(steps.apply(jiro, SLUG, material.p256()), house.people, house.jobs)
    another = steps.apply(jiro, SLUG, material.rsa_key(), device_serial="MK2-000418", device_name="Collector 2-4")
    assert another.receipt_number
    with pytest.raises(Refused):
        steps.apply(jiro, SLUG, material.rsa_key(), device_serial="mk2-000417")
