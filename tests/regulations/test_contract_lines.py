"""Lines of a file of contracts: what is read, and every fault with its column."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulations.contract_lines import COLUMNS, read_line
from regulations.line_cells import PLAIN, Column, Fault, cell_value, header_faults
from regulations.line_files import LONGEST_BYTES, Sniffer, lines_of
from regulations.periods import fate, kind_of_change, midnight, overlaps
from regulations.text import TextError, normalise
from tests.instants import APRIL_1_MIDNIGHT, MARCH_31_LAST_SECOND, MONDAY_9_00

KEYS = [column.key for column in COLUMNS]
GOOD = {
    "number": "K-1",
    "begins_on": "2026-04-01",
    "ends_on": "2027-03-31",
    "corporate_number": "1999900000123",
    "name": "株式会社見本精機（デモ）",
    "name_latin": "Mihon Seiki Co., Ltd.",
}


def line(**cells: str) -> str:
    return "\t".join({**dict.fromkeys(KEYS, ""), **GOOD, **cells}.values())


def faults(**cells: str) -> list[Fault]:
    return read_line(line(**cells), KEYS, "\t")[1]


def test_a_right_line_ends_with_the_last_second_of_its_last_day() -> None:
    read, found = read_line(line(), KEYS, "\t")
    assert found == []
    assert read is not None
    assert read.ends_at == APRIL_1_MIDNIGHT > MARCH_31_LAST_SECOND


def test_a_line_without_a_last_day_is_open_ended() -> None:
    read, _found = read_line(line(ends_on=""), KEYS, "\t")
    assert read is not None
    assert read.ends_at is None


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"ends_on": "2026-03-31"}, "ends_on", "ends_before_beginning"),
        ({"begins_on": "2026-02-30"}, "begins_on", "date"),
        ({"begins_on": "0206-04-01"}, "begins_on", "far_day"),
        ({"corporate_number": "2999900000123"}, "corporate_number", "check_digit"),
        ({"name": ""}, "name", "required"),
        ({"name": "見本\u200b精機"}, "name", "unseen_character"),
        ({"name_latin": "みほん"}, "name_latin", "not_latin"),
        ({"authorised_email": "taro@demo.example"}, "authorised_name", "required"),
        ({"authorised_email": "taro＠"}, "authorised_email", "email"),
        ({"fee_note": "料" * 201}, "fee_note", "too_long"),
        ({"members": "見本 太郎 taro@demo.example"}, "members", "people"),
        ({"members": "見本 太郎 <taro@demo.example>; <jiro@demo.example>"}, "members", "people"),
        ({"members": "見本 太郎 <taro＠>"}, "members", "email"),
        ({"members": "x" * 3001}, "members", "too_long"),
    ],
)
def test_a_fault_names_its_column_and_is_said_in_both_languages(cells: dict[str, str], column: str, code: str) -> None:
    (fault,) = faults(**cells)
    assert (fault.column, fault.code) == (KEYS.index(column) + 1, code)
    assert set(fault.message) == {"ja", "en"}
    assert all(fault.message.values())


@pytest.mark.parametrize(
    "cell",
    [
        "見本 太郎 <Taro@demo.example>; 次郎<jiro@demo.example>;",
        "見本　太郎＜taro@demo.example＞；次郎<jiro@demo.example>",
    ],
)
def test_members_are_read_in_either_width(cell: str) -> None:
    read, _found = read_line(line(members=cell), KEYS, "\t")
    assert read is not None
    assert read.values["members"] == "taro@demo.example\t見本 太郎\njiro@demo.example\t次郎"


def test_all_faults_of_a_line_are_named_at_once() -> None:
    assert [fault.column for fault in faults(corporate_number="1", name_latin="みほん", begins_on="")] == [4, 7, 2]


def test_a_quotation_mark_that_is_not_closed_breaks_one_line_only() -> None:
    assert [fault.code for fault in read_line('K-1,"2026-04-01', KEYS, ",")[1]] == ["quotation_mark"]


def test_a_line_with_too_few_columns_says_how_many_there_should_be() -> None:
    (fault,) = read_line("K-1,2026-04-01", KEYS, ",")[1]
    assert fault.code == "column_count"
    assert "18" in fault.message["en"]


def test_headings_may_be_japanese_or_the_names_of_the_columns() -> None:
    assert header_faults([column.heading for column in COLUMNS], COLUMNS) == []
    assert header_faults(KEYS, COLUMNS) == []


def test_headings_are_refused_when_unknown_double_or_missing() -> None:
    found = header_faults(["契約番号", "number", "合言葉"], COLUMNS)
    assert [(fault.column, fault.code) for fault in found][:2] == [(2, "column_twice"), (3, "unknown_column")]
    assert {fault.code for fault in found[2:]} == {"column_missing"}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(PLAIN)), st.data())
def test_the_short_way_gives_what_the_long_way_gives(kind: str, data: st.DataObject) -> None:
    cell = data.draw(st.from_regex(PLAIN[kind], fullmatch=True))

    def outcome(read: object) -> str:
        try:
            return read()  # type: ignore[operator, no-any-return]
        except TextError as error:
            return f"refused: {error.code}"

    column = Column("x", "x", kind, 200)
    assert outcome(lambda: cell_value(column, cell)) == outcome(lambda: normalise(kind, cell, max_length=200))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=30).filter(lambda part: b"\n" not in part)), st.integers(1, 7))
def test_lines_come_out_as_they_went_in_however_the_bytes_are_cut(rows: list[bytes], size: int) -> None:
    whole = b"".join(row + b"\n" for row in rows)
    parts = [whole[start : start + size] for start in range(0, len(whole), size)]
    read = list(lines_of(parts))
    assert [row.removesuffix(b"\r") for row in rows] == [row for row, _taken in read]
    assert sum(taken for _row, taken in read) == len(whole)


def test_an_endless_line_keeps_little_memory_and_all_its_length() -> None:
    ((kept, taken),) = lines_of([b"x" * 1_000_000] * 5)
    assert len(kept) == LONGEST_BYTES
    assert taken == 5_000_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_encoding_is_found_even_with_one_broken_line(encoding: str) -> None:
    rows = [f"K-{n},株式会社見本{n}".encode(encoding if n == 0 else encoding.removesuffix("-sig")) for n in range(9)]
    rows[5] = b"K-5,\x81\xff\xfe"
    sniffer = Sniffer()
    for byte in b"\r\n".join(rows):
        sniffer.feed(bytes([byte]))
    assert sniffer.encoding() == encoding.removesuffix("-sig")


def test_a_file_of_16_bit_letters_is_not_read_as_something_else() -> None:
    sniffer = Sniffer()
    sniffer.feed("契約番号".encode("utf-16"))
    assert sniffer.encoding() == ""


def test_what_a_moved_end_is_called() -> None:
    today, later = midnight(MONDAY_9_00.date()), APRIL_1_MIDNIGHT
    assert kind_of_change(before=None, after=later, at=MONDAY_9_00) == "shortened"
    assert kind_of_change(before=later, after=None, at=MONDAY_9_00) == "extended"
    assert kind_of_change(before=later, after=today, at=MONDAY_9_00) == "ended"
    assert kind_of_change(before=later, after=later, at=MONDAY_9_00) is None


def test_what_a_moved_end_does_to_a_certificate() -> None:
    may, june = midnight(MONDAY_9_00.date().replace(month=5)), midnight(MONDAY_9_00.date().replace(month=6))
    april = MARCH_31_LAST_SECOND.replace(year=2026)
    assert fate(not_after=june, before=None, after=may) == "revoke"
    assert fate(not_after=june, before=may, after=None) == "keep"
    assert fate(not_after=APRIL_1_MIDNIGHT.replace(year=2026), before=may, after=june) == "stay"
    assert fate(not_after=april, before=APRIL_1_MIDNIGHT.replace(year=2026), after=june) == "renew"


@given(*[st.datetimes(min_value=MONDAY_9_00.replace(tzinfo=None)) for _ in range(3)])
def test_two_periods_overlap_exactly_when_an_instant_is_in_both(a: object, b: object, c: object) -> None:
    first, second, third = sorted([a, b, c])  # type: ignore[type-var]
    if first < second < third:  # type: ignore[operator]
        assert not overlaps(first, second, second, third)  # type: ignore[arg-type]
        assert overlaps(first, third, second, None)  # type: ignore[arg-type]
