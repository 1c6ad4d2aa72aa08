"""How fast a file of applications is checked: 10,000 lines from handing in to the word that all of them are right.

The number of applications that the database holds besides is that of whoever calls; alone it is none.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.bench import own_database, report, say

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User

LINES = 10_000
HEADINGS = (
    "本人のメールアドレス,権限者の氏名,権限者の氏名（よみ）,部署・役職,電話番号（直通）,部署・役職（英字）,氏名（英字）,"
    "証明書に載せるメールアドレス"
)
NUMBER = "E-40213"


def file_of_people(count: int) -> Iterator[bytes]:
    """Yield a file of `count` people in Shift_JIS with CRLF; every tenth is written in letters that are put right."""
    yield (HEADINGS + "\r\n").encode("cp932")
    for n in range(count):
        latin = f"Banro {n} Shain" if n % 10 else f"Ｂａｎｒｏ　{n} Shain"
        line = (
            f"bulk{n}@demo.example,社員 番{n}郎,シャイン バンロウ,購買部 係長,03-0000-0009,"
            f"Purchasing Clerk {n % 97},{latin},bulk{n}@demo.example\r\n"
        )
        yield line.encode("cp932")


def measure() -> dict[str, object]:
    """Return `bulk_10k_s`, in a database that is set up already; the demo's rules are loaded where they are missing."""
    from django.utils import timezone  # noqa: PLC0415 — Django is set up by now

    from applications.services import batches  # noqa: PLC0415
    from applications.worker import batches as worker  # noqa: PLC0415
    from regulations.models import Contract, TargetSystem  # noqa: PLC0415

    at = timezone.now()
    administrator = prepared(at)
    begun = time.perf_counter()
    batch = batches.receive(
        contract=Contract.objects.get(number=NUMBER),
        target_system=TargetSystem.objects.get(slug="e-contract"),
        file=("bench.csv", file_of_people(LINES)),
        person=administrator,
        actor=administrator.actor(),
        at=at,
    )
    worker.work_on_all()
    taken = time.perf_counter() - begun
    batch.refresh_from_db()
    say(f"  {batch.lines_done} lines {batch.status} after {taken:.1f} s")
    if (batch.status, batch.line_count) != ("checked", LINES):
        raise RuntimeError(f"the file is {batch.status} with {batch.fault_count} faults")
    return {"bulk_10k_s": round(taken, 2)}


def prepared(at: datetime) -> User:
    """Return an administrator of the demo's contract, with rules in force and a contract that names them."""
    from accounts.models import User  # noqa: PLC0415 — Django is set up by now
    from lra_portal.demo.regulations import LOADER, load_regulations  # noqa: PLC0415
    from regulations.models import Contract, TargetSystem  # noqa: PLC0415
    from regulations.services import contracts  # noqa: PLC0415

    if not TargetSystem.objects.in_force().filter(slug="e-contract").exists():
        load_regulations(at=at)
    email = "bulk-administrator@demo.example"
    person = User.objects.filter(email=email).first() or User.objects.create_user(email, None, name="計測 管理")
    contracts.name_member(
        contract=Contract.objects.get(number=NUMBER),
        email=email,
        name=person.name,
        administrator=True,
        actor=LOADER,
        at=at,
    )
    return person


def main() -> None:
    """Measure and report."""
    with own_database("bulk"):
        say("a file of 10,000 applications")
        report(measure())


if __name__ == "__main__":
    main()
