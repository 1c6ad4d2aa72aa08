"""Every kind of key that a certificate may be for is told by how its SubjectPublicKeyInfo begins."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certificates.key_kinds import BEGINNINGS, in_base64
from certificates.profiles import KEY_TYPES

MAKERS: dict[str, Callable[[], Any]] = {
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
    "rsa4096": lambda: rsa.generate_private_key(65537, 4096),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "mldsa65": mldsa.MLDSA65PrivateKey.generate,
}


@pytest.mark.parametrize("kind", KEY_TYPES)
def test_a_key_begins_as_its_kind_and_as_no_other(kind: str) -> None:
    public = MAKERS[kind]().public_key()
    spki = base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    assert [name for name in BEGINNINGS if spki.startswith(in_base64(BEGINNINGS[name]))] == [kind]
