"""The catalogue: its files, what is wrong with them, and the shipped ones beside real schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.domain.command import COMMON, command
from bot.domain.generation import Price
from bot.domain.model import (
    Ability,
    Choice,
    Kind,
    Level,
    Model,
    Number,
    Option,
    Pictures,
    Safeguard,
)
from bot.errors import ConfigError
from bot.replicate import catalogue
from bot.replicate.catalogue.reading import read
from bot.replicate.catalogue.writing import write
from bot.replicate.convert import convert
from bot.replicate.roles import COUNTS
from tests.bot.replicate.schemas import (
    SHARED,
    accepted,
    assignment,
    body_of,
    described,
    discord_rules,
    invalid_command,
)

SHIPPED = (
    *("black-forest-labs/flux-1.1-pro", "black-forest-labs/flux-1.1-pro-ultra"),
    *("black-forest-labs/flux-dev", "black-forest-labs/flux-kontext-pro"),
    *("black-forest-labs/flux-schnell", "bytedance/seedream-4", "google/imagen-4"),
    *("google/imagen-4-fast", "google/imagen-4-ultra", "google/nano-banana"),
    *("ideogram-ai/ideogram-v3-turbo", "nightmareai/real-esrgan", "qwen/qwen-image"),
    "recraft-ai/recraft-v3",
)
SAMPLE = SHARED / "replicate" / "models-sample.json"
TYPES = SHARED / "replicate" / "model-inputs-2025-12.json"
SPECIFICATION = SHARED / "discord" / "openapi.json"
at_hand = pytest.mark.skipif(not TYPES.exists(), reason=f"no real schemas at {TYPES}")
every_shipped = pytest.mark.parametrize("name", SHIPPED)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / catalogue.file_name(name)
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        read(written(folder, "some/model", text), "some/model")
    return {problem.key: problem.what for problem in caught.value.problems}


LEAST = 'model = "some/model"\nabilities = ["generate"]\nprompt = "prompt"\n'


def test_what_is_shipped_is_this() -> None:
    assert catalogue.names() == SHIPPED
    assert tuple(model.name for model in catalogue.every()) == SHIPPED


def test_models_come_in_the_order_they_are_asked_for() -> None:
    names = ("qwen/qwen-image", "google/imagen-4-ultra")

    assert tuple(model.name for model in catalogue.load(names)) == names


def test_a_model_that_is_not_there_is_named_with_the_remedy() -> None:
    with pytest.raises(ConfigError) as caught:
        catalogue.load(["a/b", "google/imagen-4", "c/d"])

    assert [problem.key for problem in caught.value.problems] == ["a/b", "c/d"]
    assert "models add a/b" in caught.value.problems[0].remedy


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a", "", "/etc", "a/b/c", "./.", "a\\b/c"])
def test_a_name_leads_to_no_file_elsewhere(name: str, tmp_path: Path) -> None:
    assert catalogue.file_of(name, tmp_path) is None


def test_the_operators_file_wins_and_adds(tmp_path: Path) -> None:
    written(tmp_path, "some/model", LEAST)
    mine = LEAST.replace("some/model", "google/imagen-4") + 'title = "Mine"\n'
    written(tmp_path, "google/imagen-4", mine)

    assert catalogue.names(tmp_path) == tuple(sorted([*SHIPPED, "some/model"]))
    assert catalogue.load(["google/imagen-4"], tmp_path)[0].title == "Mine"


def test_a_broken_file_hurts_only_those_who_ask_for_it(tmp_path: Path) -> None:
    written(tmp_path, "some/model", "what?")

    assert len(catalogue.load(["google/imagen-4"], tmp_path)) == 1
    with pytest.raises(ConfigError, match="is no TOML"):
        catalogue.every(tmp_path)


def test_every_problem_of_a_file_is_told_at_once_with_file_and_key(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """
        model = "other/model"
        abilities = ["paint"]
        colour = 1
        outputs = 0
        [seed]
        input = "seed"
        minimum = 9
        maximum = 1
        [price]
        usd = "much"
        [[options]]
        name = "Model"
        kind = "colour"
        default = 3
        [[options]]
        name = "look"
        kind = "string"
        choices = ["a", 1, "a"]
        labels = {b = "B"}
        [[safeguards]]
        input = "look"
        strict = "x"
        """,
    )

    file = "some--model.toml"
    assert found.keys() >= {
        f"{file}: model",
        f"{file}: abilities",
        f"{file}: colour",
        f"{file}: outputs",
        f"{file}: options",
        f"{file}: prompt",
        f"{file}: seed: minimum",
        f"{file}: price: usd",
        f"{file}: price: source",
        f"{file}: options 1: name",
        f"{file}: options 1: kind",
        f"{file}: options 1: default",
        f"{file}: options 2: choices",
        f"{file}: options 2: labels",
        f"{file}: safeguards 1: lenient",
    }


@pytest.mark.parametrize("also", ["", 'input = "look"\n'])
def test_a_file_of_before_there_were_styles_is_read_with_the_models_own_under_another_name(
    tmp_path: Path, also: str
) -> None:
    head = 'model = "some/model"\nabilities = ["generate"]\ntitle = "M"\nprompt = "prompt"\n'
    text = f'{head}[[options]]\nname = "style"\n{also}choices = ["a"]\n'

    [option] = read(written(tmp_path, "some/model", text), "some/model").options

    assert (option.name, option.input) == ("model_style", "look" if also else "style")


@pytest.mark.parametrize(
    "text", ["", "x = ", "\udcff".encode("utf-8", "surrogatepass").decode("latin-1")]
)
def test_what_is_no_model_is_a_problem(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)


def test_a_file_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    path = written(tmp_path, "some/model", "")
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match="cannot be read"):
        read(path, "some/model")


FULL = Model(
    name="some/model",
    title="Some “Model”",
    abilities=frozenset({Ability.EDIT, Ability.GENERATE}),
    prompt="prompt",
    options=(
        Option("look", "Style", Kind.STRING, "The style", (Choice("a\x7f", "A"), Choice("b", "b"))),
        Option("steps", "steps", Kind.INTEGER, "Steps", default=4, minimum=1, maximum=9),
        Option("scale", "scale", Kind.NUMBER, "Scale", default=0.5, minimum=1e-5, required=True),
        Option("raw", "raw", Kind.BOOLEAN, "Raw", default=False),
    ),
    description="Line\nand \\ slash",
    pictures=Pictures("images", is_list=True, required=True, most=3),
    seed=Number("seed", 0, 2**31 - 1),
    count=Number("num_outputs", 1, 4),
    safeguards=(
        Safeguard(
            "safety_tolerance",
            "Safety",
            (Choice(0, "0: strict"), Choice(2, "2"), Choice(6, "6")),
            Level.MEDIUM,
            Level.MEDIUM,
        ),
    ),
    fixed={"disable_safety_checker": False, "quoted key": 1},
    outputs=2,
    price=Price(39_000, "2025-11-01", "its page"),
    dropped={"mask": "a further file", "": "no name"},
    schema="0123456789abcdef",
    longest_prompt=900,
)


def test_what_is_written_is_read_back_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, "some/model", write(FULL, "A note\n\nof two lines"))

    assert read(path, "some/model") == FULL


@pytest.mark.fuzz
@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.text(max_size=40),
        st.fixed_dictionaries(
            {"type": st.sampled_from(["string", "integer", "number", "boolean"])},
            optional={
                "description": st.text(max_size=120),
                "default": st.text(max_size=9) | st.integers() | st.floats() | st.booleans(),
                "enum": st.lists(st.text(max_size=110) | st.integers() | st.floats(), max_size=9),
                "minimum": st.floats(-9, 9),
            },
        ),
        max_size=12,
    )
)
def test_whatever_a_schema_gives_is_written_and_read_back_the_same(
    tmp_path: Path, inputs: dict[str, Any]
) -> None:
    model = convert(described({**inputs, "prompt": {"type": "string"}}))
    path = written(tmp_path, "some/model", write(model))

    assert read(path, "some/model") == model


@every_shipped
def test_a_shipped_model_is_complete_and_gives_a_valid_command(name: str) -> None:
    (model,) = catalogue.load([name])

    assert model.title != name
    assert model.description
    assert not {option.name for option in model.options} & set(COMMON)
    assert invalid_command(command([model])) == []
    if model.price is not None:
        assert model.price.source
        assert model.price.as_of


def test_all_that_is_shipped_fits_one_command() -> None:
    assert invalid_command(command(catalogue.every())) == []


def test_the_default_model_keeps_its_labels_and_defaults() -> None:
    (model,) = catalogue.load(["google/imagen-4-ultra"])

    labels = [choice.label for option in model.options for choice in option.choices]
    assert labels[:2] == ["Square 1:1", "Tall 9:16"]
    assert [option.default for option in model.options] == ["1:1", "jpg"]
    assert model.safeguards[0].values[2] == Choice(
        "block_only_high", "Lenient: blocks only the worst"
    )
    assert model.safeguards[0].default is Level.LENIENT


def typed(name: str) -> dict[str, Any]:
    """The inputs of a model as somebody generated types from its schema, late in 2025."""
    key = name.replace("/", "-").replace(".", "-")
    found: dict[str, Any] = json.loads(TYPES.read_text(encoding="utf-8"))
    inputs: dict[str, Any] = found.get(key, {"input": {}})["input"]
    return inputs


def bodies() -> dict[str, Any]:
    models = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return {f"{model['owner']}/{model['name']}": model for model in models}


def schema_of(inputs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A schema as strict as those types are."""
    kinds = {"string": {"type": "string"}, "number": {"type": "number"}}
    kinds |= {"boolean": {"type": "boolean"}, "string[]": {"type": "array"}}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, each in inputs.items() if each["required"]],
        "properties": {
            name: {"enum": each["enum"]}
            if "enum" in each
            else kinds[each["type"].removesuffix(" | null")]
            for name, each in inputs.items()
        },
    }


