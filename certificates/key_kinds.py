"""Telling the kinds of certified keys apart in the database, without reading certificates one by one (O-19.2.6).

A SubjectPublicKeyInfo of one kind of key always begins with the same bytes: lengths, algorithm and parameters stand
before the key (RFC 3279 2.3.1 with the public exponent 65537, RFC 5480, RFC 8410, RFC 9881). Each intent keeps it in
base64.
"""

from __future__ import annotations

import base64
from typing import Final

from django.db.models import Q

BEGINNINGS: Final = {
    "rsa2048": "30820122300d06092a864886f70d0101010500",
    "rsa3072": "308201a2300d06092a864886f70d0101010500",
    "rsa4096": "30820222300d06092a864886f70d0101010500",
    "p256": "3059301306072a8648ce3d020106082a8648ce3d030107",
    "p384": "3076301006072a8648ce3d020106052b81040022",
    "ed25519": "302a300506032b6570",
    "mldsa65": "308207b2300b0609608648016503040312",
}


def has_key(key_type: str) -> Q:
    """Return the condition that a certificate is for a key of `key_type`; raises KeyError for an unknown one."""
    return Q(intent__statement__spki__startswith=in_base64(BEGINNINGS[key_type]))


def in_base64(beginning: str) -> str:
    """Return the base64 of as many whole groups of three bytes as a beginning has."""
    raw = bytes.fromhex(beginning)
    return base64.b64encode(raw[: len(raw) // 3 * 3]).decode()
