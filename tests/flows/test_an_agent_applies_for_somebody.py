"""An agent by proxy applies; file and PIN reach the applicant and nobody else."""

from datetime import timedelta

import pytest
from django.core import mail

from applications.rules.intake import STEPS
from applications.rules.uploads import check
from applications.selectors.intake import contents_digest
from applications.services import filing, intake, uploads
from audit.refusals import NotFound
from certificates.services import acceptance, deliveries
from regulations.models import TargetSystem
from regulations.services import consents
from tests.flows import steps
from tests.flows.steps import ANSWERS, House, actor, now
from tests.people import signed_in


@pytest.mark.clause("O-14.2", "O-14.3", "O-4.1", "J-5")
def test_the_agent_sees_how_it_stands_and_gets_neither_certificate_nor_pin(house: House) -> None:
    people, agent, applicant = house.people, house.people.hanako, house.people.jiro
    draft = filing.start_for(
        target_system=TargetSystem.objects.get(slug="e-contract"),
        subject=filing.Subject(applicant.name, applicant.email, "E-40213"),
        person=agent,
        actor=actor(agent),
        at=now(),
    )
    for step in STEPS[:2]:
        typed = ANSWERS["e-contract"]
        assert intake.save_step(application=draft, step=step, typed=typed, actor=actor(agent), at=now()) == []
    for key in ("seal_certificate", "company_register", "letter_of_proxy"):
        file = check(name=f"{key}.pdf", data=steps.pdf(), field=key)
        issued = (now() - timedelta(days=10)).date()
        uploads.add(application=draft, key=key, file=file, issued_on=issued, actor=actor(agent), at=now())
    filing.present(application=draft, seen=contents_digest(draft), actor=actor(agent), at=now())
    draft.refresh_from_db()
    ticked = [item.key for item in consents.asked_for(ruleset=draft.rules.ruleset, at=now())]
    application = intake.submit(
        application=draft, ticked=ticked, seen=contents_digest(draft), actor=actor(applicant), at=now()
    )
    certificate = steps.issue(application, people, house.jobs)

    assert certificate.holder == applicant
    delivered = [row for row in mail.outbox if certificate.management_number in f"{row.subject}{row.body}"]
    assert {row.to[0] for row in delivered} == {applicant.email}
    link, browser = steps.link_token(applicant), signed_in(agent)
    assert browser.get(f"/certificates/delivery/{link}/").status_code == 404
    assert browser.post(f"/certificates/delivery/{link}/download/").status_code == 404
    assert browser.get(f"/certificates/{certificate.pk}/").status_code == 404
    for act in (deliveries.send_again, deliveries.send_pin_again, acceptance.accept):
        with pytest.raises(NotFound):
            act(certificate=certificate, actor=actor(agent), at=now())
    page = browser.get(f"/applications/{application.pk}/").content.decode()
    assert f"/certificates/{certificate.pk}/" not in page
    assert certificate.management_number not in browser.get("/home/").content.decode()
    assert steps.fetch(certificate, applicant).name.endswith(".p12")
