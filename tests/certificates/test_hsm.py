"""Keys in an HSM: the ceremony makes them there, everything is signed there, and nothing gets out (O-1.1)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.core.management import call_command

from audit.actors import Actor
from certificates.models import Certificate, CertificationAuthority, RootCrl
from certificates.worker import authorities, batch, keys
from certificates.worker.hsm import HsmKeys
from certificates.worker.keys import KeyUnavailableError
from regulations.models import TargetSystemVersion
from revocation.models import CrlChunk
from revocation.worker import crl_publishing
from tests.certificates import orders
from tests.harness.softhsm import LABEL, MODULE, PIN, SoftHsm
from tests.people import People

pytestmark = pytest.mark.needs("softhsm2")
URLS = {"status_url": "http://127.0.0.1:8000/", "ocsp_url": "http://127.0.0.1:8001/"}


def place() -> HsmKeys:
    return HsmKeys(MODULE, LABEL, PIN)


@pytest.mark.django_db
@pytest.mark.clause("O-1.1")
@pytest.mark.parametrize("key_type", ["p256", "rsa2048"])
def test_an_authority_with_its_key_in_the_hsm_signs_certificates_and_lists(
    softhsm: SoftHsm, people: People, version: TargetSystemVersion, key_type: str, tmp_path: Path
) -> None:
    places = {"key_place": "hsm", "root_key_place": "hsm", "key_type": key_type}
    call_command("create_authority", name="issuing", **places, **URLS, verbosity=0)
    issuing = CertificationAuthority.objects.get(name="issuing")
    assert issuing.key_reference.startswith("hsm:issuing-")
    assert not list(Path(settings.CA_KEY_DIR).glob(f"{issuing.key_reference.partition(':')[2]}*"))
    orders.queued(people, version)
    assert batch.run() == 1
    made = x509.load_der_x509_certificate(bytes(Certificate.objects.get().der))
    made.verify_directly_issued_by(authorities.certificate_of(issuing))
    crl_publishing.publish_due(actor=Actor.system("publisher"))
    above, root = authorities.chain_of(issuing)
    for name, certificate in (("own", made), ("issuing", above), ("root", root)):
        (tmp_path / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    lists = [CrlChunk.objects.get().body, RootCrl.objects.get().der]
    pem = [x509.load_der_x509_crl(bytes(one)).public_bytes(Encoding.PEM) for one in lists]
    (tmp_path / "crls.pem").write_bytes(b"".join(pem))
    command = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-CRLfile", "crls.pem", "-CAfile", "root.pem"]
    shown = subprocess.run(
        [*command, "-untrusted", "issuing.pem", "own.pem"], cwd=tmp_path, capture_output=True, check=True
    )
    assert shown.stdout == b"own.pem: OK\n"


@pytest.mark.parametrize("key_type", ["p384", "rsa3072"])
def test_what_the_hsm_signs_verifies_and_the_key_never_comes_out(softhsm: SoftHsm, key_type: str) -> None:
    key = keys.load(place().create(name="one", key_type=key_type))
    with pytest.raises(TypeError, match="does not leave"):
        key.private_numbers()
    with pytest.raises(TypeError, match="does not leave"):
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(b"text", padding.PKCS1v15(), hashes.SHA384())
        key.public_key().verify(signature, b"text", padding.PKCS1v15(), hashes.SHA384())
        with pytest.raises(UnsupportedAlgorithm):
            key.sign(b"text", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    else:
        signature = key.sign(b"text", ec.ECDSA(hashes.SHA384()))
        key.public_key().verify(signature, b"text", ec.ECDSA(hashes.SHA384()))


def test_a_label_that_is_taken_is_not_used_again(softhsm: SoftHsm) -> None:
    place().create(name="one", key_type="p256")
    with pytest.raises(FileExistsError):
        place().create(name="one", key_type="p256")
    with pytest.raises(ValueError, match="ed25519"):
        place().create(name="other", key_type="ed25519")


def test_a_key_that_is_not_there_stands_in_no_other_keys_way(softhsm: SoftHsm) -> None:
    reference = place().create(name="one", key_type="p256")
    with pytest.raises(KeyUnavailableError, match="no key"):
        keys.load("hsm:another")
    assert keys.load(reference).key_size == 256


@pytest.mark.parametrize("missing", ["HSM_MODULE", "HSM_TOKEN", "HSM_PIN"])
def test_an_hsm_that_is_not_set_up_is_named(softhsm: SoftHsm, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, missing, "")
    with pytest.raises(KeyUnavailableError, match="HSM_MODULE"):
        keys.load("hsm:one")


@pytest.mark.parametrize(("module", "label"), [("/no/such/module.so", LABEL), (MODULE, "another token")])
def test_a_module_or_token_that_is_not_there_is_said(softhsm: SoftHsm, module: str, label: str) -> None:
    with pytest.raises(KeyUnavailableError, match="can't be opened"):
        HsmKeys(module, label, PIN).load("one")


def test_a_session_is_not_carried_over_a_fork(softhsm: SoftHsm) -> None:
    place().create(name="one", key_type="p256")
    program = """
import os, sys
from django.conf import settings
settings.configure(**{name: os.environ[name] for name in ("HSM_MODULE", "HSM_TOKEN", "HSM_PIN")})
from certificates.worker import keys
keys.load("hsm:one")
if os.fork() == 0:
    try:
        keys.load("hsm:one")
    except keys.KeyUnavailableError as error:
        os._exit(7 if "fork" in str(error) else 1)
    os._exit(2)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""
    environment = {**os.environ, **softhsm.environment}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 7
