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

from certificates.worker.keys import SigningKey

# Capital letters and digits without I, O, 0 and 1, which look alike in print.
ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
GROUPS: Final = 4
GROUP_LENGTH: Final = 4
KDF_ROUNDS: Final = 20_000


def new_pin() -> str:
    """Return a PIN such as `K7QM-W2XD-9RTB-H4NP`; the dashes are part of it, so it is typed as printed."""
    letters = [secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP_LENGTH)]
    groups = ["".join(letters[i : i + GROUP_LENGTH]) for i in range(0, len(letters), GROUP_LENGTH)]
    return "-".join(groups)


def pack(
    *, key: SigningKey, certificate: x509.Certificate, chain: Sequence[x509.Certificate], label: str, pin: str
) -> bytes:
    """Return the file: key, certificate and chain, closed with PBES2 and AES-256 under the PIN."""
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(KDF_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(pin.encode("ascii"))
    )
    return pkcs12.serialize_key_and_certificates(label.encode(), key, certificate, list(chain), encryption)
