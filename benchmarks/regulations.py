"""How fast the rules are: the arithmetic of business hours, and a file of 100,000 contracts checked and loaded."""

import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.bench import own_database, report, say, seconds
from regulations.calendar import Calendar

CALLS = 5_000
CONTRACTS = 100_000
HEADINGS = (
    "契約番号,法人番号,法人名,法人名カナ,法人名英字,郵便番号,住所,市区町村英字,都道府県英字,電話番号,開始日,終了日,"
    "料金備考,権限者メール,権限者氏名,管理者メール,管理者氏名"
)


def due_us() -> float:
    """Return microseconds for one `due`, over arrivals spread through a year with every kind of closed day."""
    calendar = Calendar()
    arrivals = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=105 * step) for step in range(CALLS)]

    def all_of_them() -> None:
        for arrival in arrivals:
            calendar.due(arrival, business_hours=8)

    return seconds(all_of_them) / CALLS * 1e6


def contract_file(count: int) -> Iterator[bytes]:
    """Yield a file of `count` contracts in Shift_JIS with CRLF, every corporation with two contracts and two people."""
    from regulations.text import corporate_check_digit  # noqa: PLC0415 — Django is set up by now

    yield (HEADINGS + "\r\n").encode("cp932")
    for n in range(count):
        base = f"{900_000_000_000 + n // 2:012d}"
        names = f"見本{n // 2}株式会社（デモ）,ミホンカブシキガイシャ,Mihon {n // 2} Inc."
        company = f"{corporate_check_digit(base)}{base},{names}"
        place = "105-0001,東京都港区虎ノ門0丁目0番0号,Minato-ku,Tokyo,03-0000-0001"
        period = f"2026-{n % 12 + 1:02d}-01,{'' if n % 5 == 0 else f'2028-{n % 12 + 1:02d}-28'},料金に含む"
        people = f"taro{n}@demo.example,見本 太郎,hanako{n}@demo.example,見本 花子"
        yield f"K-{n:07d},{company},{place},{period},{people}\r\n".encode("cp932")


def load_contracts(count: int) -> float:
    """Return the seconds from handing a file in until every contract of it is loaded."""
    from audit.actors import Actor  # noqa: PLC0415 — Django is set up by now
    from regulations.models import Contract, ContractFile, ParentService  # noqa: PLC0415
    from regulations.services import contract_files  # noqa: PLC0415
    from regulations.worker import reading  # noqa: PLC0415

    actor, at = Actor.system("bench"), datetime.now(UTC)
    service = ParentService.objects.create(slug=f"bench-{count}", name={"ja": "計測", "en": "Bench"})
    begun = time.perf_counter()
    file = contract_files.receive(
        parent_service=service, name="bench.csv", chunks=contract_file(count), actor=actor, at=at
    )
    reading.read_waiting()
    file.refresh_from_db()
    say(f"  {file.lines_done} lines {file.status} after {time.perf_counter() - begun:.1f} s")
    contract_files.confirm(file=ContractFile.objects.get(pk=file.pk), actor=actor, at=at)
    reading.read_waiting()
    taken = time.perf_counter() - begun
    assert Contract.objects.filter(parent_service=service).count() == count
    return taken


def peak_mb() -> float:
    """Return the largest memory of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and report."""
    say(f"business-hours arithmetic, {CALLS} arrivals")
    figures: dict[str, object] = {"due_us": round(due_us(), 2)}
    with own_database("regulations"):
        say("a contract file of 10,000 lines, then one of 100,000")
        load_contracts(CONTRACTS // 10)
        small = peak_mb()
        figures["contracts_100k_s"] = round(load_contracts(CONTRACTS), 2)
        figures["contracts_100k_extra_mb"] = round(peak_mb() - small, 1)
    report(figures)


if __name__ == "__main__":
    main()
