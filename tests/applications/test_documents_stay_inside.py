"""Documents are opened by their applicant's side and by the office, and by nobody else who is signed in (O-9)."""

import pytest

from applications.models import Application
from tests.people import People, signed_in


@pytest.mark.clause("O-9")
@pytest.mark.parametrize("visitor", ["outsider", "contract_admin", "agent", "rules_manager", "administrator"])
def test_a_document_of_somebody_else_does_not_exist(people: People, application: Application, visitor: str) -> None:
    upload = application.uploads.first()
    assert upload is not None
    browser = signed_in(getattr(people, visitor))
    assert browser.get(f"/documents/{upload.pk}/file/").status_code == 404
    assert browser.get(f"/documents/{upload.pk}/pages/1.png").status_code == 404


def test_examiner_approver_and_auditor_open_it(people: People, application: Application) -> None:
    upload = application.uploads.first()
    assert upload is not None
    for person in (people.examiner, people.approver, people.auditor):
        assert signed_in(person).get(f"/documents/{upload.pk}/file/").status_code == 200
