"""In which language a sentence is: catalogues, who is spoken to, numbers."""

from __future__ import annotations

import asyncio

import pytest

from bot.chat.audience import of_reply
from bot.language import _, _n, current, speaking
from bot.language.catalogue import Catalogue, entries
from bot.record import replace
from bot.text import amount, cents, counted, duration, listed, money, number
from tests.bot.storage.test_ledger import request

HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n<5 ? 1 : 2);\\n"\n\n'


@pytest.mark.parametrize("locale", ["", "en-US", "en-GB", "tlh", "DE", "../de"])
def test_what_has_no_catalogue_is_in_english(locale: str) -> None:
    with speaking(locale):
        assert _("Nothing was charged.") == "Nothing was charged."
        assert _n("{count} image", "{count} images", 2) == "{count} images"


def test_a_sentence_is_in_the_language_that_is_spoken() -> None:
    with speaking("de"):
        assert _("Nothing was charged.") == "Es wurde nichts berechnet."
        with speaking("en-US"):
            assert _("Nothing was charged.") == "Nothing was charged."
        assert current() == "de"
    assert current() == ""


def test_what_a_catalogue_does_not_have_is_in_english() -> None:
    with speaking("de"):
        assert _("nobody says this") == "nobody says this"
        assert _n("one of these", "many of these", 1) == "one of these"
        assert _("") == ""


async def test_a_task_speaks_the_language_that_was_spoken_when_it_began() -> None:
    async def said() -> str:
        await asyncio.sleep(0)
        return _("Nothing was charged.")

    with speaking("de"):
        task = asyncio.create_task(said())

    assert await task == "Es wurde nichts berechnet."


def test_a_plural_has_the_form_of_its_language() -> None:
    known = Catalogue(
        HEADER + 'msgid "{count} fox"\nmsgid_plural "{count} foxes"\n'
        'msgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"\n'
    )

    assert [known.several("{count} fox", n) for n in (1, 2, 4, 5)] == ["a", "b", "b", "c"]
    assert known.one("{count} fox") is None


@pytest.mark.parametrize(
    "entry",
    [
        '#, fuzzy\nmsgid "fox"\nmsgstr "Fuchs"\n',
        '#, fuzzy, python-brace-format\nmsgid "fox"\nmsgstr "Fuchs"\n',
        'msgid "fox"\nmsgstr ""\n',
        '#~ msgid "fox"\n#~ msgstr "Fuchs"\n',
        'msgid "fox"\nmsgid_plural "foxes"\nmsgstr[0] "Fuchs"\nmsgstr[1] ""\nmsgstr[2] ""\n',
    ],
)
def test_what_nobody_has_translated_or_looked_at_is_not_shown(entry: str) -> None:
    known = Catalogue(HEADER + entry)
    assert (known.one("fox"), known.several("fox", 1)) == (None, None)


def test_a_catalogue_is_read_with_its_escapes_and_comments() -> None:
    text = (
        '# by whom\n#. for whom\n#: where\nmsgid ""\n"a\\n"\n"\\"b\\"\\\\\\t"\nmsgstr "ü\u200b"\n'
    )
    [entry] = entries(text)
    assert (entry.sentence, entry.forms) == ('a\n"b"\\\t', ("ü\u200b",))


@pytest.mark.parametrize("text", ["<html>", 'msgid "a', '"a"', "msgstr a"])
def test_what_is_no_catalogue_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Catalogue(text)


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("en-GB", ("1,234,567", "$1,234.50", "$0.0035", "$1.24")),
        ("de", ("1.234.567", "1.234,50 $", "0,0035 $", "1,24 $")),
    ],
)
def test_numbers_and_money_are_written_as_readers_write_them(
    locale: str, shown: tuple[str, ...]
) -> None:
    with speaking(locale):
        said = (number(1_234_567), money(1_234_500_000), money(3_500), cents(1_236_000))
        assert said == shown
        assert amount(1_234_500_000) == "1234.50"  # as a form takes it, in every language


def test_counts_and_lists_are_whole_sentences_in_every_language() -> None:
    with speaking("de"):
        assert counted("{count} image", "{count} images", 1) == "1 Bild"
        assert counted("{count} image", "{count} images", 1_000) == "1.000 Bilder"
        assert listed(["a", "b", "c"], 1) == "a und 2 weitere"
        assert duration(65) == "1 min 5 s"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"


def test_a_private_reply_is_in_the_persons_language_and_a_public_one_in_the_servers() -> None:
    asked = replace(request(), locale="ja", guild_locale="de", guild_id=1)

    assert of_reply(asked) == "de"
    assert of_reply(replace(asked, private=True)) == "ja"
    assert of_reply(replace(asked, guild_id=None, guild_locale="")) == "ja"
