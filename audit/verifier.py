"""Checks an export of the evidence, or the proof of one event, without the portal and without its database.

This one file is enough: it needs Python 3.11 or later and the package `cryptography`. What the files say is written in
docs/evidence.md. Trees are hashed as in RFC 6962, 2.1: SHA-256 over 00 and the bytes of a leaf, or over 01 and nodes.

    verifier.py export evidence.jsonl --fingerprint HEX [--heads heads.jsonl]
    verifier.py proof proof.json --fingerprint HEX

It leaves with 0 when everything holds, 1 when something does not (each line names the place), 2 for unreadable input.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

FORMAT = "lra-portal evidence 1"
HEAD_FIELDS = ("number", "follows", "previous", "size", "total", "complete", "root", "sealed_at", "key")
# A long transaction is no forgery. An event that says it is older than a seal that left nothing behind is one.
LATE = timedelta(hours=2)
ERASED = "evidence:erase"


class UnreadableError(Exception):
    """The file is not what it should be; the message says where."""


@dataclass(frozen=True)
class Finding:
    """One place where the evidence does not hold: what kind of change, where, in words."""

    kind: str
    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.place}: {self.words}"


@dataclass
class Result:
    """What was read, what does not hold, and what is worth knowing."""

    seals: int = 0
    events: int = 0
    unsealed: int = 0
    erased: int = 0
    last: int = 0
    findings: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def found(self, kind: str, place: str, words: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(kind, place, words))


def leaf_hash(text: bytes) -> bytes:
    """Return the hash of a leaf: the bytes of one event (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + text).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels(leaves: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield the tree from the leaves up to its root; a node without a neighbour moves up as it is."""
    row = list(leaves)
    yield row
    while len(row) > 1:
        paired = [node_hash(row[n], row[n + 1]) for n in range(0, len(row) - 1, 2)]
        row = [*paired, row[-1]] if len(row) % 2 else paired
        yield row


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over hashes of leaves; of none it is the hash of nothing."""
    *_lower, last = levels(leaves)
    return last[0] if last else hashlib.sha256(b"").digest()


def path_of(leaves: Sequence[bytes], position: int) -> list[tuple[str, bytes]]:
    """Return the neighbours on the way from a leaf to the root, each with its side."""
    path = []
    for row in levels(leaves):
        neighbour = position ^ 1
        if neighbour < len(row):
            path.append(("left" if neighbour < position else "right", row[neighbour]))
        position //= 2
    return path


def head_text(head: Mapping[str, Any]) -> bytes:
    """Return the bytes of a head that are signed: one line for each field."""
    lines = [f"{FORMAT} head", *(f"{name} {head[name]}" for name in HEAD_FIELDS)]
    return ("\n".join(lines) + "\n").encode()


def head_hash(head: Mapping[str, Any]) -> str:
    """Return what the next head names as the one before it."""
    return hashlib.sha256(head_text(head)).hexdigest()


class Keys:
    """The public keys of an export that the reader trusts, by fingerprint (SHA-256 of the key's DER)."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self.trusted = {name.replace(":", "").strip().lower() for name in trusted}
        self.known: dict[str, ec.EllipticCurvePublicKey] = {}

    def add(self, encoded: str) -> None:
        """Take a public key (DER, in hexadecimal); raises UnreadableError for one that is none."""
        try:
            public = load_der_public_key(bytes.fromhex(encoded))
        except (ValueError, TypeError) as error:
            raise UnreadableError("a public key can't be read") from error
        if isinstance(public, ec.EllipticCurvePublicKey):
            self.known[hashlib.sha256(bytes.fromhex(encoded)).hexdigest()] = public

    def fault(self, head: Mapping[str, Any], signature: str) -> str:
        """Return why a head's signature does not count, or nothing."""
        name = str(head["key"])
        if name not in self.trusted:
            return f"signed with the key {name[:16]}…, which is not one of those to be trusted"
        if name not in self.known:
            return f"the key {name[:16]}… is not in the file"
        try:
            self.known[name].verify(bytes.fromhex(signature), head_text(head), ec.ECDSA(SHA256()))
        except (InvalidSignature, ValueError):
            return "the signature does not fit the head"
        return ""


class Verifier:
    """Reads an export line by line; `result` says in the end what holds."""

    def __init__(self, keys: Keys) -> None:
        self.keys, self.result = keys, Result()
        self.heads: dict[int, str] = {}
        self._head: Mapping[str, Any] | None = None
        self._before: Mapping[str, Any] | None = None
        self._settled, self._since = "", ""
        self._leaves: list[bytes] = []
        self._ids: list[int] = []
        self._whole = True
        self._details, self._ended = False, False
        self._lost: set[int] = set()
        self._bare: set[str] = set()
        self._erased: set[str] = set()

    def read(self, lines: Iterable[str]) -> Result:
        """Read the whole export; raises UnreadableError where a line is none."""
        for number, line in enumerate(lines, 1):
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise UnreadableError(f"line {number} can't be read ({type(error).__name__})") from error
        self._close()
        if not self._ended:
            self.result.found("truncated", "the file", "it breaks off before its last line")
        for name in sorted(self._bare - self._erased, key=int):
            self.result.found("deleted", f"event {name}", "its details are gone, and no erasure is on record")
        self.result.erased = len(self._bare & self._erased)
        return self.result

    def compare(self, lines: Iterable[str]) -> None:
        """Hold the export against heads that were kept elsewhere; a seal that is gone or another one is found."""
        for line in lines:
            kept = json.loads(line) if line.strip() else {}
            if kept.get("kind") != "seal":
                continue
            number, place = int(kept["number"]), f"seal {kept['number']}"
            if number in self._lost:
                continue
            if number not in self.heads:
                self.result.found("truncated", place, "it was kept elsewhere, and is missing here")
            elif self.heads[number] != kept["head"]:
                self.result.found("edited", place, "the head kept elsewhere is another one")

    def _take(self, line: Mapping[str, Any]) -> None:
        if "leaf" in line:
            self._leaf(line)
        elif "seal" in line:
            self._close()
            self._seal(line["seal"], line["signature"])
        elif "orphan" in line:
            words = f"event {line['orphan']} has its place in it, but the seal is gone"
            self.result.found("truncated", f"seal {line['of']}", words)
        elif "unsealed" in line:
            self._unsealed(line)
        elif "key" in line:
            self.keys.add(line["key"])
        elif "end" in line:
            self._ended = True
        elif line.get("format") == FORMAT:
            self._details = bool(line["details"])
        else:
            raise ValueError(line)

    def _seal(self, head: Mapping[str, Any], signature: str) -> None:
        """Check a head by itself and against the one before it."""
        place = f"seal {head['number']}"
        if fault := self.keys.fault(head, signature):
            self.result.found("edited", place, fault)
        if self._before is None:
            if head["follows"]:
                self.result.remarks.append(f"The file begins with {place}; what came before it was not checked.")
        else:
            self._follow(head, self._before, place)
        self._head, self._leaves, self._ids, self._whole = head, [], [], True
        self.heads[head["number"]] = head_hash(head)
        self.result.seals, self.result.last = self.result.seals + 1, head["number"]

    def _follow(self, head: Mapping[str, Any], before: Mapping[str, Any], place: str) -> None:
        if head["follows"] != before["number"] or head["number"] <= before["number"]:
            words = f"it follows seal {head['follows']}, but stands after seal {before['number']}"
            self.result.found("deleted" if head["follows"] > before["number"] else "reordered", place, words)
            return
        if head["number"] != head["follows"] + 1:
            lost = f"{head['follows'] + 1} to {head['number'] - 1}"
            self._lost.update(range(head["follows"] + 1, head["number"]))
            self.result.remarks.append(f"{place}: seals {lost} were lost with a database, as two people put on record.")
        if head["previous"] != head_hash(before):
            self.result.found("edited", f"seal {before['number']}", f"{place} names another head before it")
        if head["total"] != before["total"] + head["size"]:
            self.result.found("edited", place, "the number of all events does not add up")

    def _leaf(self, line: Mapping[str, Any]) -> None:
        """Hold one event against its leaf, and the leaf against its neighbours."""
        if self._head is None:
            raise ValueError("a leaf before its seal")
        position, name, expected = line["leaf"], line["id"], len(self._leaves)
        if position != expected:
            self._whole = False
            words = f"position {expected} is missing" if position > expected else "the position is taken already"
            self.result.found("deleted" if position > expected else "inserted", self._place(line), words)
        elif self._ids and name <= self._ids[-1]:
            self._whole = False
            self.result.found("reordered", self._place(line), f"it stands after event {self._ids[-1]}")
        self._leaves.append(bytes.fromhex(line["hash"]))
        self._ids.append(name)
        self._event(line, self._leaves[-1])

    def _place(self, line: Mapping[str, Any]) -> str:
        number = self._head["number"] if self._head else "?"
        return f"seal {number}, position {line['leaf']}, event {line['id']}"

    def _event(self, line: Mapping[str, Any], leaf: bytes) -> None:
        text = line["event"]
        self.result.events += 1
        if text is None:
            self.result.found("deleted", self._place(line), "the event is gone")
            return
        if leaf_hash(text.encode()) != leaf:
            self.result.found("edited", self._place(line), "the event is not the one that was sealed")
            return
        event = json.loads(text)
        if event["act"] == ERASED:
            self._erased.add(event["subject"])
        if self._is_late(event["recorded_at"]):
            words = f"it says {event['recorded_at']}, but was not there at the seal of {self._settled}"
            self.result.found("inserted", self._place(line), words)
        if self._details:
            self._hold_details(event, line)

    def _hold_details(self, event: Mapping[str, Any], line: Mapping[str, Any]) -> None:
        details = line.get("details")
        if details is None:
            self._bare.add(str(event["id"]))
        elif hashlib.sha256(bytes.fromhex(details["salt"]) + details["body"].encode()).hexdigest() != event["details"]:
            self.result.found("edited", self._place(line), "the details are not those that were recorded")

    def _close(self) -> None:
        """Check the tree of the seal that was read."""
        head, self._head = self._head, None
        if head is None:
            return
        place, count = f"seal {head['number']}", len(self._leaves)
        if count != head["size"]:
            kind = "deleted" if count < head["size"] else "inserted"
            self.result.found(kind, place, f"it covers {head['size']} events, {count} are there")
        elif self._whole and root_of(self._leaves).hex() != head["root"]:
            self.result.found("edited", place, "its leaves are not those that were sealed")
        self._before = head
        if head["complete"]:
            self._settled = head["sealed_at"]
            since = datetime.fromisoformat(self._settled) - LATE
            self._since = f"{since:%Y-%m-%dT%H:%M:%S.%f}Z"

    def _is_late(self, recorded_at: str) -> bool:
        """Tell whether an event should have been in an earlier seal, one that took all that was there."""
        return recorded_at < self._since

    def _unsealed(self, line: Mapping[str, Any]) -> None:
        self._close()
        self.result.unsealed += 1
        if self._is_late(line["recorded_at"]):
            words = f"it says {line['recorded_at']} and is in no seal up to that of {self._settled}"
            self.result.found("inserted", f"event {line['unsealed']}", words)


def verify_proof(proof: Mapping[str, Any], keys: Keys) -> Result:
    """Check that one event is in the tree of a signed head; nothing else of the evidence is needed."""
    result, head = Result(seals=1, events=1), proof["seal"]
    place = f"seal {head['number']}, position {proof['position']}"
    keys.add(proof["key"])
    if fault := keys.fault(head, proof["signature"]):
        result.found("edited", f"seal {head['number']}", fault)
    node = leaf_hash(proof["event"].encode())
    for side, neighbour in proof["path"]:
        other = bytes.fromhex(neighbour)
        node = node_hash(other, node) if side == "left" else node_hash(node, other)
    if node.hex() != head["root"]:
        result.found("edited", place, "the event is not the one that was sealed there")
    details = proof.get("details")
    if details and not result.findings:
        digest = hashlib.sha256(bytes.fromhex(details["salt"]) + details["body"].encode()).hexdigest()
        if digest != json.loads(proof["event"])["details"]:
            result.found("edited", place, "the details are not those that were recorded")
    return result


def report(result: Result) -> Iterator[str]:
    """Yield the result in words."""
    yield f"{result.events} events in {result.seals} seals, {result.erased} with erased details."
    yield f"{result.unsealed} events are not sealed yet."
    yield from (f"Note: {remark}" for remark in result.remarks)
    yield from (str(finding) for finding in result.findings)
    yield "Everything holds." if not result.findings else f"{len(result.findings)} places do not hold."


def main(words: Sequence[str]) -> int:
    """Check the file that the command line names."""
    parser = argparse.ArgumentParser(description="Check an export of evidence, or the proof of one event.")
    parser.add_argument("what", choices=["export", "proof"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--fingerprint", action="append", required=True, help="SHA-256 of a public key to be trusted")
    parser.add_argument("--heads", type=Path, help="heads that were kept elsewhere")
    chosen = parser.parse_args(words)
    verifier = Verifier(Keys(chosen.fingerprint))
    try:
        with chosen.file.open(encoding="utf-8") as file:
            if chosen.what == "proof":
                verifier.result = verify_proof(json.load(file), verifier.keys)
            else:
                verifier.read(file)
        if chosen.heads and chosen.what == "export":
            with chosen.heads.open(encoding="utf-8") as kept:
                verifier.compare(kept)
    except (OSError, UnreadableError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"{chosen.file.name}: {error}\n")
        return 2
    sys.stdout.writelines(f"{line}\n" for line in report(verifier.result))
    return 1 if verifier.result.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
