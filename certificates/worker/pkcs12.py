"""A key made by the LRA, handed over as a PKCS#12 file that only its PIN opens (J-5.2).

The MAC of such a file keeps its few iterations whatever is asked, so a short PIN could be guessed
off-line; hence sixteen random letters out of thirty-two, which is eighty bits.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from certificates.profiles import LEGACY_LOCK, MODERN_LOCK
from certificates.worker.keys import SigningKey

# Capital letters and digits without I, O, 0 and 1, which look alike in print.
ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
GROUPS: Final = 4
GROUP_LENGTH: Final = 4
KDF_ROUNDS: Final = 20_000
# The second is for old systems, such as Windows before 10 1709; there the length of the PIN alone protects.
LOCKS: Final = {
    MODERN_LOCK: (pkcs12.PBES.PBESv2SHA256AndAES256CBC, hashes.SHA256()),
    LEGACY_LOCK: (pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC, hashes.SHA1()),  # noqa: S303
}


def new_pin() -> str:
    """Return a PIN such as `K7QM-W2XD-9RTB-H4NP`; the dashes are part of it, so it is typed as printed."""
    letters = [secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP_LENGTH)]
    groups = ["".join(letters[i : i + GROUP_LENGTH]) for i in range(0, len(letters), GROUP_LENGTH)]
    return "-".join(groups)


def pack(
    *,
    key: SigningKey,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    label: str,
    pin: str,
    lock: str = MODERN_LOCK,
) -> bytes:
    """Return the file: key, certificate and chain, closed under the PIN as the rules say (`profile.pkcs12`)."""
    algorithm, digest = LOCKS[lock]
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(KDF_ROUNDS)
        .key_cert_algorithm(algorithm)
        .hmac_hash(digest)
        .build(pin.encode("ascii"))
    )
    return pkcs12.serialize_key_and_certificates(label.encode(), key, certificate, list(chain), encryption)
