"""What differs between two versions, as people read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.differences import Line, differences, words


def side(lines: list[Line], left_out: str) -> str:
    pieces = [piece for line in lines for piece in line.pieces if piece.kind != left_out]
    return "".join(piece.text for piece in pieces)


def test_equal_texts_do_not_differ() -> None:
    assert differences("# 規約\n\n一つ目", "# 規約\n一つ目\n") == []


@pytest.mark.clause("O-3.1")
def test_a_changed_japanese_sentence_shows_its_changed_words_alone() -> None:
    pieces = list(words("受け取りの期限は 14 日です。", "受け取りの期限は 30 日とします。"))
    assert [piece.text for piece in pieces if piece.kind == "gone"] == ["14", "で"]
    assert [piece.text for piece in pieces if piece.kind == "new"] == ["30", "としま"]


@pytest.mark.clause("O-3.1")
def test_a_changed_english_sentence_shows_whole_words() -> None:
    pieces = list(words("Accept it within fourteen days.", "Accept it within thirty days."))
    assert [(piece.kind, piece.text) for piece in pieces if piece.kind != "same"] == [
        ("gone", "fourteen"),
        ("new", "thirty"),
    ]


def test_far_lines_are_left_out_and_counted() -> None:
    before = "\n".join(f"line {n}" for n in range(100))
    found = differences(before, before.replace("line 50", "line fifty"))
    assert [line.kind for line in found] == ["skip", "same", "same", "changed", "same", "same", "skip"]
    assert [line.skipped for line in found if line.kind == "skip"] == [48, 47]


@given(st.lists(st.text(alphabet="あア漢a1 。", max_size=12), max_size=12), st.data())
def test_both_texts_can_be_read_out_of_a_comparison(lines: list[str], data: st.DataObject) -> None:
    other = data.draw(st.permutations(lines))
    found = differences("\n".join(lines), "\n".join(other), context=50)
    if found:
        kept = [line.rstrip() for line in lines if line.strip()]
        assert side(found, "new") == "".join(kept)
        assert side(found, "gone") == "".join(line.rstrip() for line in other if line.strip())
