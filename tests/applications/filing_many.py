"""What the tests of files of applications share: an administrator, lines, a file handed in, the worker's part."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec

from accounts.models import User
from applications.batches import Batch, BatchDocument
from applications.rules.uploads import CheckedFile
from applications.selectors.batches import seen_of
from applications.services import batches
from applications.worker import batches as worker
from applications.worker import pages
from lra_portal.demo.regulations import LOADER
from regulations.models import Contract, TargetSystem
from regulations.services import consents, contracts
from tests.applications.applying import pdf
from tests.certificates import material
from tests.instants import MONDAY_9_00, WEDNESDAY_11_00

AT = WEDNESDAY_11_00
PEOPLE_HEADINGS = (
    "本人のメールアドレス,権限者の氏名,権限者の氏名（よみ）,部署・役職,電話番号（直通）,部署・役職（英字）,氏名（英字）"
)
DEVICE_HEADINGS = (
    "本人のメールアドレス,装置の管理責任者,管理責任者の氏名（よみ）,管理責任者の電話番号,装置の設置場所,"
    "装置名（英字）,装置の製造番号,証明書署名要求"
)


def administer(person: User, number: str) -> Contract:
    """Name `person` as the administrator of a demo contract."""
    contract = Contract.objects.get(number=number)
    contracts.name_member(
        contract=contract,
        email=person.email,
        name=person.name or "管理 太郎",
        administrator=True,
        actor=LOADER,
        at=MONDAY_9_00,
    )
    return contract


def person_line(number: int, **changed: str) -> str:
    """One line of the e-contract service."""
    cells = {
        "email": f"person{number}@demo.example",
        "name": f"社員 番{number}郎",
        "reading": "シャイン バンロウ",
        "title": "購買部 部長",
        "phone": "03-0000-0009",
        "department": f"Purchasing, Clerk {number}",
        "latin": f"Banro {number} Shain",
    } | changed
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells.values())


def device_line(number: int, csr: str = "", **changed: str) -> str:
    """One line of the device service, with a key of its own."""
    cells = {
        "email": "custodian@demo.example",
        "name": "装置 管理",
        "reading": "ソウチ カンリ",
        "phone": "03-0000-0009",
        "place": "第2工場",
        "device": f"Collector {number}",
        "serial": f"MK2-{number:06d}",
        "csr": csr or request_of(number),
    } | changed
    return ",".join(cells.values())


@cache
def key_number(number: int) -> ec.EllipticCurvePrivateKey:
    """A key that only this number has."""
    return ec.generate_private_key(ec.SECP256R1())


def request_of(number: int) -> str:
    """A request in one line, with a key of its own."""
    return base64.b64encode(material.request(key_number(number))).decode()


def file_of(
    lines: Iterable[str], headings: str = PEOPLE_HEADINGS, *, encoding: str = "utf-8", end: str = "\n"
) -> bytes:
    """The bytes of a file."""
    return end.join([headings, *lines, ""]).encode(encoding)


def hand_in(contract: Contract, administrator: User, data: bytes, slug: str = "e-contract") -> Batch:
    """Hand a file in and let the worker check it."""
    batch = batches.receive(
        contract=contract,
        target_system=TargetSystem.objects.get(slug=slug),
        file=("申請.csv", [data]),
        person=administrator,
        actor=administrator.actor("192.0.2.7"),
        at=AT,
    )
    return worked(batch)


def worked(batch: Batch) -> Batch:
    """Let the worker do everything that waits."""
    pages.render_waiting()
    worker.work_on_all()
    batch.refresh_from_db()
    return batch


def add_documents(batch: Batch, administrator: User, *keys: str, day: datetime = MONDAY_9_00) -> list[BatchDocument]:
    """Hand in the common documents, as drawn already."""
    made = []
    for key in keys:
        document = batches.add_document(
            batch=batch,
            key=key,
            file=CheckedFile(f"{key}.pdf", "application/pdf", pdf(key)),
            issued_on=day.date(),
            actor=administrator.actor(),
            at=AT,
        )
        made.append(replace_status(document))
    return made


def replace_status(document: BatchDocument) -> BatchDocument:
    """The document as one whose pages are drawn, without drawing them."""
    BatchDocument.objects.filter(pk=document.pk).update(render_status="done")
    document.refresh_from_db()
    return document


def confirm(batch: Batch, administrator: User, *, at: datetime = AT) -> Batch:
    """Confirm a checked file, ticking everything that is asked, and let the worker file its lines."""
    ticked = [item.key for item in consents.asked_for(ruleset=batch.rules.ruleset, at=at)]
    batches.confirm(batch=batch, ticked=ticked, seen=seen_of(batch), actor=administrator.actor("192.0.2.7"), at=at)
    return worked(batch)


def found_in(batch: Batch) -> list[tuple[int, int, str]]:
    """The faults of a file: line, column, code."""
    return [(row.line, row.column, row.code) for row in batch.faults.order_by("line", "column", "pk")]
