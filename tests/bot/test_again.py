"""From a request that was made back to what was chosen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.attached import Attached
from bot.domain.generation import Generation, Request, Status
from bot.domain.model import Level, Model
from bot.record import replace
from bot.refusals import ModelNotOffered
from bot.request import again
from bot.request.input import Chosen, plan
from tests.models import QUICK, RETOUCH

OFFER = (QUICK, RETOUCH)


def made(model: Model, chosen: Chosen, floor: Level = Level.LENIENT) -> Generation:
    """As `bot.request.admission` makes it."""
    planned = plan(model, chosen, floor)
    seed = {model.seed.input: 7} if model.seed and chosen.seed is None else {}
    request = Request(
        interaction_id=1,
        application_id=2,
        guild_id=3,
        channel_id=4,
        user_id=5,
        model=model.name,
        prompt="a fox",
        options={**planned.options, **seed},
        token="",
        token_expires_at=0,
        size_limit=1,
        images=planned.images,
        predictions=planned.predictions,
    )
    return Generation("1-0", request, Status.DELIVERED, created_at=0)


OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "aspect_ratio": st.sampled_from(["1:1", "21:9"]),
    "steps": st.integers(1, 8),
    "negative_prompt": st.text(max_size=20),
    "go_fast": st.booleans(),
    "safety_tolerance": st.sampled_from([1, 2, 6]),
}


@given(
    options=st.fixed_dictionaries({}, optional=OPTIONS),
    count=st.integers(1, 4),
    seed=st.none() | st.integers(0, 2**31 - 1),
)
def test_what_is_chosen_again_is_planned_again_but_for_the_seed(
    options: dict[str, Any], count: int, seed: int | None
) -> None:
    row = made(QUICK, Chosen(options, QUICK.name, count, seed))

    once_more = made(QUICK, again.chosen(row, OFFER, ()))

    assert {**row.request.options, "seed": 7} == once_more.request.options
    assert once_more.request.asked == count
    assert again.chosen(row, OFFER, ()).seed is None


def test_a_degree_of_safety_that_nobody_chose_follows_the_place_it_is_asked_in_next() -> None:
    left_out = made(QUICK, Chosen(model=QUICK.name))
    chosen = made(QUICK, Chosen({"safety_tolerance": 6}, QUICK.name))

    assert "safety_tolerance" not in again.chosen(left_out, OFFER, ()).options
    assert again.chosen(chosen, OFFER, ()).options["safety_tolerance"] == 6


def test_where_another_model_stood_in_the_one_that_was_asked_for_is_asked_again() -> None:
    other = replace(QUICK, name="maker/other", options=QUICK.options[:1], safeguards=())
    row = made(QUICK, Chosen({"aspect_ratio": "21:9", "steps": 8}, QUICK.name))
    row = replace(row, instead_of="maker/other")

    chosen = again.chosen(row, (other, QUICK), ())

    assert (chosen.model, chosen.options) == ("maker/other", {"aspect_ratio": "21:9"})


def test_a_model_that_is_not_on_offer_any_more_is_said() -> None:
    row = made(QUICK, Chosen(model=QUICK.name))

    with pytest.raises(ModelNotOffered) as refused:
        again.chosen(row, (RETOUCH,), ())

    assert (refused.value.model, refused.value.offered) == ("maker/quick", ("Retouch",))


def test_pictures_are_read_from_our_own_files() -> None:
    row = made(QUICK, Chosen(model=QUICK.name))
    picture = Attached("image/png", 9, 3, 2, sha256="ab")
    row = replace(row, request=replace(row.request, pictures=(picture, picture)))

    first, second = again.pictures(row)

    assert (first.copied_from, second.copied_from) == ("1-0.in0", "1-0.in1")
    assert not first.is_stored


@pytest.mark.parametrize(
    "url", ["", "https://cdn.invalid/1-0.png", "stored:../1-0.png", "stored:1-0", "stored:x.png"]
)
def test_no_other_address_is_a_file_of_ours(url: str) -> None:
    assert Attached("image/png", 9, url=url).copied_from is None
