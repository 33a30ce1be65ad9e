"""What a person chose becomes exactly what the model takes, or is refused in words."""

from __future__ import annotations

import pytest

from bot.domain.generation import Value
from bot.domain.model import Choice, Kind, Level, Option
from bot.record import replace
from bot.refusals import (
    OptionMissing,
    OptionNotTaken,
    PictureMissing,
    PicturesNotTaken,
    SafetyBelowFloor,
    SafetyUnknown,
    TooManyImages,
    ValueNotTaken,
)
from bot.request.input import Chosen, plan
from tests.models import QUICK, RETOUCH

LENIENT = Level.LENIENT


def sent(floor: Level = LENIENT, **options: Value) -> dict[str, Value]:
    return dict(plan(QUICK, Chosen(options), floor).options)


def test_what_nobody_chose_is_not_sent_but_for_what_is_stated_and_what_guards() -> None:
    assert sent() == {
        "aspect_ratio": "1:1",
        "disable_safety_checker": False,
        "safety_tolerance": 2,
    }


def test_options_go_by_the_models_own_names_and_kinds() -> None:
    options = sent(steps=8, go_fast=False, negative_prompt="fog")

    assert options["num_inference_steps"] == 8
    assert options["go_fast"] is False
    assert options["negative_prompt"] == "fog"


def test_a_number_that_came_as_text_is_sent_as_a_number() -> None:
    """Where models disagree about an option's kind, the command asks for text."""
    assert sent(steps="8")["num_inference_steps"] == 8


STEPS = Option(
    "steps", "steps", Kind.INTEGER, "Steps", (Choice(1, "1"), Choice(20, "20")), 1, required=True
)
CHOOSY = replace(QUICK, options=(STEPS,))


@pytest.mark.parametrize("steps", [20, 20.0, "20", "20.0"])
def test_a_choice_is_a_number_whatever_kind_the_command_asked_for(steps: Value) -> None:
    """Where models disagree about a number's kind, the command asks for a fraction."""
    options = plan(CHOOSY, Chosen({"steps": steps}), LENIENT).options

    assert (options["steps"], type(options["steps"])) == (20, int)


@pytest.mark.parametrize("steps", [True, "yes", 1.5, "nan"])
def test_what_only_looks_like_a_choice_is_refused(steps: Value) -> None:
    with pytest.raises(ValueNotTaken):
        plan(CHOOSY, Chosen({"steps": steps}), LENIENT)


@pytest.mark.parametrize("tolerance", [1.0, "1"])
def test_a_degree_of_safety_is_a_number_in_any_form(tolerance: Value) -> None:
    assert sent(safety_tolerance=tolerance)["safety_tolerance"] == 1


def test_what_a_model_must_be_told_is_asked_for() -> None:
    with pytest.raises(OptionMissing) as refused:
        plan(CHOOSY, Chosen(), LENIENT)

    assert (refused.value.option, refused.value.model) == ("steps", "Quick")


@pytest.mark.parametrize(("said", "meant"), [("Yes", True), ("false", False), ("0", False)])
def test_a_yes_or_no_that_came_as_text_is_understood(said: str, meant: bool) -> None:
    assert sent(go_fast=said)["go_fast"] is meant


def test_a_yes_or_no_of_other_words_is_refused() -> None:
    with pytest.raises(ValueNotTaken) as refused:
        sent(go_fast="perhaps")

    assert refused.value.taken == ("yes", "no")


@pytest.mark.parametrize("steps", [0, 9, 2.5, "many", "nan", "inf", ""])
def test_a_number_that_the_model_does_not_take_is_refused(steps: Value) -> None:
    with pytest.raises(ValueNotTaken) as refused:
        sent(steps=steps)

    assert (refused.value.least, refused.value.most) == (1, 8)


def test_a_choice_of_another_model_is_refused_with_this_models_choices() -> None:
    with pytest.raises(ValueNotTaken) as refused:
        sent(aspect_ratio="4:3")

    assert refused.value.taken == ("1:1", "21:9")


def test_an_option_of_another_model_is_refused_naming_who_has_it() -> None:
    with pytest.raises(OptionNotTaken) as refused:
        plan(RETOUCH, Chosen({"steps": 3}, pictures=1), LENIENT, [QUICK])

    assert refused.value.having == ("Quick",)


def test_the_models_own_count_makes_one_prediction_of_several_images() -> None:
    planned = plan(QUICK, Chosen(count=3), LENIENT)

    assert (planned.predictions, planned.images) == (1, 3)
    assert planned.options["num_outputs"] == 3


