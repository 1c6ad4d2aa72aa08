"""A root and an issuing CA for tests, made by the real ceremony with small fast keys."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from audit.actors import Actor
from certificates.models import CertificationAuthority
from certificates.names import Part
from certificates.worker import authorities, ceremony
from certificates.worker.authorities import Ceremony

STATUS_URL = "http://127.0.0.1:8000/"
OCSP_URL = "http://127.0.0.1:8001/"
BORN = datetime(2026, 1, 5, tzinfo=UTC)


def wanted(name: str, key_type: str = "p256", key_place: str = "file") -> Ceremony:
    """Return the ceremony of an authority of this name."""
    subject = (Part("C", "JP"), Part("O", "Demo LRA"), Part("CN", f"Demo {name}"))
    places = ceremony.addresses(name=name, status_url=STATUS_URL, ocsp_url=OCSP_URL)
    return Ceremony(name, subject, key_type, places, key_place)


def make_issuing(
    name: str = "issuing", key_type: str = "p256", at: datetime = BORN, key_place: str = "file"
) -> CertificationAuthority:
    """Hold a ceremony at `at`: the root, when there is none, and an issuing CA under it."""
    actor = Actor.system("ceremony")
    root = CertificationAuthority.objects.filter(issuer=None).first()
    if root is None:
        root = authorities.create_root(wanted=wanted("root"), actor=actor, at=at)
    return authorities.create_issuing(wanted=wanted(name, key_type, key_place), root=root, actor=actor, at=at)


@pytest.fixture
def issuing(request: pytest.FixtureRequest) -> CertificationAuthority:
    """The issuing CA that the demo rules name, in the database of the test."""
    if "clone" in request.fixturenames:
        request.getfixturevalue("clone")
        return make_issuing()
    request.getfixturevalue("db")
    # A transaction that was taken back took its certificates along; the journal would remember them.
    for journal in Path(settings.JOURNAL_DIR).glob("*.jsonl"):
        journal.unlink()
    return CertificationAuthority.objects.get(name="issuing")
