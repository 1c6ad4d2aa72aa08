"""What evidence costs: events written a second, beside bare rows of the same size written the same way."""

from datetime import UTC, datetime
from uuid import uuid4

from benchmarks.bench import own_database, report, say, seconds

EVENTS = 500


def figures() -> dict[str, float]:
    """Return events and bare rows a second, one statement each, in one transaction a batch."""
    from django.db import connection, transaction  # noqa: PLC0415 — Django is set up by now

    from audit.actors import Actor  # noqa: PLC0415
    from audit.acts import Act  # noqa: PLC0415
    from audit.services import record  # noqa: PLC0415

    actor, at = Actor.system("bench"), datetime.now(UTC)

    @transaction.atomic
    def events() -> None:
        for _ in range(EVENTS):
            record(act=Act.APPLICATION_EDIT, actor=actor, at=at, story=uuid4(), details={"field": "common_name"})

    @transaction.atomic
    def bare_rows() -> None:
        with connection.cursor() as cursor:
            for _ in range(EVENTS):
                cursor.execute("INSERT INTO bare (story, act) VALUES (%s, %s)", [uuid4(), Act.APPLICATION_EDIT])

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, story uuid, act text)")
    return {
        "events_per_s": round(EVENTS / seconds(events)),
        "bare_rows_per_s": round(EVENTS / seconds(bare_rows)),
    }


def main() -> None:
    """Measure and report."""
    with own_database("evidence"):
        say(f"{EVENTS} events, five times")
        found = figures()
    report({**found, "events_over_bare_rows": round(found["events_per_s"] / found["bare_rows_per_s"], 3)})


if __name__ == "__main__":
    main()