def test_without_one_it_takes_as_many_predictions() -> None:
    alone = replace(QUICK, count=None)

    planned = plan(alone, Chosen(count=3), LENIENT)

    assert (planned.predictions, planned.images) == (3, 1)
    assert "num_outputs" not in planned.options


@pytest.mark.parametrize(("own", "count"), [(4, 5), (2, 3), (4, 0)])
def test_a_count_beyond_the_models_limit_is_refused(own: int, count: int) -> None:
    assert QUICK.count is not None
    model = replace(QUICK, count=replace(QUICK.count, maximum=own))

    with pytest.raises(TooManyImages) as refused:
        plan(model, Chosen(count=count), LENIENT)

    assert refused.value.most == own


def test_a_seed_is_sent_where_the_model_takes_one() -> None:
    assert plan(QUICK, Chosen(seed=7), LENIENT).options["seed"] == 7


@pytest.mark.parametrize("seed", [-1, 2**31])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueNotTaken):
        plan(QUICK, Chosen(seed=seed), LENIENT)


def test_a_seed_for_a_model_without_one_names_those_that_have_one() -> None:
    with pytest.raises(OptionNotTaken) as refused:
        plan(RETOUCH, Chosen(seed=7, pictures=1), LENIENT, [QUICK])

    assert (refused.value.option, refused.value.having) == ("seed", ("Quick",))


def test_a_picture_for_a_model_that_takes_none_names_those_that_do() -> None:
    with pytest.raises(PicturesNotTaken) as refused:
        plan(QUICK, Chosen(pictures=1), LENIENT, [RETOUCH])

    assert (refused.value.most, refused.value.having) == (0, ("Retouch",))


def test_more_pictures_than_the_model_takes_are_refused() -> None:
    with pytest.raises(PicturesNotTaken) as refused:
        plan(RETOUCH, Chosen(pictures=2), LENIENT)

    assert refused.value.most == 1


def test_a_model_that_changes_pictures_needs_one() -> None:
    with pytest.raises(PictureMissing):
        plan(RETOUCH, Chosen(), LENIENT)


# --- safety


@pytest.mark.parametrize(
    ("floor", "tolerance"), [(Level.STRICT, 1), (Level.MEDIUM, 2), (Level.LENIENT, 2)]
)
def test_left_out_it_is_the_models_default_or_the_floor_if_that_is_stricter(
    floor: Level, tolerance: int
) -> None:
    assert sent(floor)["safety_tolerance"] == tolerance


def test_stricter_than_the_floor_may_always_be_chosen() -> None:
    assert sent(Level.MEDIUM, safety_tolerance=1)["safety_tolerance"] == 1


def test_more_lenient_than_the_floor_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(SafetyBelowFloor) as refused:
        sent(Level.MEDIUM, safety_tolerance=6)

    assert refused.value.allowed == ("1", "2")


def test_a_level_between_those_that_are_offered_is_refused() -> None:
    with pytest.raises(ValueNotTaken):
        sent(safety_tolerance=5)


def test_beside_a_picture_the_model_may_be_stricter() -> None:
    both = replace(QUICK, pictures=RETOUCH.pictures)

    with pytest.raises(SafetyBelowFloor):
        plan(both, Chosen({"safety_tolerance": 6}, pictures=1), LENIENT)


BARE = replace(QUICK, safeguards=(), fixed={"num_outputs": 1})


@pytest.mark.parametrize("floor", [Level.STRICT, Level.MEDIUM])
def test_a_model_whose_safety_nobody_can_set_is_refused_below_the_most_lenient_floor(
    floor: Level,
) -> None:
    with pytest.raises(SafetyUnknown) as refused:
        plan(BARE, Chosen(), floor)

    assert refused.value.model == "Quick"


def test_a_model_whose_safety_is_always_on_is_within_every_floor() -> None:
    switched = replace(BARE, fixed={"disable_safety_checker": False})

    assert plan(switched, Chosen(), Level.STRICT).predictions == 1


def test_an_option_does_not_undo_what_is_fixed_for_safety() -> None:
    option = Option("checker", "disable_safety_checker", Kind.BOOLEAN, "Of a file by hand")
    model = replace(QUICK, options=(option,))

    options = plan(model, Chosen({"checker": True}), LENIENT).options

    assert options["disable_safety_checker"] is False


def test_what_switches_the_models_safety_off_cannot_be_chosen() -> None:
    with pytest.raises(OptionNotTaken):
        sent(disable_safety_checker=True)
