"""Verify what the demo leaves behind with software that is not ours.

pyhanko-certvalidator comes with the locked packages, so it is there on a bare machine; it builds the path, checks
signatures and revocation data by itself. Where the machine has an `openssl` program, that has to agree.
"""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from asn1crypto import pem
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import RevokedError

OPENSSL = shutil.which("openssl")


class UnverifiedError(Exception):
    """A verifier disagrees with what the portal says."""


@dataclass(frozen=True)
class Evidence:
    """The folder of one target system's results."""

    folder: Path

    def bytes_of(self, name: str) -> bytes:
        """Return a file's bytes."""
        return (self.folder / name).read_bytes()

    def certificates(self, name: str) -> list[asn1.Certificate]:
        """Return every certificate of a PEM file."""
        return [asn1.Certificate.load(der) for _, _, der in pem.unarmor(self.bytes_of(name), multiple=True)]


def verifiers() -> str:
    """Return who verifies, with versions."""
    names = [f"pyhanko-certvalidator {version('pyhanko-certvalidator')}"]
    if OPENSSL:
        names.append(" ".join(_openssl("version").split()[:2]))
    return " and ".join(names)


def verify(folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield what is checked, by name, as calls that raise UnverifiedError."""
    found = Evidence(folder)
    yield "good by chain and lists", lambda: expect(found, good=True, crls=("crl-before.der", "root-crl.der"))
    yield "good by OCSP", lambda: expect(found, good=True, crls=("root-crl.der",), ocsps=("ocsp-good.der",))
    yield "revoked by lists", lambda: expect(found, good=False, crls=("crl-after.der", "root-crl.der"))
    yield "revoked by OCSP", lambda: expect(found, good=False, crls=("root-crl.der",), ocsps=("ocsp-revoked.der",))
    if (folder / "certificate.p12").is_file():
        yield "PKCS#12 opens with its PIN", lambda: open_file(found)
    if OPENSSL:
        yield "OpenSSL agrees on the lists", lambda: ask_openssl_lists(found)
        yield "OpenSSL agrees on OCSP", lambda: ask_openssl_ocsp(found)


def expect(found: Evidence, *, good: bool, crls: tuple[str, ...], ocsps: tuple[str, ...] = ()) -> None:
    """Let the validator decide with nothing but these lists and answers; raises UnverifiedError if it disagrees."""
    context = ValidationContext(
        trust_roots=found.certificates("root.pem"),
        moment=datetime.now(UTC),
        allow_fetching=False,
        crls=[found.bytes_of(name) for name in crls],
        ocsps=[found.bytes_of(name) for name in ocsps],
        revocation_mode="require",
    )
    validator = CertificateValidator(
        found.certificates("certificate.pem")[0],
        intermediate_certs=found.certificates("chain.pem"),
        validation_context=context,
    )
    try:
        asyncio.run(validator.async_validate_usage(set()))  # type: ignore[no-untyped-call]  # the library's own
    except RevokedError:
        revoked = True
    except Exception as problem:
        raise UnverifiedError(f"{', '.join((*crls, *ocsps))}: {problem}") from problem
    else:
        revoked = False
    if revoked == good:
        raise UnverifiedError(f"{', '.join((*crls, *ocsps))}: the validator says {'revoked' if revoked else 'good'}")


def open_file(found: Evidence) -> None:
    """Open the PKCS#12 file with the PIN of the mail and hold key and certificate side by side."""
    pin = found.bytes_of("pin.txt").decode().removesuffix("\n")
    key, certificate, _more = pkcs12.load_key_and_certificates(found.bytes_of("certificate.p12"), pin.encode())
    wanted = x509.load_pem_x509_certificate(found.bytes_of("certificate.pem"))
    if key is None or certificate != wanted or key.public_key() != wanted.public_key():
        raise UnverifiedError("certificate.p12 does not hold the certificate with its key")
    if OPENSSL:
        file, typed = found.folder / "certificate.p12", f"file:{found.folder / 'pin.txt'}"
        _openssl("pkcs12", "-in", str(file), "-passin", typed, "-nokeys")


def ask_openssl_lists(found: Evidence) -> None:
    """`openssl verify -crl_check_all`: good with the list before, revoked with the list after."""
    with tempfile.TemporaryDirectory() as folder:
        root = _as_pem(found, "root-crl.der", folder)
        words = ("verify", "-crl_check_all", "-CAfile", str(found.folder / "root.pem"),
                 "-untrusted", str(found.folder / "chain.pem"), "-CRLfile", root)  # fmt: skip
        certificate = str(found.folder / "certificate.pem")
        _openssl(*words, "-CRLfile", _as_pem(found, "crl-before.der", folder), certificate)
        said = _openssl(*words, "-CRLfile", _as_pem(found, "crl-after.der", folder), certificate, fails=True)
    if "certificate revoked" not in said:
        raise UnverifiedError(f"openssl verify: {said}")


def ask_openssl_ocsp(found: Evidence) -> None:
    """`openssl ocsp` reads both answers and verifies who signed them."""
    with tempfile.TemporaryDirectory() as folder:
        issuer = Path(folder) / "issuer.pem"
        issuer.write_bytes(pem.armor("CERTIFICATE", found.certificates("chain.pem")[0].dump()))
        for name, status in (("ocsp-good.der", "good"), ("ocsp-revoked.der", "revoked")):
            said = _openssl(
                "ocsp", "-respin", str(found.folder / name), "-issuer", str(issuer),
                "-cert", str(found.folder / "certificate.pem"), "-CAfile", str(found.folder / "root.pem"),
                "-verify_other", str(found.folder / "chain.pem"),
            )  # fmt: skip
            if f": {status}" not in said or "Response verify OK" not in said:
                raise UnverifiedError(f"openssl ocsp: {said}")


def _as_pem(found: Evidence, name: str, folder: str) -> str:
    path = Path(folder) / f"{name}.pem"
    path.write_bytes(x509.load_der_x509_crl(found.bytes_of(name)).public_bytes(Encoding.PEM))
    return str(path)


def _openssl(*words: str, fails: bool = False) -> str:
    """Return what the program printed; raises UnverifiedError when it ends otherwise than expected."""
    done = subprocess.run([str(OPENSSL), *words], capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    if bool(done.returncode) != fails:
        raise UnverifiedError(f"openssl {words[0]}: {said}")
    return said
