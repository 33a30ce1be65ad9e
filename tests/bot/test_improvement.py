"""What a text model is asked, and what of its answer is taken for a prompt."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.domain.improvement import LONGEST, SHOWN, NotImproved, Why, improved, instruction
from bot.text import MESSAGE_LIMIT, escaped, units
from bot.wording import improvement as words

MINE = "a red fox"
BETTER = "A red fox at dawn, soft light"


@pytest.mark.parametrize(
    "answer",
    [
        BETTER,
        f"  {BETTER}\n",
        f'"{BETTER}"',
        f"“{BETTER}”",
        f"```\n{BETTER}\n```",
        f"```text\n{BETTER}```",
        f"**{BETTER}**",
        f"Prompt: {BETTER}",
        f"Improved prompt:\n\n{BETTER}",
        f'Here is the improved prompt:\n\n"{BETTER}"',
        f"**Improved prompt:** {BETTER}",
        f"# {BETTER}",
        "A red fox\nat dawn,\n\nsoft light",
    ],
)
def test_quotes_markdown_and_headings_are_taken_off(answer: str) -> None:
    assert improved(answer, MINE, 2000) == BETTER


@pytest.mark.parametrize("answer", ["", "  \n", '""', "```\n```", "—…!", "\u202e\u2066"])
def test_what_holds_no_word_is_not_usable(answer: str) -> None:
    with pytest.raises(NotImproved) as refused:
        improved(answer, MINE, 2000)
    assert refused.value.why is Why.UNUSABLE


@pytest.mark.parametrize("answer", [MINE, "A RED FOX", '"a red  fox"'])
def test_the_same_words_are_nothing_new(answer: str) -> None:
    with pytest.raises(NotImproved) as refused:
        improved(answer, MINE, 2000)
    assert refused.value.why is Why.SAME


def test_a_long_answer_ends_with_a_whole_word_within_the_prompts_limit() -> None:
    assert improved("one two three four", MINE, 12) == "one two"


@given(answer=st.text(max_size=3_000), most=st.integers(1, 6_000))
@example(answer="*" * 3_000 + "a", most=6_000)
@example(answer="x(" * 1_500, most=6_000)
@example(answer="😀a" * 1_000, most=6_000)
def test_whatever_it_says_all_of_it_can_be_shown_and_sent(answer: str, most: int) -> None:
    try:
        text = improved(answer, MINE, most)
    except NotImproved:
        return
    assert 0 < len(text) <= min(most, LONGEST)
    assert units(escaped(text, LONGEST * 2)) <= SHOWN
    assert "\n" not in text


def test_the_prompt_stands_last_in_the_instruction_whatever_it_holds() -> None:
    asked = instruction("{most} of {prompt}", 2000)

    assert asked.endswith("Prompt:\n{most} of {prompt}\n")
    assert f"at most {LONGEST} characters" in asked


@given(before=st.text(max_size=6_000), after=st.text(min_size=1, max_size=LONGEST))
def test_before_and_after_fit_one_message_with_all_of_the_new_words(
    before: str, after: str
) -> None:
    assume(units(escaped(after, 2 * LONGEST)) <= SHOWN)

    text = words.comparison(before, after)

    assert units(text) <= MESSAGE_LIMIT
    assert escaped(after, 2 * LONGEST) in text


@pytest.mark.parametrize("why", Why)
@given(before=st.text(max_size=6_000))
def test_why_there_is_no_new_prompt_fits_one_message(why: Why, before: str) -> None:
    assert units(words.not_improved(NotImproved(why), before)) <= MESSAGE_LIMIT
