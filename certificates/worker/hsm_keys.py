"""Keys that stay in an HSM, in the shape that the library's builders take: they sign, and show nothing else.

The digest is taken here and the token signs it, so that a CRL of any length is one short message to it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final, NoReturn

import pkcs11
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from pkcs11 import Attribute, KeyType, Mechanism
from pkcs11.util.ec import encode_named_curve_parameters

from certificates.profiles import CURVES, RSA_SIZES

RawSign = Callable[[bytes, Mechanism], bytes]
# What a key that answers can sign; it means nothing to anybody.
_TRIAL: Final = b"lra-portal: is this key there?"
# RFC 8017, 9.2, note 1: what stands before the digest in a PKCS#1 v1.5 signature.
_DIGEST_INFO: Final = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
_KEPT_INSIDE: Final = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}


class _Inside:
    """What every key in an HSM refuses, and that its copy is itself."""

    def private_numbers(self) -> NoReturn:
        raise TypeError("the key does not leave the HSM")

    def private_bytes(self, *_arguments: Any, **_options: Any) -> NoReturn:
        raise TypeError("the key does not leave the HSM")

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, _memo: dict[Any, Any]) -> Any:
        return self


class HsmRsaKey(_Inside, rsa.RSAPrivateKey):
    """An RSA key that signs with PKCS#1 v1.5, as certificates and CRLs here do."""

    def __init__(self, public: rsa.RSAPublicKey, sign: RawSign) -> None:
        self._public, self._raw = public, sign

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def public_key(self) -> rsa.RSAPublicKey:
        return self._public

    def sign(self, data: Any, padding: Any, algorithm: Any) -> bytes:
        """Sign data, or the digest of data with `Prehashed`."""
        name, digest = _digest(data, algorithm)
        if padding.name != "EMSA-PKCS1-v1_5":
            raise UnsupportedAlgorithm(f"the key signs with PKCS#1 v1.5, not {padding.name}")
        return self._raw(_DIGEST_INFO[name] + digest, Mechanism.RSA_PKCS)

    def decrypt(self, ciphertext: bytes, padding: Any) -> NoReturn:
        raise TypeError("the key signs and does nothing else")


class HsmEcKey(_Inside, ec.EllipticCurvePrivateKey):
    """A key on an elliptic curve that signs with ECDSA."""

    def __init__(self, public: ec.EllipticCurvePublicKey, sign: RawSign) -> None:
        self._public, self._raw = public, sign

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    def sign(self, data: Any, signature_algorithm: Any) -> bytes:
        """Sign data, or the digest of data with `Prehashed`."""
        _name, digest = _digest(data, signature_algorithm.algorithm)
        raw = self._raw(digest, Mechanism.ECDSA)
        half = len(raw) // 2
        return utils.encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))

    def exchange(self, algorithm: Any, peer_public_key: Any) -> NoReturn:
        raise TypeError("the key signs and does nothing else")


def key_for(public: object, sign: RawSign) -> HsmRsaKey | HsmEcKey:
    """Return the key whose public half this is; raises UnsupportedAlgorithm for a kind that signs no certificates."""
    if isinstance(public, rsa.RSAPublicKey):
        return HsmRsaKey(public, sign)
    if isinstance(public, ec.EllipticCurvePublicKey):
        return HsmEcKey(public, sign)
    raise UnsupportedAlgorithm(f"{type(public).__name__} signs no certificates here")


def try_out(key: HsmRsaKey | HsmEcKey) -> None:
    """Let the key sign something meaningless; raises InvalidSignature when its public half does not verify that."""
    if isinstance(key, HsmRsaKey):
        signature = key.sign(_TRIAL, padding.PKCS1v15(), hashes.SHA256())
        key.public_key().verify(signature, _TRIAL, padding.PKCS1v15(), hashes.SHA256())
    else:
        signature = key.sign(_TRIAL, ec.ECDSA(hashes.SHA256()))
        key.public_key().verify(signature, _TRIAL, ec.ECDSA(hashes.SHA256()))


def generate(session: pkcs11.Session, *, label: str, key_type: str) -> None:
    """Make a pair in the token that stays there; raises ValueError for a type that signs no certificates."""
    facts: dict[str, Any] = {
        "id": secrets.token_bytes(16),
        "label": label,
        "store": True,
        "private_template": _KEPT_INSIDE,
    }
    if key_type in RSA_SIZES:
        session.generate_keypair(KeyType.RSA, RSA_SIZES[key_type], **facts)
    elif key_type in CURVES:
        curve = {Attribute.EC_PARAMS: encode_named_curve_parameters(CURVES[key_type].name)}
        session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(**facts)
    else:
        raise ValueError(f"no keys of type {key_type} are made in an HSM")


def _digest(data: Any, algorithm: Any) -> tuple[str, bytes]:
    """Return name and value of the digest to sign."""
    if isinstance(algorithm, utils.Prehashed):
        return algorithm._algorithm.name, bytes(data)  # noqa: SLF001 — the library shows the hash nowhere else
    context = hashes.Hash(algorithm)
    context.update(data)
    return algorithm.name, context.finalize()
