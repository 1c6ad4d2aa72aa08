"""A certificate whose key Chromium makes: page, request, the real signer, and a PKCS#12 file that others can open."""

import base64
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import NameOID
from django.utils import timezone
from playwright.sync_api import Browser, Page

from certificates.profiles import BROWSER_KEY_TYPES, key_type_of
from lra_portal.demo.people import APPROVER, EXAMINER, HARUKA
from lra_portal.quickstart.portal import Portal
from tests.browser import acts
from tests.browser.acts import Answers, Checker
from tests.browser.conftest import Visitors
from tests.browser.test_applying import press_button, shoot

STATIC = Path(__file__).parents[2] / "static"
REMOTE = Answers(
    slug="remote-access",
    applicant={"person_name": "山本 遥"},
    certificate={"person_latin": "Haruka Yamamoto", "access_number": "R-000777", "email": "haruka@demo.example"},
    documents={},
)
PASSPHRASE = r"(?:[A-HJ-NP-Z2-9]{4}-){4}[A-HJ-NP-Z2-9]{4}"
KEPT = """async () => [
    localStorage.length, Object.keys(sessionStorage).join(), (await indexedDB.databases()).length,
    (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length,
]"""
MAKE = "form[data-make] button"


def opened(file: Path, passphrase: str) -> str:
    """What OpenSSL says of the file and how it is closed."""
    words = ["openssl", "pkcs12", "-in", str(file), "-passin", f"pass:{passphrase}", "-info", "-nodes"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.processes
@pytest.mark.clause("O-14.2", "O-14.3", "O-16.2.2")
def test_the_key_is_made_in_the_browser_and_leaves_it_in_the_file_alone(visitors: Visitors, tmp_path: Path) -> None:
    haruka = visitors(HARUKA)
    for person in (HARUKA, EXAMINER, APPROVER):
        visitors(person).sign_in()
    receipt = acts.apply(haruka, REMOTE)
    acts.examine(visitors(EXAMINER), receipt)
    acts.approve(visitors(APPROVER), receipt)
    address = haruka.mail(r"https?://\S+(/certificates/pick-up/[\w-]+/)")[1]
    haruka.go("/home/")
    shoot(haruka, "pickup-home")
    haruka.follow(address)
    shoot(haruka, "pickup")
    sent: list[bytes] = []
    page = haruka.page
    page.on("request", lambda request: sent.append(request.url.encode() + b"\n" + (request.post_data_buffer or b"")))
    page.locator(MAKE).focus()
    page.keyboard.press("Enter")
    page.locator("[data-passphrase]").wait_for(state="visible")
    passphrase = re.search(PASSPHRASE, haruka.text())
    assert passphrase, haruka.text()
    shoot(haruka, "pickup-ready")
    page.locator("#typed").fill("0000")
    press_button(haruka, "form[data-download] button")
    shoot(haruka, "pickup-mistyped")
    page.locator("#typed").fill(passphrase[0][-4:].lower())
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    shoot(haruka, "pickup-saved")
    said = opened(file, passphrase[0])
    assert "MAC: sha256" in said
    assert said.count("PBES2, PBKDF2, AES-256-CBC") == 2
    key, certificate, above = pkcs12.load_key_and_certificates(file.read_bytes(), passphrase[0].encode())
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert certificate is not None
    assert certificate.public_key() == key.public_key()
    assert len(above) == 2
    secret = key.private_numbers().private_value.to_bytes(32, "big")
    for body in sent:
        assert secret not in body
        assert base64.b64encode(secret).rstrip(b"=")[4:-4] not in body
        assert passphrase[0].encode() not in body
        assert b"PRIVATE" not in body
    assert any(b"CERTIFICATE+REQUEST" in body for body in sent), "the request is what was sent"
    assert page.evaluate(KEPT) == [0, "htmx-current-path-for-history", 0, 0, 0]
    press_button(haruka, "form[data-saved] button")
    assert page.url.endswith("/receipt/")
    haruka.look()
    acts.accept(haruka)
    (tmp_path / "check").mkdir()
    checker = Checker(visitors.portal, tmp_path / "check", certificate.public_bytes(Encoding.PEM))
    assert "leaf.pem: OK" in checker.verified()
    haruka.go(address)
    assert "/pick-up/" not in page.url, "what is issued has a page of its own"


@pytest.fixture
def bench(chromium: Browser, portal: Portal) -> Any:
    """A page of the portal with the scripts of the pick-up page alone."""
    context = chromium.new_context(base_url=portal.site_url, bypass_csp=True)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.add_script_tag(path=STATIC / "vendor" / "pkijs.min.js")
    page.add_script_tag(path=STATIC / "keyfile.js")
    yield page
    context.close()


BUILD = """async ([kind, der]) => {
    const bytes = Uint8Array.from(atob(der), (letter) => letter.charCodeAt(0));
    const passphrase = keyFile.makePassphrase();
    const file = await keyFile.build(window.pair, [bytes], "山本 遥", passphrase);
    const told = Array.from(new Uint8Array(await file.arrayBuffer()));
    return [await keyFile.fits(window.pair, [bytes]), passphrase, told];
}"""

# GnuTLS, NSS and Java open it, too.
OTHERS = (
    ("certtool", "--p12-info", "--inder", "--infile", "made.p12", "--password", "{passphrase}"),
    ("pk12util", "-l", "made.p12", "-W", "{passphrase}"),
    ("keytool", "-list", "-keystore", "made.p12", "-storetype", "PKCS12", "-storepass", "{passphrase}"),
)
FOREIGN = """async (der) => {
    const bytes = Uint8Array.from(atob(der), (letter) => letter.charCodeAt(0));
    return keyFile.fits(await keyFile.makePair("p256"), [bytes]);
}"""


@pytest.mark.processes
@pytest.mark.needs("gnutls-bin", "libnss3-tools", "default-jdk-headless")
@pytest.mark.parametrize("kind", BROWSER_KEY_TYPES)
def test_every_kind_of_key_that_rules_may_name_comes_out_of_chromium_in_a_file_that_opens(
    bench: Page, tmp_path: Path, kind: str
) -> None:
    asked = bench.evaluate(
        "async (kind) => { window.pair = await keyFile.makePair(kind); return keyFile.makeRequest(window.pair); }", kind
    )
    request = x509.load_pem_x509_csr(asked.encode())
    assert request.is_signature_valid
    assert key_type_of(request.public_key()) == kind
    now, name = timezone.now(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Haruka Yamamoto")])
    made = x509.CertificateBuilder(name, name, request.public_key(), 7, now, now + timedelta(days=1))
    signed = made.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    der = base64.b64encode(signed.public_bytes(Encoding.DER)).decode()
    fits, passphrase, content = bench.evaluate(BUILD, [kind, der])
    assert fits
    file = tmp_path / "made.p12"
    file.write_bytes(bytes(content))
    assert "PBES2, PBKDF2, AES-256-CBC" in opened(file, passphrase)
    stored = pkcs12.load_pkcs12(file.read_bytes(), passphrase.encode())
    assert stored.key is not None
    assert stored.cert is not None
    assert stored.cert.friendly_name == "山本 遥".encode()
    assert stored.key.public_key() == request.public_key()
    for words in OTHERS:
        done = subprocess.run(
            [word.format(passphrase=passphrase) for word in words],
            cwd=tmp_path, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, f"{words[0]}: {done.stdout}{done.stderr}"
    assert not bench.evaluate(FOREIGN, der), "a certificate for another key is told apart"
