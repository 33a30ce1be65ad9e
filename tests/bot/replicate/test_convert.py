"""From a model's real schema to what members are offered: every rule on schemas made for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.domain.command import MOST_OPTIONS, command
from bot.domain.model import Ability, Choice, Kind, Level, Model, Number, Option, Pictures
from bot.errors import SchemaUnusable
from bot.replicate.convert import convert
from bot.request.input import Chosen, plan
from tests.bot.replicate.schemas import accepted, assignment, body_of, described, invalid_command

PROMPT: Mapping[str, Any] = {"type": "string", "x-order": 0, "description": "What to show"}
FILE: Mapping[str, Any] = {"type": "string", "format": "uri"}


def offered(schema: Mapping[str, Any], *, name: str = "option", **more: Any) -> Option:
    """The one option that a model with this input beside its prompt has."""
    model = convert(described({"prompt": PROMPT, name: schema}, **more))
    assert len(model.options) == 1, model.dropped
    return model.options[0]


def dropped(schema: Mapping[str, Any], *, name: str = "option") -> str:
    model = convert(described({"prompt": PROMPT, name: schema}))
    assert model.options == ()
    return model.dropped[name]


ENUM = {"enum": ["1:1", "16:9"], "type": "string", "description": "An enumeration."}


@pytest.mark.parametrize(
    "schema",
    [
        ENUM,
        {"allOf": [{"$ref": "#/components/schemas/aspect"}], "default": "1:1"},
        {"$ref": "#/components/schemas/aspect"},
        {"anyOf": [{"$ref": "#/components/schemas/aspect"}, {"type": "null"}]},
        {"oneOf": [{"enum": ["1:1"]}, {"const": "16:9"}]},
        {"type": ["string", "null"], "enum": ["1:1", None, "16:9", "1:1"]},
        {"allOf": [ENUM, {"enum": ["16:9", "1:1", "4:3"]}]},
    ],
    ids=["inline", "allOf", "ref", "anyOf null", "oneOf", "type list", "two at once"],
)
def test_an_enumeration_is_found_however_it_is_written(schema: Mapping[str, Any]) -> None:
    option = offered(schema, aspect=ENUM)

    assert option.kind is Kind.STRING
    assert option.choices == (Choice("1:1", "1:1"), Choice("16:9", "16:9"))
    assert option.description == "Option"


def test_whole_numbers_stay_whole_numbers() -> None:
    option = offered({"enum": [512, 768], "type": "integer", "default": 768})

    assert (option.kind, option.default) == (Kind.INTEGER, 768)
    assert [choice.value for choice in option.choices] == [512, 768]


def test_a_value_that_discord_cannot_carry_is_no_choice_and_a_long_list_is_suggested() -> None:
    values = [f"style {number}" for number in range(40)]
    model = convert(described({"prompt": PROMPT, "style": {"enum": ["x" * 101, "", *values]}}))

    (style,) = [o for o in options(command([model])) if o["name"] == "model_style"]
    assert [choice.value for choice in model.options[0].choices] == values
    assert style["autocomplete"] is True
    assert "choices" not in style


def test_choices_of_one_label_are_one_choice() -> None:
    assert len(offered({"enum": ["a b", "a  b", "a\nb"]}).choices) == 1


@pytest.mark.parametrize(
    ("schema", "bounds"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 50}, (1, 50)),
        ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10}, (1, 9)),
        ({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, (1, None)),
        ({"type": "integer", "minimum": 0.5, "maximum": 9.5}, (1, 9)),
        ({"type": "integer", "format": "uint8"}, (0, 255)),
        ({"type": "integer", "minimum": -(2**80), "maximum": 2**80}, (None, None)),
        ({"type": "number", "minimum": math.nan, "maximum": math.inf}, (None, None)),
        ({"type": "number", "minimum": True, "maximum": "9"}, (None, None)),
        ({"type": "string", "minLength": 2, "maxLength": 400}, (2, 400)),
    ],
)
def test_a_range_is_what_the_schema_takes_and_discord_can_say(
    schema: Mapping[str, Any], bounds: tuple[float | None, float | None]
) -> None:
    option = offered(schema)

    assert (option.minimum, option.maximum) == bounds


def test_a_range_that_excludes_its_ends_is_offered_without_them() -> None:
    option = offered({"type": "number", "exclusiveMinimum": 0, "maximum": 1})

    assert option.minimum is not None
    assert 0 < option.minimum < 0.01


def test_steps_are_offered_as_choices_with_the_default_among_them() -> None:
    schema = {"type": "integer", "multipleOf": 8, "minimum": 64, "maximum": 2048, "default": 1000}
    values = [choice.value for choice in offered(schema).choices]

    assert 1000 in values
    assert len(values) <= 25
    assert all(isinstance(value, int) and value % 8 == 0 for value in values)


@pytest.mark.parametrize("default", [99, "x", [], 1.5, True])
def test_a_default_that_the_model_would_not_take_is_none(default: object) -> None:
    schema = {"type": "integer", "minimum": 1, "maximum": 9, "default": default}

    assert offered(schema).default is None


@pytest.mark.parametrize(
    ("name", "schema", "says"),
    [
        ("key", {"type": "string", "x-cog-secret": True}, "secret"),
        ("key", {"type": "string", "format": "password", "writeOnly": True}, "secret"),
        ("openai_api_key", {"type": "string"}, "secret"),
        ("lora_weights", {"type": "string"}, "weights"),
        ("extra", {"type": "string", "description": "A LoRA from https://huggingface.co"}, "weig"),
        ("style_url", {"type": "string"}, "address"),
        ("mask", FILE, "further file"),
        ("loras", {"type": "array", "items": {"type": "string"}}, "list"),
        ("any", {}, "neither text"),
        ("form", {"type": "string", "pattern": "^a+$"}, "pattern"),
        ("day", {"type": "string", "format": "date"}, "form date"),
        ("steps", {"type": "integer", "minimum": 9, "maximum": 1}, "empty"),
        ("steps", {"type": "number", "multipleOf": 0.1}, "steps"),
        ("style", {"enum": ["x" * 101]}, "100 characters"),
        ("on", {"type": "boolean", "enum": [True]}, "single value"),
        ("user_id", {"type": "string"}, "person"),
        ("workflow_json", {"type": "string"}, "code"),
    ],
)
def test_what_is_not_offered_has_its_reason(
    name: str, schema: Mapping[str, Any], says: str
) -> None:
    assert says in dropped(schema, name=name)


def test_the_operator_may_list_what_leads_to_weights_but_no_secret() -> None:
    inputs = {"prompt": PROMPT, "lora_weights": {"type": "string"}, "api_key": {"type": "string"}}
    model = convert(described(inputs), offer=("lora_weights", "api_key"))

    assert [option.input for option in model.options] == ["lora_weights"]
    assert model.dropped == {"api_key": "a secret"}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("aspect_ratio", "aspect_ratio"),
        ("guidanceScale", "guidancescale"),
        ("Größe", "größe"),
        ("a b/c.d", "a_b_c_d"),
        ("x" * 40, "x" * 32),
        ("model", "variant"),
        ("style", "model_style"),
        ("private", "private_option"),
        ("!!!", "input"),
        ("İ", "i_"),
    ],
)
def test_an_option_is_named_as_the_input_wherever_discord_allows_it(given: str, name: str) -> None:
    option = offered({"type": "boolean"}, name=given)

    assert (option.name, option.input) == (name, given)


def test_two_inputs_that_discord_would_name_alike_get_two_names() -> None:
    inputs = {"prompt": PROMPT, "Look": {"type": "boolean"}, "look": {"type": "boolean"}}

    names = [option.name for option in convert(described(inputs)).options]

    assert names == ["look", "look_2"]


def test_descriptions_are_cut_and_an_absent_one_is_the_name_in_words() -> None:
    assert offered({"type": "boolean"}, name="go_fast").description == "Go fast"
    assert len(offered({"type": "boolean", "description": "é" * 150}).description) <= 100


def test_the_prompt_the_picture_the_seed_and_the_count_are_found_by_name() -> None:
    inputs = {
        "Prompt": PROMPT,
        "input_images": {"type": "array", "items": FILE, "maxItems": 2},
        "seed": {"type": "integer"},
        "num_outputs": {"type": "integer", "minimum": 1, "maximum": 8, "default": 1},
    }
    model = convert(described(inputs))

    assert model.prompt == "Prompt"
    assert model.pictures == Pictures("input_images", is_list=True, most=2)
    assert model.seed == Number("seed", 0, 2**31 - 1)
    assert model.count == Number("num_outputs", 1, 4)
    assert model.abilities == {Ability.GENERATE, Ability.EDIT}
    assert (model.options, model.fixed, model.dropped) == ((), {}, {})


def test_a_model_that_makes_four_by_itself_is_asked_for_one() -> None:
    count = {"type": "integer", "minimum": 1, "maximum": 4, "default": 4}
    model = convert(described({"prompt": PROMPT, "num_outputs": count, "batch_size": count}))

    one, three = (plan(model, Chosen(count=n), Level.LENIENT).options for n in (1, 3))

    assert one == {"num_outputs": 1, "batch_size": 1}
    assert three == {"num_outputs": 3, "batch_size": 1}
    assert "batch_size" in model.dropped


def test_a_count_that_skips_numbers_is_left_alone() -> None:
    model = convert(described({"prompt": PROMPT, "num_outputs": {"enum": [1, 4], "default": 4}}))

    assert (model.count, model.fixed) == (None, {"num_outputs": 1})


def test_an_upscaler_needs_a_picture_and_no_prompt() -> None:
    model = convert(described({"image": FILE, "scale": {"type": "number"}}, required=["image"]))

    assert model.prompt is None
    assert model.pictures == Pictures("image", required=True)
    assert model.abilities == {Ability.UPSCALE}


@pytest.mark.parametrize(
    ("inputs", "required", "says"),
    [
        ({"seed": {"type": "integer"}}, [], "neither a prompt nor a picture"),
        ({"prompt": PROMPT, "image": FILE, "mask": FILE}, ["image", "mask"], "must have mask"),
        ({"prompt": PROMPT, "api_key": {"type": "string"}}, ["api_key"], "must have api_key"),
        ({}, [], "no input schema"),
    ],
)
def test_a_model_that_cannot_be_asked_for_says_why(
    inputs: Mapping[str, Any], required: list[str], says: str
) -> None:
    with pytest.raises(SchemaUnusable, match=says):
        convert(described(inputs, required=required))


@pytest.mark.parametrize(
    ("output", "example", "says"),
    [
        ({"type": "string"}, "A poem.", "text"),
        ({"type": "string", "format": "uri"}, "https://replicate.delivery/x/out.mp4", "mp4"),
        ({"type": "string", "format": "uri"}, "https://replicate.delivery/x/out.glb", "glb"),
        ({"type": "array", "items": {"type": "number"}}, None, "number"),
        (None, None, "no known kind"),
    ],
)
def test_what_makes_no_picture_is_not_offered(output: Any, example: Any, says: str) -> None:
    with pytest.raises(SchemaUnusable, match=says):
        convert(described({"prompt": PROMPT}, output=output, example=example))


def test_films_are_known_by_their_inputs_where_no_example_shows() -> None:
    with pytest.raises(SchemaUnusable, match="fps"):
        convert(described({"prompt": PROMPT, "fps": {"type": "integer"}}))


def test_a_required_input_with_a_default_is_sent_and_may_be_chosen() -> None:
    inputs = {"prompt": PROMPT, "steps": {"type": "integer", "default": 4}}
    model = convert(described(inputs, required=["prompt", "steps"]))

    assert model.fixed == {"steps": 4}
    assert not model.options[0].required
    assert plan(model, Chosen({"steps": 9}), Level.LENIENT).options == {"steps": 9}


@pytest.mark.parametrize(("default", "sent"), [(-1, -1), (None, 0)])
def test_a_required_seed_is_sent_though_nobody_chose_one(default: object, sent: int) -> None:
    inputs = {"prompt": PROMPT, "seed": {"type": "integer", "default": default}}
    model = convert(described(inputs, required=["prompt", "seed"]))

    assert plan(model, Chosen({}), Level.LENIENT).options == {"seed": sent}
    assert plan(model, Chosen({}, seed=7), Level.LENIENT).options == {"seed": 7}


def test_beyond_discords_room_the_useful_are_offered_and_the_rest_is_named() -> None:
    many = {f"knob_{n:02}": {"type": "number", "x-order": n} for n in range(40)}
    needed = {"type": "string", "x-order": 99, "description": "Words"}
    inputs = {"prompt": PROMPT, **many, "aspect_ratio": ENUM, "words": needed}
    model = convert(described(inputs, required=["prompt", "words"]))

    assert [option.name for option in model.options[:3]] == ["words", "aspect_ratio", "knob_00"]
    assert len(options(command([model]))) <= MOST_OPTIONS
    assert len(model.options) + len(model.dropped) == len(many) + 2
    assert "room" in model.dropped["knob_39"]


SAFETY = [
    ("disable_safety_checker", {"type": "boolean", "default": False}, False),
    ("disable_safety_check", {"type": "boolean", "default": True}, False),
    ("allow_nsfw", {"type": "boolean"}, False),
    ("skip_moderation", {"type": "boolean"}, False),
    ("enable_safety_checker", {"type": "boolean", "default": False}, True),
    ("safety_checker", {"type": "boolean"}, True),
    ("nsfw_filter", {"type": "boolean"}, True),
    ("safety_checker", {"enum": ["no", "yes"], "default": "no"}, "yes"),
    ("disable_sc", {"type": "boolean", "description": "Disable safety checker"}, False),
    ("enable_nsfw", {"type": "boolean"}, False),
    ("block_nsfw", {"type": "boolean"}, True),
    ("no_nsfw", {"type": "boolean"}, True),
    ("filter_nsfw", {"type": "boolean"}, True),
    ("NSFW_Detector", {"type": "boolean"}, True),
    ("safety_checker_disabled", {"type": "boolean"}, False),
    ("safe_mode", {"type": "boolean", "default": False}, True),
    ("uncensored", {"type": "boolean"}, False),
    ("unsafe_mode", {"type": "boolean"}, False),
]


@pytest.mark.parametrize(("name", "schema", "value"), SAFETY)
def test_safety_that_is_on_or_off_is_always_on(
    name: str, schema: Mapping[str, Any], value: object
) -> None:
    model = convert(described({"prompt": PROMPT, name: schema}))

    assert model.fixed == {name: value}
    assert model.options == ()
    assert "always" in model.dropped[name]


def test_safety_that_is_not_understood_is_left_alone_and_never_offered() -> None:
    assert "not understood" in dropped({"type": "number"}, name="nsfw_threshold")
    assert "not understood" in dropped({"type": "boolean"}, name="NSFW")
    assert "not understood" in dropped({"type": "boolean"}, name="disable_nsfw")
    assert "not understood" in dropped({"type": "integer"}, name="safety_tolerance")
    assert "not understood" in dropped({"type": "string", "description": "What NSFW is"})


IMAGEN = ["block_none", "block_only_high", "block_medium_and_above", "block_low_and_above"]


def test_degrees_of_safety_are_offered_strictest_first_and_never_none() -> None:
    schema = {"enum": IMAGEN, "type": "string", "default": "block_only_high"}
    (guard,) = convert(described({"prompt": PROMPT, "safety_filter_level": schema})).safeguards

    assert [choice.value for choice in guard.values] == IMAGEN[:0:-1]
    assert (guard.default, guard.with_picture) == (Level.LENIENT, Level.LENIENT)


def test_a_tolerance_has_three_degrees_and_beside_a_picture_what_the_schema_says() -> None:
    about = "0 is most strict; 2 is currently the maximum allowed when input images are used."
    schema = {"type": "integer", "minimum": 0, "maximum": 6, "default": 2, "description": about}
    (guard,) = convert(described({"prompt": PROMPT, "safety_tolerance": schema})).safeguards

    assert [choice.value for choice in guard.values] == [0, 2, 6]
    assert (guard.default, guard.with_picture) == (Level.MEDIUM, Level.MEDIUM)


def test_a_default_between_two_degrees_counts_as_the_stricter() -> None:
    schema = {"type": "integer", "minimum": 1, "maximum": 6}
    (guard,) = convert(described({"prompt": PROMPT, "safety_tolerance": schema})).safeguards

    assert [choice.value for choice in guard.values] == [1, 3, 6]
    assert guard.default is Level.MEDIUM


def test_the_operator_cannot_list_what_weakens_safety() -> None:
    inputs = {"prompt": PROMPT, "disable_safety_checker": {"type": "boolean"}}

    assert convert(described(inputs), offer=["disable_safety_checker"]).options == ()


def test_a_tolerance_may_be_a_list_of_numbers_in_words() -> None:
    schema = {"enum": ["1", "2", "3", "4", "5"], "type": "string", "default": "2"}
    (guard,) = convert(described({"prompt": PROMPT, "safety_tolerance": schema})).safeguards

    assert [choice.value for choice in guard.values] == ["1", "2", "5"]
    assert guard.default is Level.MEDIUM


def test_two_degrees_are_three_of_which_two_are_one() -> None:
    schema = {"enum": ["auto", "low"], "default": "low"}
    (guard,) = convert(described({"prompt": PROMPT, "moderation": schema})).safeguards

    assert [choice.value for choice in guard.values] == ["auto", "auto", "low"]


def test_references_in_a_circle_say_nothing() -> None:
    circle = {"allOf": [{"$ref": "#/components/schemas/circle"}] * 2}
    inputs = {"prompt": PROMPT, "x": {"$ref": "#/components/schemas/circle"}}

    assert "neither" in convert(described(inputs, circle=circle)).dropped["x"]


def options(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = definition["options"]
    return found


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=120)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
REFERENCES = st.sampled_from(
    ["#/components/schemas/a", "#/components/schemas/b", "#", "#/x/~1", ""]
)
WORDS = ("type", "enum", "default", "minimum", "maximum", "exclusiveMinimum", "multipleOf", "items")
MORE = ("format", "description", "x-order", "allOf", "anyOf", "minLength", "maxLength", "pattern")
#: Anything at all where a schema should be.
WILD = st.dictionaries(
    st.sampled_from([*WORDS, *MORE]), JSON | REFERENCES | st.just([{"$ref": "#"}])
)
NAMES = (
    st.sampled_from(["prompt", "image", "seed", "num_outputs", "model", "safety_tolerance", "mask"])
    | st.sampled_from(["disable_safety_checker", "style", "width", "private", "Prompt", "count"])
    | st.text(max_size=40).filter(str.isprintable)  # no request could carry others
)
RANGES = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={
        "minimum": st.integers(-10, 10) | st.floats(-1, 1),
        "maximum": st.integers(0, 90) | st.integers(),
        "exclusiveMinimum": st.integers(-9, 9),
        "exclusiveMaximum": st.integers(-9, 99),
        "multipleOf": st.sampled_from([1, 2, 8]),
        "default": st.integers() | st.floats(-1, 9),
        "enum": st.lists(st.integers() | st.floats(allow_nan=False), min_size=1, max_size=40),
    },
)
TEXTS = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "minLength": st.integers(0, 10),
        "maxLength": st.integers(0, 200),
        "format": st.sampled_from(["uri", "password", "date"]),
        "enum": st.lists(st.text(max_size=120), min_size=1, max_size=40),
        "default": st.text(max_size=20),
        "x-cog-secret": st.booleans(),
    },
)
OTHERS = st.sampled_from(
    [
        {"type": "boolean", "default": True},
        {"$ref": "#/components/schemas/a"},
        {"allOf": [{"$ref": "#/components/schemas/a"}], "default": "1:1"},
        {"anyOf": [{"$ref": "#/components/schemas/a"}, {"type": "null"}]},
        {"anyOf": [{"type": "integer", "minimum": 3}, {"type": "null"}], "default": None},
        {"type": "array", "items": FILE},
        {"enum": [1, "1", True, None, 2.5, "x"]},
        {"const": "always"},
    ]
)
#: Beside values that are listed they may leave none.
LIMITS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"} | {
    "minLength",
    "maxLength",
    "format",
}


def is_sound(schema: dict[str, Any]) -> bool:
    """Whether it contradicts itself nowhere: its default is a value, and there are some."""
    if "enum" in schema and LIMITS & schema.keys():
        return False
    least = max((schema[k] for k in ("minimum", "exclusiveMinimum") if k in schema), default=None)
    most = min((schema[k] for k in ("maximum", "exclusiveMaximum") if k in schema), default=None)
    if least is not None and most is not None and most < least + 16:
        return False
    if schema.get("minLength", 0) > schema.get("maxLength", 200):
        return False
    return "default" not in schema or Draft202012Validator(schema).is_valid(schema["default"])


#: Schemas as they are meant to be.
SOUND = st.builds(
    lambda schema, about: {**schema, **about},
    (RANGES | TEXTS).filter(is_sound) | OTHERS,
    st.fixed_dictionaries(
        {},
        optional={
            "description": st.text(max_size=200) | st.sampled_from(["Hides NSFW", "A URL"]),
            "x-order": st.integers(0, 50),
        },
    ),
)
QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.fuzz
@QUIET
@given(JSON)
def test_no_json_makes_it_fail_otherwise_than_by_a_reason(body: object) -> None:
    with pytest.raises(SchemaUnusable):
        convert(body)


@pytest.mark.fuzz
@QUIET
@given(st.dictionaries(NAMES, WILD, max_size=40), JSON)
def test_any_schema_gives_a_valid_command_or_a_reason(inputs: dict[str, Any], example: Any) -> None:
    body = described({"prompt": PROMPT, **inputs}, example=example, a=ENUM)
    try:
        model = convert(body)
    except SchemaUnusable:
        return

    assert invalid_command(command([model])) == []


@pytest.mark.fuzz
@QUIET
@given(st.dictionaries(NAMES, SOUND, max_size=40), st.lists(NAMES, max_size=3), st.randoms())
def test_whatever_is_chosen_of_a_sound_schema_is_what_the_schema_takes(
    inputs: dict[str, Any], required: list[str], chance: Any
) -> None:
    inputs = {"prompt": PROMPT, **inputs}
    body = described(inputs, required=[name for name in required if name in inputs], a=ENUM)
    try:
        model = convert(body)
    except SchemaUnusable:
        return

    assert invalid_command(command([model])) == []
    assert covered(model) == set(inputs)
    for _ in range(3):
        assert accepted(body, body_of(model, assignment(model, chance))) == []


def covered(model: Model) -> set[str]:
    """Every input that is offered or named as dropped."""
    roles = (model.pictures, model.seed, model.count)
    return {
        *(option.input for option in model.options),
        *(guard.input for guard in model.safeguards),
        *(role.input for role in roles if role is not None),
        *([model.prompt] if model.prompt else []),
        *model.dropped,
    }
