"""What a target system's certificates say beside the name: read from its rules, never from a request.

Serves O-14.1 and J-4 (the permitted use stands in the certificate) and O-19.2.6 (algorithms are data).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

SignatureHash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
RSA_SIZES: Final = {"rsa2048": 2048, "rsa3072": 3072, "rsa4096": 4096}
CURVES: Final[dict[str, ec.EllipticCurve]] = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}
_CURVE_WORDS: Final = {curve.name: word for word, curve in CURVES.items()}
# Those for which the LRA makes keys: PKCS#12 files carry no others.
LRA_KEY_TYPES: Final = (*RSA_SIZES, *CURVES)
# Those that WebCrypto makes in every browser and that a PKCS#12 file carries.
BROWSER_KEY_TYPES: Final = LRA_KEY_TYPES
KEY_TYPES: Final = (*LRA_KEY_TYPES, "ed25519", "mldsa65")
MOST_SHARDS: Final = 64
MODERN_LOCK, LEGACY_LOCK = "aes256", "legacy_3des"
PKCS12_LOCKS: Final = (MODERN_LOCK, LEGACY_LOCK)

# RFC 5280 4.2.1.3. Signing of certificates and CRLs is missing on purpose: no subscriber gets them.
KEY_USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
)
# What a key can't do, no certificate may promise: RFC 3279 2.3.1, RFC 8813 3, RFC 8410 5, RFC 9881 5.
_ENCIPHERS: Final = frozenset({"key_encipherment", "data_encipherment"})
_NOT_FOR: Final = {
    **dict.fromkeys(RSA_SIZES, frozenset({"key_agreement"})),
    **dict.fromkeys(CURVES, _ENCIPHERS),
    **dict.fromkeys(("ed25519", "mldsa65"), _ENCIPHERS | {"key_agreement"}),
}
# RFC 5280 4.2.1.12 and RFC 9336. OCSP signing and "any" are missing on purpose.
EXTENDED_KEY_USAGES: Final = {
    "client_auth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "server_auth": ExtendedKeyUsageOID.SERVER_AUTH,
    "email_protection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "code_signing": ExtendedKeyUsageOID.CODE_SIGNING,
    "document_signing": ObjectIdentifier("1.3.6.1.5.5.7.3.36"),
}
_HASHES: Final[dict[str, type[SignatureHash]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_KEY_USAGE_BITS: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class CertificateProfile:
    """One profile; its fields are those of the rules' `profile` table."""

    key_types: tuple[str, ...]
    lra_key_type: str
    signature_hash: str
    key_usage: tuple[str, ...]
    extended_key_usage: tuple[str, ...]
    policy_oid: str
    validity_days: int
    issuer: str
    crl_shards: int = 1
    pkcs12: str = MODERN_LOCK

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> CertificateProfile:
        """Return the profile in `data`; raises ValueError with the word that is not known."""
        profile = cls(
            key_types=tuple(data["key_types"]),
            lra_key_type=str(data.get("lra_key_type") or ""),
            signature_hash=str(data.get("signature_hash") or "sha256"),
            key_usage=tuple(data["key_usage"]),
            extended_key_usage=tuple(data["extended_key_usage"]),
            policy_oid=str(data["policy_oid"]),
            validity_days=int(data["validity_days"]),
            issuer=str(data["issuer"]),
            crl_shards=int(data.get("crl_shards") or 1),
            pkcs12=str(data.get("pkcs12") or MODERN_LOCK),
        )
        _require(profile.key_types, KEY_TYPES)
        _require([profile.lra_key_type] if profile.lra_key_type else [], LRA_KEY_TYPES)
        _require([profile.signature_hash], _HASHES)
        _require([profile.pkcs12], PKCS12_LOCKS)
        _require(profile.key_usage, KEY_USAGES)
        _require_fitting_usage(profile)
        _require(profile.extended_key_usage, EXTENDED_KEY_USAGES)
        _require_readable_oid(profile.policy_oid)
        if not 1 <= profile.validity_days <= 3660:
            raise ValueError(f"validity_days: {profile.validity_days}")
        if not 1 <= profile.crl_shards <= MOST_SHARDS:
            raise ValueError(f"crl_shards: {profile.crl_shards}")
        return profile

    @property
    def browser_key_types(self) -> tuple[str, ...]:
        """The kinds of keys that a holder's browser may make."""
        return tuple(kind for kind in self.key_types if kind in BROWSER_KEY_TYPES)

    @property
    def key_usage_extension(self) -> x509.KeyUsage:
        """The key usage as the certificate carries it."""
        return x509.KeyUsage(**{bit: bit in self.key_usage for bit in _KEY_USAGE_BITS})

    @property
    def extended_key_usage_extension(self) -> x509.ExtendedKeyUsage:
        """The extended key usage as the certificate carries it."""
        return x509.ExtendedKeyUsage([EXTENDED_KEY_USAGES[name] for name in self.extended_key_usage])

    @property
    def policies_extension(self) -> x509.CertificatePolicies:
        """The certificate policy that states the permitted use (O-14.1, J-4)."""
        return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(self.policy_oid), None)])


def hash_algorithm(name: str) -> SignatureHash:
    """Return the hash with this name of the rules (`sha256`, `sha384`, `sha512`)."""
    return _HASHES[name]()


def key_type_of(key: CertificatePublicKeyTypes) -> str:
    """Return the key's type in the words of the rules (`rsa2048`, `p256`), or one that no rules contain."""
    family = _family(type(key))
    if isinstance(family, str):
        return family
    if family is rsa.RSAPublicKey:
        return f"rsa{cast(rsa.RSAPublicKey, key).key_size}"
    curve = cast(ec.EllipticCurvePublicKey, key).curve.name
    return _CURVE_WORDS.get(curve, curve)


@cache
def _family(kind: type) -> type | str:
    """Return the family of keys that a class of the library belongs to, or the one word for all of its keys.

    To ask abstract classes takes longer than to read a request, so each class is asked once.
    """
    families: tuple[tuple[type, type | str], ...] = (
        (rsa.RSAPublicKey, rsa.RSAPublicKey),
        (ec.EllipticCurvePublicKey, ec.EllipticCurvePublicKey),
        (ed25519.Ed25519PublicKey, "ed25519"),
        (mldsa.MLDSA65PublicKey, "mldsa65"),
    )
    return next((said for family, said in families if issubclass(kind, family)), kind.__name__)


def _require_fitting_usage(profile: CertificateProfile) -> None:
    """Refuse a usage that one of the keys can't serve, here and not when a holder of such a key has applied."""
    for kind in filter(None, (*profile.key_types, profile.lra_key_type)):
        unfit = sorted(_NOT_FOR[kind] & set(profile.key_usage))
        if unfit:
            raise ValueError(f"key_usage: {', '.join(unfit)} is nothing that {kind} keys do")


def _require_readable_oid(text: str) -> None:
    """Refuse what is no identifier, and what pkilint's decoder can't read: 2.48 and up, arcs over 32 bits."""
    arcs = [int(arc) for arc in x509.ObjectIdentifier(text).dotted_string.split(".")]
    if (arcs[0] == 2 and arcs[1] > 47) or len(arcs) < 3 or max(arcs) >= 1 << 32:
        raise ValueError(f"policy_oid: {text} can't be linted")


def _require(words: tuple[str, ...] | list[str], known: Any) -> None:
    unknown = [word for word in words if word not in known]
    if unknown:
        raise ValueError(f"not known: {', '.join(unknown)}")
