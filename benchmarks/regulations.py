"""How fast the rules are: the arithmetic of business hours, which every clock on every page uses."""

from datetime import UTC, datetime, timedelta

from benchmarks.bench import report, say, seconds
from regulations.calendar import Calendar

CALLS = 5_000


def due_us() -> float:
    """Return microseconds for one `due`, over arrivals spread through a year with every kind of closed day."""
    calendar = Calendar()
    arrivals = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=105 * step) for step in range(CALLS)]

    def all_of_them() -> None:
        for arrival in arrivals:
            calendar.due(arrival, business_hours=8)

    return seconds(all_of_them) / CALLS * 1e6


def main() -> None:
    """Measure and report."""
    say(f"business-hours arithmetic, {CALLS} arrivals")
    report({"due_us": round(due_us(), 2)})


if __name__ == "__main__":
    main()
