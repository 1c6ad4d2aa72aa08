"""Keys in an HSM, reached by PKCS#11: made in it, used in it, never out of it (O-1.1; fault 10).

A process has one session, opened when a key is first wanted and never carried over a fork: signer and
publisher run with `--pool=solo`. A token that failed is asked again after a pause that doubles; a PIN that
was refused is not tried again by this process, because every try brings the token nearer to locking itself.
"""

from __future__ import annotations

import os
import time
from functools import cache
from typing import Any, Final, NoReturn

import pkcs11
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import NoSuchKey, PinExpired, PinIncorrect, PinInvalid, PinLenRange, PinLocked, PKCS11Error
from pkcs11.util.ec import encode_ec_public_key
from pkcs11.util.rsa import encode_rsa_public_key

from certificates.worker import hsm_keys
from certificates.worker.keys import KeyUnavailableError, SigningKey

log = structlog.get_logger(__name__)

FIRST_PAUSE: Final = 30.0
LONGEST_PAUSE: Final = 480.0
_PIN_REFUSED: Final = (PinIncorrect, PinInvalid, PinLenRange, PinLocked, PinExpired)


class Token:
    """The one session of this process with a token, and when the token may be asked again after a fault."""

    def __init__(self, module: str, label: str, pin: str) -> None:
        self._module, self._label, self._pin = module, label, pin
        self._session: Any = None
        self._opened_by, self._opened_at = 0, 0.0
        self._handles: dict[str, Any] = {}
        self._keys: dict[str, SigningKey] = {}
        self._pause, self._not_before = FIRST_PAUSE, 0.0
        self._words, self._given_up = "", False

    def key(self, name: str) -> SigningKey:
        """Return the key with this label, after a look at whether the token still has it.

        Raises KeyUnavailableError, at once and without asking the token while a pause lasts.
        """
        session = self._opened()
        try:
            handle = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=name)
            if name not in self._keys:
                self._handles[name] = handle
                self._keys[name] = self._tried(name, session)
        except PKCS11Error as error:
            if isinstance(error, NoSuchKey) and name not in self._keys:
                raise KeyUnavailableError(f"the token “{self._label}” has no key “{name}”") from None
            self._fail(f"the token “{self._label}” is gone ({type(error).__name__})")
        return self._keys[name]

    def create(self, name: str, key_type: str) -> None:
        """Make a pair that never leaves the token; raises FileExistsError for a label that is taken."""
        self.close()
        session = self._opened(writable=True)
        try:
            if list(session.get_objects({Attribute.LABEL: name})):
                raise FileExistsError(f"the token “{self._label}” has a key “{name}” already")
            hsm_keys.generate(session, label=name, key_type=key_type)
        except PKCS11Error as error:
            self._fail(f"the token “{self._label}” makes no {key_type} key ({type(error).__name__})")
        self.close()

    def close(self) -> None:
        """Forget session and handles; the next use opens a new session."""
        session, self._session, self._handles, self._keys = self._session, None, {}, {}
        if session is not None and self._opened_by == os.getpid():
            try:
                session.close()
            except PKCS11Error:
                log.info("the session was gone already", token=self._label)

    def _sign(self, name: str, data: bytes, mechanism: Mechanism) -> bytes:
        """Return the token's raw signature; a fault closes the session and raises KeyUnavailableError."""
        if name not in self._handles:
            self.key(name)
        try:
            return bytes(self._handles[name].sign(data, mechanism=mechanism))
        except PKCS11Error as error:
            self._fail(f"the token “{self._label}” does not sign ({type(error).__name__})")

    def _tried(self, name: str, session: Any) -> SigningKey:
        """Return the key after one trial signature: a token that finds a key may still not sign with it."""
        public = _public_key(session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=name))
        key = hsm_keys.key_for(public, lambda data, mechanism: self._sign(name, data, mechanism))
        try:
            hsm_keys.try_out(key)
        except InvalidSignature:
            self._fail(f"the key “{name}” of the token “{self._label}” does not fit its public half")
        return key

    def _opened(self, *, writable: bool = False) -> Any:
        """Return the session, opening it where there is none."""
        if self._session is not None:
            if self._opened_by != os.getpid():
                raise KeyUnavailableError("an HSM session does not outlive a fork: run this process with --pool=solo")
            return self._session
        if self._given_up or time.monotonic() < self._not_before:
            raise KeyUnavailableError(self._words)
        try:
            library = pkcs11.lib(self._module)
            library.reinitialize()
            self._session = library.get_token(token_label=self._label).open(user_pin=self._pin, rw=writable)
        except _PIN_REFUSED as error:
            self._given_up = True
            self._fail(f"the token “{self._label}” refuses HSM_PIN ({type(error).__name__}); start anew with another")
        except (PKCS11Error, RuntimeError, OSError) as error:
            self._fail(f"the token “{self._label}” can't be opened ({type(error).__name__})")
        self._opened_by, self._opened_at = os.getpid(), time.monotonic()
        return self._session

    def _fail(self, words: str) -> NoReturn:
        """Close, say what is wrong, and leave the token alone for a while: longer each time, until it held out."""
        now = time.monotonic()
        if self._session is not None and now - self._opened_at > LONGEST_PAUSE:
            self._pause = FIRST_PAUSE
        self._not_before = now + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._words = words
        self.close()
        raise KeyUnavailableError(words) from None


class HsmKeys:
    """The keys of one token, by their labels."""

    def __init__(self, module: str, token: str, pin: str) -> None:
        if not (module and token and pin):
            raise KeyUnavailableError("HSM_MODULE, HSM_TOKEN and HSM_PIN are not all set for this process")
        self._token = _token(module, token, pin)

    def create(self, *, name: str, key_type: str) -> str:
        """Make a key pair in the token and return its reference; raises FileExistsError, ValueError."""
        self._token.create(name, key_type)
        return f"hsm:{name}"

    def load(self, name: str) -> SigningKey:
        """Return the key with this label; it stays in the token and signs there."""
        return self._token.key(name)


@cache
def _token(module: str, label: str, pin: str) -> Token:
    """Return this process's only handle on a token: a second session would be refused."""
    return Token(module, label, pin)


def _public_key(stored: Any) -> object:
    """Return the public half that the token keeps beside the private one."""
    encode = encode_rsa_public_key if stored.key_type == KeyType.RSA else encode_ec_public_key
    return load_der_public_key(encode(stored))
