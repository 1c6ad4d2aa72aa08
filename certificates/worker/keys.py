"""Where the authorities' private keys are: one small seam; behind it the encrypted file and the HSM.

A key is named by a reference such as `file:issuing.pem` or `hsm:issuing`. The word before the colon picks
the backend, so that another company's CA can stand behind the same authority row.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings

from certificates.profiles import CURVES, RSA_SIZES

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
MIN_PASSPHRASE: Final = 12


class KeyUnavailableError(Exception):
    """The key can't be used now: its place is not there, not set up, or does not open; the message says which."""


class KeyBackend(Protocol):
    """A place that holds private keys."""

    def create(self, *, name: str, key_type: str) -> str:
        """Make a key that lasts and return its reference; refuse to overwrite one."""

    def load(self, name: str) -> SigningKey:
        """Return the key; raise KeyUnavailableError when it can't be had."""


@cache
def _file_key(path: Path, passphrase: bytes) -> SigningKey:
    """Open a key file once per process: an RSA key with all its checks takes as long as a hundred signatures."""
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase)
    except OSError as error:
        raise KeyUnavailableError(f"the key file {path.name} can't be read: {error.strerror}") from None
    except (ValueError, TypeError):
        raise KeyUnavailableError(f"the key file {path.name} doesn't open with the passphrase") from None
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise KeyUnavailableError(f"the key in {path.name} is of a type that does not sign here")
    return key


class EncryptedFileKeys:
    """Keys in PEM files, closed with a passphrase, in a folder of the signer's own user."""

    def __init__(self, directory: str, passphrase: str) -> None:
        if not directory or not passphrase:
            raise KeyUnavailableError("CA_KEY_DIR and CA_KEY_PASSPHRASE are not both set for this process")
        if len(passphrase) < MIN_PASSPHRASE:
            raise KeyUnavailableError(f"CA_KEY_PASSPHRASE is shorter than {MIN_PASSPHRASE} characters")
        self._directory = Path(directory)
        self._passphrase = passphrase.encode()

    def create(self, *, name: str, key_type: str) -> str:
        """Make a key file readable by its owner alone and flush it to disk; raises FileExistsError."""
        pem = generate(key_type).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(self._passphrase)
        )
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / f"{name}.pem"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        flush_directory(self._directory)
        return f"file:{path.name}"

    def load(self, name: str) -> SigningKey:
        """Open the file with the passphrase of this process."""
        if Path(name).name != name:
            raise KeyUnavailableError(f"{name} is not the name of a key file")
        return _file_key(self._directory / name, self._passphrase)


def _hsm() -> KeyBackend:
    """Return the keys in the HSM; the PKCS#11 library is loaded only where an authority has its key there."""
    from certificates.worker.hsm import HsmKeys  # noqa: PLC0415

    return HsmKeys(settings.HSM_MODULE, settings.HSM_TOKEN, settings.HSM_PIN)


BACKENDS: Final[dict[str, Callable[[], KeyBackend]]] = {
    "file": lambda: EncryptedFileKeys(settings.CA_KEY_DIR, settings.CA_KEY_PASSPHRASE),
    "hsm": _hsm,
}


def backend(kind: str) -> KeyBackend:
    """Return the backend of this kind; raises KeyUnavailableError for one that is not known."""
    if kind not in BACKENDS:
        raise KeyUnavailableError(f"there is no key backend “{kind}”")
    return BACKENDS[kind]()


def load(reference: str) -> SigningKey:
    """Return the key with this reference, ready to sign.

    What takes long is done once per process; a failure is not remembered, since the key may be there at the
    next try. Raises KeyUnavailableError.
    """
    kind, _, name = reference.partition(":")
    return backend(kind).load(name)


def generate(key_type: str) -> SigningKey:
    """Return a new private key of a type named in the rules (`rsa2048` … `p384`)."""
    if key_type in RSA_SIZES:
        return rsa.generate_private_key(public_exponent=65537, key_size=RSA_SIZES[key_type])
    if key_type in CURVES:
        return ec.generate_private_key(CURVES[key_type])
    raise ValueError(f"no private keys of type {key_type} are made here")


def flush_directory(directory: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
