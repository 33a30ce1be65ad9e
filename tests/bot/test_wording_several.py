"""What a reply of several images says: true sums, each reason once, within one message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.generation import Entry, Generation, Status
from bot.domain.picture import Stored
from bot.errors import ProviderTrouble, SafetyRefused
from bot.record import replace
from bot.text import MESSAGE_LIMIT, units
from bot.wording import ALT_TEXT_LIMIT, several
from tests.bot.test_wording import request

PICTURE = Stored("n.png", "image/png", 1)


def row(
    status: Status = Status.DELIVERED,
    *,
    images: int = 1,
    arrived: int = 0,
    unfetched: int = 0,
    rows: int = 4,
    error: str | None = None,
    quota: Entry = Entry.RELEASED,
    prompt: str = "a red fox",
) -> Generation:
    asked = replace(request(prompt), images=images, predictions=rows)
    return Generation(
        "1-0",
        asked,
        status,
        created_at=0,
        provider_ended_at=9_000,
        outputs=(PICTURE,) * arrived,
        unfetched=unfetched,
        counted=images,
        error=error,
        quota=quota,
    )


SENT = row(arrived=1, quota=Entry.SETTLED)
FILTERED = row(Status.FAILED, error="safety")


def test_where_nothing_is_missing_nothing_is_said_of_it() -> None:
    assert "⚠️" not in several.finished([SENT] * 4, {"none"})


def test_what_was_done_to_the_pictures_is_the_most_that_was_done_to_any() -> None:
    text = several.finished([SENT] * 3, {"quality", "none", "size"})

    assert "made smaller to fit the upload limit here" in text
    assert "compressed" not in text


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (FILTERED, "1 of 2 was refused by the provider's safety filter."),
        (row(Status.FAILED, error="trouble"), "1 of 2 was lost: the provider had a problem."),
        (row(Status.CANCELED), "1 of 2 was canceled."),
        (row(Status.EXPIRED), "1 of 2 was not begun: its turn did not come in time."),
        (
            row(Status.EXPIRED, error="undecided"),
            "1 of 2 was not decided by a moderator in time.",
        ),
        (row(Status.UNKNOWN), "1 of 2 was never answered by the provider."),
        (row(Status.QUEUED), "1 of 2 is still on the way."),
    ],
)
def test_each_way_to_be_missing_has_its_words(missing: Generation, words: str) -> None:
    text = several.finished([SENT, missing], {"none"})

    assert text.endswith(f"⚠️ {words} You were charged for 1 image.")


def test_reasons_of_one_kind_are_summed_up_and_the_charge_is_of_all_rows() -> None:
    canceled = row(Status.CANCELED, quota=Entry.SETTLED)
    partly = row(images=4, arrived=2, unfetched=1)

    text = several.finished([partly, FILTERED, FILTERED, canceled], {"none"})

    assert "1 of 7 was left out by the provider (most likely by its safety filter)." in text
    assert "1 of 7 was made, but could not be fetched." in text
    assert "2 of 7 were refused by the provider's safety filter." in text
    assert "1 of 7 was canceled. You were charged for 3 images." in text


def test_where_all_failed_alike_the_usual_words_are_enough() -> None:
    text = several.ended([FILTERED] * 4, SafetyRefused())

    assert text.endswith(
        "⚠️ **The provider's safety filter refused this.** You were not charged. "
        "Change the prompt and try again."
    )


def test_a_prediction_of_several_images_that_was_canceled_says_how_many_count() -> None:
    canceled = row(Status.CANCELED, images=4, rows=1, quota=Entry.SETTLED)

    text = several.ended([canceled], ProviderTrouble())

    assert text.endswith("4 of 4 were canceled. You were charged for 4 images.")


def test_what_cannot_be_posted_is_in_history_with_what_is_missing() -> None:
    kept = replace(SENT, status=Status.KEPT)

    whole, partly = (several.ended(rows, ProviderTrouble()) for rows in ([kept], [kept, FILTERED]))

    assert whole.endswith("Find them in `/history`.")
    assert "1 of 2 was refused" in partly


def test_progress_says_what_is_ready_once_anything_is() -> None:
    assert several.progress("Generating", 0, 4) == "Generating"
    assert several.progress("Generating", 2, 4) == "Generating · 2 of 4 ready"


def test_alt_texts_are_told_apart_and_fit_however_long_the_prompt_is() -> None:
    texts = several.alt_texts(request("🦊" * 6_000), 10)

    assert len(set(texts)) == 10
    assert max(units(text) for text in texts) <= ALT_TEXT_LIMIT


ROWS = st.builds(
    row,
    st.sampled_from(Status),
    images=st.integers(1, 4),
    arrived=st.integers(0, 4),
    unfetched=st.integers(0, 4),
    error=st.sampled_from([None, "safety", "trouble", "timeout", "out_of_credit"]),
    quota=st.sampled_from(Entry),
    prompt=st.text(max_size=2_000),
)


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_whatever_became_of_them_it_fits_one_message(rows: list[Generation]) -> None:
    rows = [replace(each, request=rows[0].request) for each in rows]
    for text in (several.finished(rows, {"size"}), several.ended(rows, ProviderTrouble())):
        assert units(text) <= MESSAGE_LIMIT
