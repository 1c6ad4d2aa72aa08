"""Many applications of several years, written by the database itself from a few that went through the services.

Names are put together from parts, so that letter pairs are shared as in real names; nobody in here exists.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from benchmarks.bench import say

CHUNK = 50_000
TURNS = 5
"""Applications of one person: four decided ones, one after the other, and a newest that may be open."""
YEARS = 4
EXAMINERS = 20
TABLES = (
    "accounts_user", "regulations_subscription", "certificates_order", "certificates_intent",
    "certificates_certificate", "applications_application", "applications_indexcard",
    "applications_examinationitem", "audit_event",
)  # fmt: skip
FIRST = [
    "山やま", "田た", "中なか", "高たか", "大おお", "小こ", "松まつ", "石いし", "木き", "村むら", "林はやし",
    "川かわ", "森もり", "西にし", "北きた", "南みなみ", "東ひがし", "上うえ", "下した", "青あお",
]  # fmt: skip
SECOND = [
    "田た", "本もと", "山やま", "川かわ", "村むら", "井い", "原はら", "野の", "口ぐち", "島しま", "崎さき",
    "橋はし", "沢さわ", "木ぎ", "尾お", "谷たに", "岡おか", "藤とう", "内うち", "浦うら",
]  # fmt: skip
GIVEN = [
    "美み", "和かず", "健けん", "直なお", "優ゆう", "真まさ", "洋よう", "智とも", "恵めぐ", "裕ひろ",
    "明あき", "康やす", "浩こう", "涼りょう", "千ち",
]  # fmt: skip
ENDING = [
    "子こ", "人と", "也や", "介すけ", "太た", "香か", "代よ", "之ゆき", "樹き", "奈な", "司し", "郎ろう",
    "江え", "美み",
]  # fmt: skip
TRADES = [
    "商事しょうじ", "工業こうぎょう", "電機でんき", "物産ぶっさん", "製作所せいさくしょ", "運輸うんゆ",
    "化学かがく", "建設けんせつ", "精機せいき", "食品しょくひん",
]  # fmt: skip
LEGAL_FORM = "株式会社"


@dataclass(frozen=True)
class Name:
    """A name with its reading."""

    written: str
    read: str


def parts(words: Sequence[str]) -> list[Name]:
    """Return names out of words whose reading begins with the first hiragana."""
    from regulations.text import kana  # noqa: PLC0415 — Django is set up by now

    cut = [next(n for n, letter in enumerate(word) if "ぁ" <= letter <= "ゖ") for word in words]
    return [Name(word[:at], kana(word[at:])) for word, at in zip(words, cut, strict=True)]


def joined(*lists: Sequence[Name]) -> list[Name]:
    """Return every combination, in an order in which neighbours differ in each part."""
    made = [Name("", "")]
    for names in lists:
        made = [Name(a.written + b.written, a.read + b.read) for b in names for a in made]
    return made


def surnames() -> list[Name]:
    """Return 400 surnames; the first ones are the frequent ones."""
    return joined(parts(FIRST), parts(SECOND))


def given_names() -> list[Name]:
    """Return 210 given names."""
    return joined(parts(GIVEN), parts(ENDING))


def companies() -> list[Name]:
    """Return 4,000 companies, most of them with the legal form before or behind the name."""
    named = joined(surnames(), parts(TRADES))
    forms = (lambda name: f"{LEGAL_FORM}{name}", lambda name: f"{name}{LEGAL_FORM}", lambda name: f"合同会社{name}")
    return [Name(forms[n % 3](name.written), name.read) for n, name in enumerate(named)]


@contextmanager
def bare(cursor: Any, tables: Sequence[str]) -> Iterator[None]:
    """Take foreign keys, indexes and triggers from tables while rows are written, and put them back."""
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
        [list(tables)],
    )
    keys = cursor.fetchall()
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid::regclass::text = ANY(%s)"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    for table, name, _definition in keys:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    cursor.execute("SET maintenance_work_mem = '1GB'")
    for name, definition in indexes:
        say(f"  index {name}")
        cursor.execute(definition)
    for table, name, definition in keys:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute(f"VACUUM ANALYZE {table}")


@dataclass(frozen=True)
class Templates:
    """Rows that went through the services, from which the many are made."""

    applications: Sequence[UUID]
    certificate: UUID
    event: int
    item: int
    examiners: Sequence[UUID]


def copied(cursor: Any, table: str, columns: Mapping[str, str], source: str) -> None:
    """Insert one row for each row of `source`: `columns` by their expressions, all others as in the template `t`."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attidentity = '' AND attgenerated = ''",
        [table],
    )
    names = [name for (name,) in cursor.fetchall()]
    chosen = ", ".join(columns.get(name, f't."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    cursor.execute(f"INSERT INTO {table} ({listed}) SELECT {chosen} FROM {source}")


def prepare(cursor: Any, count: int, templates: Templates, at: datetime) -> None:
    """Make the temporary tables that rows are drawn from: names, companies, working days."""
    from accounts.spelling import card, fold  # noqa: PLC0415 — Django is set up by now

    cursor.execute("""
        CREATE FUNCTION pg_temp.drawn(n bigint, seed int) RETURNS float8 LANGUAGE sql IMMUTABLE
            RETURN (hashint8extended(n, seed) & 1073741823)::float8 / 1073741824;
        CREATE TEMP TABLE surname (i int, written text, read text, folded text, sorted text);
        CREATE TEMP TABLE given (LIKE surname);
        CREATE TEMP TABLE company (LIKE surname);
        CREATE TEMP TABLE workday (i int, morning timestamptz, due timestamptz);
        CREATE TEMP TABLE template (i int, id uuid, order_id uuid, subscription_id uuid, system_id uuid);
        CREATE TEMP TABLE examiner (i int, id uuid);
    """)
    for table, names in (("surname", surnames()), ("given", given_names()), ("company", companies())):
        rows = [
            (i, name.written, name.read, card([name.written, name.read]).strip(), fold(name.read))
            for i, name in enumerate(names)
        ]
        cursor.executemany(f"INSERT INTO {table} VALUES (%s, %s, %s, %s, %s)", rows)
    cursor.executemany("INSERT INTO workday VALUES (%s, %s, %s)", workdays(at))
    cursor.executemany(
        "INSERT INTO template SELECT %s, id, order_id, subscription_id, target_system_id"
        " FROM applications_application WHERE id = %s",
        list(enumerate(templates.applications)),
    )
    cursor.executemany("INSERT INTO examiner VALUES (%s, %s)", list(enumerate(templates.examiners)))
    say(f"{count} applications over {YEARS} years")


def workdays(at: datetime) -> list[tuple[int, datetime, datetime]]:
    """Return the business days of the last years with their opening and what is due three business days later."""
    from regulations.calendar import Calendar, closing_of, opening_of, tokyo  # noqa: PLC0415 — as above

    calendar, today = Calendar(), tokyo(at).date()
    days = [today - timedelta(days=n) for n in range(YEARS * 365, 0, -1)]
    worked = [day for day in days if calendar.is_business_day(day)]
    return [(i, opening_of(day), closing_of(calendar.add_business_days(day, 3))) for i, day in enumerate(worked)]


DRAW = """
    DROP TABLE IF EXISTS draw;
    CREATE TEMP TABLE draw AS
    WITH chosen AS (
        SELECT n, n %% {people} AS s, n / {people} AS turn, pg_temp.drawn(n, 1) AS r,
               n >= {people} * ({turns} - 1) AND pg_temp.drawn(n, 2) < 0.5 AS open,
               (n * (SELECT count(*) FROM workday) / {count})::int AS d
        FROM generate_series({first}::bigint, {last}::bigint) AS n
    ), told AS (
        SELECT chosen.*, md5('a' || n)::uuid AS id, md5('o' || n)::uuid AS order_id,
               md5('s' || s)::uuid AS subscription_id, md5('u' || s)::uuid AS person_id,
               CASE WHEN open THEN CASE WHEN r < 0.3 THEN 'submitted' WHEN r < 0.7 THEN 'examining'
                                        WHEN r < 0.85 THEN 'waiting_information' ELSE 'awaiting_approval' END
                    ELSE CASE WHEN r < 0.9 THEN 'approved' WHEN r < 0.96 THEN 'refused'
                              WHEN r < 0.99 THEN 'withdrawn' ELSE 'lapsed' END END AS status,
               CASE WHEN pg_temp.drawn(s, 3) < 0.6 THEN 0 WHEN pg_temp.drawn(s, 3) < 0.9 THEN 1 ELSE 2 END AS system,
               floor(400 * power(pg_temp.drawn(s, 4), 2.2))::int AS surname_i,
               floor(210 * pg_temp.drawn(s, 5))::int AS given_i,
               floor(4000 * power(pg_temp.drawn(s, 6), 1.7))::int AS company_i,
               floor({examiners} * pg_temp.drawn(n, 7))::int AS examiner_i,
               (2026 - {years} + d / 246)::text || '-' || lpad(n::text, 7, '0') AS number
        FROM chosen
    )
    SELECT told.*, workday.due, workday.morning + pg_temp.drawn(n, 8) * interval '9 hours' AS submitted_at,
           workday.morning + pg_temp.drawn(n, 8) * interval '9 hours'
               + pg_temp.drawn(n, 9) * interval '4 days' AS moved_at,
           surname.written || ' ' || given.written AS person, surname.read || ' ' || given.read AS person_read,
           company.written AS company, company.read AS company_read,
           company.sorted || ' ' || surname.sorted || given.sorted AS sort_name,
           E'\n' || replace(number, '-', '') || E'\n' || company.folded || E'\n'
               || surname.written || given.written || E'\n' || surname.sorted || given.sorted AS card,
           examiner.id AS examiner_id
    FROM told JOIN workday ON workday.i = d JOIN surname ON surname.i = surname_i JOIN given ON given.i = given_i
    JOIN company ON company.i = company_i JOIN examiner ON examiner.i = examiner_i
"""
SAID = """
    t.values || (
        SELECT jsonb_object_agg(key, value) FROM jsonb_each(jsonb_build_object(
            'person_name', person, 'person_reading', person_read, 'custodian_name', person,
            'custodian_reading', person_read, 'corporation_name', company, 'corporation_reading', company_read
        )) WHERE t.values ? key OR key = 'person_name'
    )
"""
TAKEN = "CASE WHEN draw.status IN ('submitted', 'withdrawn', 'lapsed') THEN NULL ELSE draw.examiner_id END"
DECIDED = "status IN ('approved', 'refused')"
APPLICATION = {
    "id": "draw.id", "receipt_number": "number", "kind": "'new'", "applicant_id": "person_id",
    "subscription_id": "draw.subscription_id", "order_id": "draw.order_id", "values": SAID, "typed": "'{}'",
    "csr_der": "NULL", "status": "draw.status", "status_since": "moved_at", "created_at": "draw.submitted_at",
    "saved_at": "draw.submitted_at", "submitted_at": "draw.submitted_at", "due_at": "draw.due",
    "sort_name": "left(draw.sort_name, 80)", "examiner_id": TAKEN,
    "recommendation": "CASE WHEN draw.status = 'awaiting_approval' THEN 'approve' ELSE '' END",
    "refusal_ground": "CASE WHEN draw.status = 'refused' THEN"
    " (ARRAY['procedure', 'trouble', 'duplicate', 'unsuitable'])[1 + floor(4 * pg_temp.drawn(n, 10))::int] ELSE '' END",
    "refusal_text": "CASE WHEN draw.status = 'refused' THEN 'x' ELSE '' END",
    "decided_at": f"CASE WHEN draw.{DECIDED} THEN moved_at END",
}  # fmt: skip
ORDER = {
    "id": "draw.order_id", "story": "draw.id", "subscription_id": "draw.subscription_id", "holder_id": "person_id",
    "replaces_id": "NULL", "status_since": "moved_at", "created_at": "submitted_at",
    "status": "CASE WHEN open THEN 'proposed' WHEN draw.status = 'approved' THEN 'issued' ELSE 'cancelled' END",
}  # fmt: skip
INTENT = {"id": "md5('i' || n)::uuid", "order_id": "draw.order_id", "serial": "lpad(md5('c' || n), 40, '0')"}
CERTIFICATE = {
    "id": "md5('c' || n)::uuid", "story": "draw.id", "management_number": "'C-' || (1000000 + n)",
    "order_id": "draw.order_id", "intent_id": "md5('i' || n)::uuid", "subscription_id": "draw.subscription_id",
    "holder_id": "person_id", "serial": "lpad(md5('c' || n), 40, '0')", "sha256": "md5('x' || n) || md5('y' || n)",
    "public_key_sha256": "md5('k' || n) || md5('l' || n)", "not_before": "moved_at", "issued_at": "moved_at",
    "not_after": "moved_at + interval '2 years'", "delivery_since": "moved_at",
    "slot": f"CASE WHEN turn = {TURNS - 1} THEN 'successor' WHEN turn = {TURNS - 2} THEN 'current' ELSE 'past' END",
}  # fmt: skip
PERSON = {
    "id": "person_id", "email": "'bench' || s || '@demo.example'", "name": "person", "name_reading": "person_read",
    "phone": "'03-' || lpad(s::text, 8, '0')", "joined_at": "draw.submitted_at - interval '1 hour'",
}  # fmt: skip
SUBSCRIPTION = {
    "id": "draw.subscription_id", "holder_id": "person_id", "subject_key": "'bench' || s", "status": "'in_use'",
    "target_system_id": "template.system_id",
}  # fmt: skip
EVENT = {
    "id": "nextval(pg_get_serial_sequence('audit_event', 'id'))", "uid": "gen_random_uuid()", "story": "draw.id",
    "subject_id": "draw.id::text", "act": "acts.act", "at": "submitted_at + step * interval '1 hour'",
}  # fmt: skip
ITEM = {
    "id": "nextval(pg_get_serial_sequence('applications_examinationitem', 'id'))", "application_id": "draw.id",
    "key": "'item_' || step",
}  # fmt: skip


def write(cursor: Any, count: int, templates: Templates, turns: int = TURNS) -> None:
    """Write all rows, a chunk at a time: `count` applications of people who made `turns` of them each."""
    people = count // turns
    for first in range(0, count, CHUNK):
        last = min(first + CHUNK, count) - 1
        cursor.execute(
            DRAW.format(
                people=people, turns=turns, count=count, first=first, last=last, examiners=EXAMINERS, years=YEARS
            ).replace("%%", "%")
        )
        _write_chunk(cursor, people, templates)
        say(f"  {last + 1} written")


def _write_chunk(cursor: Any, people: int, templates: Templates) -> None:
    applicant = (
        "accounts_user t ON t.id = (SELECT applicant_id FROM applications_application a WHERE a.id = template.id)"
    )
    of_system = "draw JOIN template ON template.i = draw.system JOIN"
    copied(cursor, "accounts_user", PERSON, f"{of_system} {applicant} WHERE n < {people}")
    subscription = "regulations_subscription t ON t.id = template.subscription_id"
    copied(cursor, "regulations_subscription", SUBSCRIPTION, f"{of_system} {subscription} WHERE n < {people}")
    copied(cursor, "certificates_order", ORDER, f"{of_system} certificates_order t ON t.id = template.order_id")
    copied(
        cursor, "applications_application", APPLICATION, f"{of_system} applications_application t ON t.id = template.id"
    )
    cursor.execute("INSERT INTO applications_indexcard (application_id, text) SELECT id, card FROM draw ORDER BY n")
    issued = f"draw JOIN certificates_certificate c ON c.id = '{templates.certificate}' JOIN"
    approved = "WHERE draw.status = 'approved'"
    copied(cursor, "certificates_intent", INTENT, f"{issued} certificates_intent t ON t.id = c.intent_id {approved}")
    copied(
        cursor,
        "certificates_certificate",
        CERTIFICATE,
        f"{issued} certificates_certificate t ON t.id = c.id {approved}",
    )
    steps = "CROSS JOIN (VALUES (1, 'application:submit'), (2, 'application:claim'), (3, 'application:read'))"
    copied(
        cursor, "audit_event", EVENT,
        f"draw JOIN audit_event t ON t.id = {templates.event} {steps} AS acts (step, act) WHERE open",
    )  # fmt: skip
    copied(
        cursor, "applications_examinationitem", ITEM,
        f"draw JOIN applications_examinationitem t ON t.id = {templates.item}"
        " CROSS JOIN generate_series(1, 5) AS step WHERE open AND draw.status <> 'submitted'",
    )  # fmt: skip
