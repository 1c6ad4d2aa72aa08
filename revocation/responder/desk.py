"""Where questions become answers: issuers, keys and the cache of one process.

An answer is kept under its issuer's status epoch and served again only while the epoch, read at most
half a second ago, is still the same. A list becomes current no sooner than a second after its snapshot,
so no kept answer says "good" about an entry of a list that is already out. When the epoch can't be read,
nothing kept is served.
"""

import hashlib
import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from django.conf import settings
from django.db import DatabaseError

from revocation import der
from revocation.responder import answers, lookup, questions
from revocation.responder.keys import Keyring

log = logging.getLogger(__name__)

VALIDITY = timedelta(seconds=getattr(settings, "OCSP_VALIDITY", 3600))
EPOCH_AGE = 0.5  # seconds; half of the wait before a list becomes current
_KEPT_AT_MOST = 20_000
_HASHES = ("sha1", "sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes to send, until when they hold, and whether others may keep them."""

    body: bytes
    cacheable: bool
    this_update: datetime
    next_update: datetime


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    issuer: UUID
    epoch: int
    until: datetime


class Desk:
    """Everything that one responder process knows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys = Keyring()
        self._issuers: dict[UUID, x509.Certificate] = {}
        self._by_hash: dict[tuple[bytes, bytes], UUID] = {}
        self._kept: dict[bytes, _Kept] = {}
        self._epochs: dict[UUID, int] = {}
        self._known: set[UUID] = set()
        self._read_at = float("-inf")

    def open(self) -> None:
        """Read the issuers and ask for certificates; a database that is not there yet is asked again later."""
        try:
            self._refresh()
        except DatabaseError as error:
            log.warning("database not ready: %s", type(error).__name__)

    def ready(self, now: datetime) -> bool:
        """Whether there is an issuer, and a certified key for every one."""
        self._refresh()
        return bool(self._issuers) and all(self._keys.signer(issuer, now) for issuer in self._issuers)

    def answer(self, data: bytes) -> Answer:
        """Answer one request. Raises questions.MalformedError, and DatabaseError when the database can't say."""
        now = datetime.now(UTC)
        self._refresh()
        kept = self._kept.get(data)
        if kept and kept.until > now and self._epochs.get(kept.issuer) == kept.epoch:
            return kept.answer
        return self._fresh(data, now)

    def _fresh(self, data: bytes, now: datetime) -> Answer:
        question = questions.read(data)
        issuer = self._by_hash.get((question.name_hash, question.key_hash))
        if issuer is None:
            # RFC 5019, 2.2.3: not the right place to ask about this issuer.
            return _refused(ocsp.OCSPResponseStatus.UNAUTHORIZED, now)
        signer = self._keys.signer(issuer, now)
        if signer is None:
            return _refused(ocsp.OCSPResponseStatus.TRY_LATER, now)
        status = lookup.status(issuer, f"{question.serial:x}")
        validity = VALIDITY
        body = answers.signed(question=question, status=status, signer=signer, now=now, validity=validity)
        end = min(now + validity, signer.certificate.not_valid_after_utc)
        # A serial that is unknown may be issued the next moment, and no epoch tells of it.
        cacheable = question.nonce is None and status.known
        answer = Answer(body, cacheable, now, end)
        if cacheable:
            self._keep(data, _Kept(answer, issuer, status.epoch, now + (end - now) / 4))
        return answer

    def _keep(self, data: bytes, kept: _Kept) -> None:
        with self._lock:
            if len(self._kept) >= _KEPT_AT_MOST:
                self._kept.clear()
            self._kept[data] = kept

    def _refresh(self) -> None:
        """Read the epochs when the last reading is half a second old, and see to issuers and keys."""
        if time.monotonic() - self._read_at < EPOCH_AGE:
            return
        with self._lock:
            began = time.monotonic()  # the age of a reading counts from before it
            if began - self._read_at < EPOCH_AGE:
                return
            self._epochs = {}
            epochs = lookup.epochs()
            self._meet_issuers(epochs)
            if self._keys.tend(self._issuers, datetime.now(UTC)):
                self._kept = {}
            self._epochs, self._read_at = epochs, began

    def _meet_issuers(self, epochs: dict[UUID, int]) -> None:
        if epochs.keys() == self._known:
            return
        for issuer, encoded in lookup.issuers():
            if issuer not in self._issuers:
                certificate = x509.load_der_x509_certificate(encoded)
                self._issuers[issuer] = certificate
                self._by_hash.update(dict.fromkeys(hashes_of(certificate), issuer))
        self._known = set(epochs)


@cache
def desk() -> Desk:
    """The desk of this process."""
    return Desk()


def hashes_of(issuer: x509.Certificate) -> list[tuple[bytes, bytes]]:
    """(hash of the name, hash of the key) of an issuer under every hash that a CertID may use."""
    name = issuer.subject.public_bytes()
    spki = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = _bits(spki)
    return [(hashlib.new(kind, name).digest(), hashlib.new(kind, key).digest()) for kind in _HASHES]


def _bits(spki: bytes) -> bytes:
    """The key's own bits, without tag, length and unused-bits octet (RFC 6960, 4.1.1)."""
    _tag, algorithm, _end = der.element(spki, 0)
    _tag, _start, bits = der.element(spki, algorithm)
    _tag, start, end = der.element(spki, bits)
    return spki[start + 1 : end]


def _refused(status: ocsp.OCSPResponseStatus, now: datetime) -> Answer:
    return Answer(answers.refusal(status), cacheable=False, this_update=now, next_update=now)
