"""One line of a revocation list, encoded when the certificate is revoked (RFC 5280, 5.3)."""

from datetime import datetime

from revocation import der

_REASON_CODE = b"\x55\x1d\x15"  # 2.5.29.21
_INVALIDITY_DATE = b"\x55\x1d\x18"  # 2.5.29.24


def entry_der(
    *, serial: int, revoked_at: datetime, reason: int | None = None, invalid_since: datetime | None = None
) -> bytes:
    """DER of a CRL entry.

    `reason` is an RFC 5280 code or None for none; `invalid_since` is when the key is thought to have been
    compromised (invalidityDate). Raises ValueError for reason 0, which must not be encoded (5.3.1),
    and for a serial that is not positive.
    """
    if reason == 0:
        raise ValueError("the reason 'unspecified' is expressed by leaving the extension out")
    if serial <= 0:
        raise ValueError("a serial number is positive")
    extensions = b""
    if reason is not None:
        extensions += der.extension(_REASON_CODE, der.integer(reason, der.ENUMERATED))
    if invalid_since is not None:
        extensions += der.extension(_INVALIDITY_DATE, der.generalized_time(invalid_since))
    wrapped = der.tlv(der.SEQUENCE, extensions) if extensions else b""
    return der.tlv(der.SEQUENCE, der.integer(serial), der.time(revoked_at), wrapped)