@at_hand
@every_shipped
def test_whatever_is_chosen_of_a_shipped_model_its_real_schema_accepts(name: str) -> None:
    (model,) = catalogue.load([name])
    raw, inputs, chance = bodies().get(name), typed(name), Random(name)

    assert raw or inputs
    for _ in range(40):
        sent = body_of(model, assignment(model, chance))
        if raw:
            assert accepted(raw, sent) == []
        if inputs:
            errors = Draft202012Validator(schema_of(inputs)).iter_errors(sent)
            assert [error.message for error in errors] == []


@at_hand
@every_shipped
def test_a_shipped_model_knows_every_input_of_its_real_schema(name: str) -> None:
    (model,) = catalogue.load([name])
    roles = [role.input for role in (model.pictures, model.seed, model.count) if role]
    known = {*(o.input for o in model.options), *(g.input for g in model.safeguards), *roles}
    known |= {*model.dropped, *([model.prompt] if model.prompt else [])}

    real = typed(name).keys()
    if name in bodies():
        schemas = bodies()[name]["latest_version"]["openapi_schema"]["components"]["schemas"]
        real |= schemas["Input"]["properties"].keys()
    assert known == real


@at_hand
@every_shipped
def test_a_shipped_model_is_asked_for_one_image_whatever_it_makes_by_itself(name: str) -> None:
    (model,) = catalogue.load([name])
    if name not in bodies():
        pytest.skip("no real schema with defaults")
    schemas = bodies()[name]["latest_version"]["openapi_schema"]["components"]["schemas"]
    inputs = schemas["Input"]["properties"]

    asked = {model.fixed.get(n, inputs[n].get("default")) for n in COUNTS if n in inputs}

    assert asked <= {1}


@at_hand
@every_shipped
def test_a_shipped_model_offers_the_values_of_its_real_schema(name: str) -> None:
    (model,) = catalogue.load([name])
    real = {key: each["enum"] for key, each in typed(name).items() if "enum" in each}

    offered = {o.input: [c.value for c in o.choices] for o in model.options if o.choices}
    guarded = {g.input for g in model.safeguards} | set(model.dropped)
    if real:
        assert offered == {key: values for key, values in real.items() if key not in guarded}
    for guard in model.safeguards:
        if guard.input in real:
            assert [choice.value for choice in guard.values] == real[guard.input]


@at_hand
@every_shipped
def test_a_shipped_models_hash_is_that_of_the_schema_it_was_made_from(name: str) -> None:
    (model,) = catalogue.load([name])

    if model.schema:
        assert model.schema == convert(bodies()[name]).schema


@at_hand
@every_shipped
def test_discord_takes_the_command_of_a_shipped_model(name: str) -> None:
    rules = discord_rules(SPECIFICATION.read_text(encoding="utf-8"))

    definition = command(catalogue.load([name]))
    assert [error.message for error in rules.iter_errors(definition)] == []
