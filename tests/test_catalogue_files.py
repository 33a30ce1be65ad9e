"""What a translator's file may look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import language
from bot.language import _, speaking
from bot.language.catalogue import Catalogue

HEAD = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


def test_entries_without_a_blank_line_between_them_are_not_confused() -> None:
    """PO needs none; a merge tool or a hand leaves it out."""
    found = Catalogue(HEAD + 'msgid "Save"\nmsgstr "Sichern"\nmsgid "Delete"\nmsgstr "Löschen"\n')

    assert (found.one("Save"), found.one("Delete")) == ("Sichern", "Löschen")


def test_a_byte_order_mark_is_no_sentence() -> None:
    Catalogue("\ufeff" + HEAD)


def test_a_rule_that_names_more_forms_than_there_are_is_in_english() -> None:
    text = HEAD.replace("n != 1", "n > 1 ? 2 : 0")
    found = Catalogue(text + 'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "x"\nmsgstr[1] "y"\n')

    assert found.several("a", 5) is None


@pytest.mark.parametrize("broken", [None, "rubbish", HEAD.replace("n != 1", "n ? import")])
def test_a_catalogue_that_cannot_be_read_is_in_english(
    broken: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decoration fails open: nobody is refused for the language that they speak."""
    if broken is not None:
        (tmp_path / "de.po").write_text(broken, encoding="utf-8")
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language._catalogue.cache_clear()
    try:
        with speaking("de"):
            assert _("Save") == "Save"
    finally:
        language._catalogue.cache_clear()
