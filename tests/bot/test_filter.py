"""What somebody looks for in `/history`: read, carried along, applied."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.filter import Filter, NoDay

DAY_MS = 24 * 3_600_000


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("FOX", "a red fox"),
        ("grüner", "Ein GRÜNER Fuchs"),
        ("gru\u0308n", "GRÜN"),
        ("STRASSE", "Straße"),
        ("狐", "緑の狐"),
        ("ﾌｫｯｸｽ", "赤いフォックス"),
        ("fox  red", "fox\nred"),
        ("", ""),
    ],
)
def test_words_are_found_as_a_reader_sees_them(text: str, prompt: str) -> None:
    assert Filter.read({"text": text}).admits(prompt, "m")


@pytest.mark.parametrize(("text", "prompt"), [("fox", "fo x"), ("%", "a"), (".", "a"), ("a", "")])
def test_other_words_are_not(text: str, prompt: str) -> None:
    assert not Filter.read({"text": text}).admits(prompt, "m")


def test_a_part_of_the_models_name_is_enough() -> None:
    assert Filter(model="IMAGEN").admits("", "google/imagen-4-ultra")
    assert not Filter(model="flux").admits("", "google/imagen-4-ultra")


def test_days_begin_and_end_in_utc_and_are_both_included() -> None:
    day = Filter(first="1970-01-02", last="1970-01-02")

    assert (day.since, day.until) == (DAY_MS, 2 * DAY_MS)
    assert Filter().since == 0
    assert Filter(last="9999-12-31").until > 2**47
    assert Filter(first="0001-01-01").since == 0


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "01.11.2026", "2026", "²026-11-01"])
def test_another_text_is_no_day(day: str) -> None:
    with pytest.raises(NoDay):
        Filter.read({"first": day})


@given(st.dictionaries(st.sampled_from(["text", "model", "other"]), st.text()))
def test_what_was_read_is_carried_along_as_it_is(said: dict[str, str]) -> None:
    found = Filter.read(said)

    assert Filter.of(found.parts) == found
    assert all(len(f"{name}:{value}") <= 100 for name, value in found.parts.items())
