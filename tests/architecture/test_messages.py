"""The message tool finds every string, and says what is missing."""

from pathlib import Path

import polib
import pytest

from lra_portal import messages


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with one template and one module."""
    monkeypatch.setattr(messages, "BASE", tmp_path)
    (tmp_path / "templates/applications").mkdir(parents=True)
    (tmp_path / "templates/applications/home.html").write_text(
        "{% load i18n %}<c-button label=\"{% translate 'Send' %}\" />\n"
        "   {% blocktranslate count n=x trimmed %}One\n thing{% plural %}{{ n }} things{% endblocktranslate %}"
    )
    (tmp_path / "applications").mkdir()
    (tmp_path / "applications/forms.py").write_text('label = _("Name of %(who)s")\nmonth = pgettext("month", "May")\n')
    return tmp_path


def translate(path: Path, translations: dict[str, str]) -> None:
    catalogue = polib.pofile(str(path))
    for entry in catalogue:
        entry.msgstr = translations.get(entry.msgid, "")
        if entry.msgid_plural:
            entry.msgstr, entry.msgstr_plural = "", {0: "%(n)s個"}
    catalogue.save(str(path))


def test_strings_of_code_templates_and_component_attributes_are_found(tree: Path) -> None:
    found = messages.extracted("applications")
    assert {key[1] for key in found} == {"Send", "One thing", "Name of %(who)s", "May"}
    assert ("month", "May", "") in found


def test_the_check_fails_until_every_string_is_translated(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    messages.update()
    assert messages.check() == 1
    assert "missing   applications: 'Send'" in capsys.readouterr().out
    translate(
        messages.catalogue_path("applications"), {"Send": "送信", "Name of %(who)s": "%(who)sの名前", "May": "5月"}
    )
    assert messages.check() == 0


def test_a_translation_with_a_placeholder_of_its_own_is_found(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    messages.update()
    translate(messages.catalogue_path("applications"), {"Send": "送信", "Name of %(who)s": "%(whom)s", "May": "5月"})
    assert messages.check() == 1
    assert "placeholders" in capsys.readouterr().out


def test_a_translation_outlives_the_removal_of_its_string_until_it_is_pruned(tree: Path) -> None:
    messages.update()
    translate(messages.catalogue_path("applications"), {"Send": "送信", "Name of %(who)s": "名前", "May": "5月"})
    (tree / "applications/forms.py").write_text("")
    messages.update()
    assert messages.check() == 1
    messages.update(prune=True)
    assert messages.check() == 0


def test_compiled_messages_are_renewed_when_the_catalogue_changes(tree: Path) -> None:
    messages.update()
    path = messages.catalogue_path("applications")
    messages.compile_all()
    assert [entry.msgid for entry in polib.mofile(str(path.with_suffix(".mo")))] == []
    translate(path, {"Send": "送信"})
    messages.compile_all()
    assert {entry.msgid for entry in polib.mofile(str(path.with_suffix(".mo")))} == {"Send", "One thing"}
