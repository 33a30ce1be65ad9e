"""`/imagine` for any models is a command that Discord takes, and loses none of their options."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands

from bot.domain.command import COMMON, MOST_OPTIONS, STYLE, TOTAL, command, fields
from bot.domain.model import Choice, Kind, Model, Option
from bot.gateway.slash import slash, suggested
from bot.record import replace
from tests.models import QUICK, RETOUCH, listed


def options(*models: Model) -> dict[str, dict[str, Any]]:
    made: Any = command(models)
    return {option["name"]: option for option in made["options"]}


def with_option(model: Model, **changes: Any) -> Model:
    option = Option("x", "x", Kind.STRING, "X")
    return replace(model, options=(replace(option, **changes),))


def test_what_must_be_filled_in_comes_first() -> None:
    made: Any = command([RETOUCH])

    assert [o["name"] for o in made["options"] if o["required"]] == ["prompt", "image"]
    assert [o["required"] for o in made["options"]] == sorted(
        (o["required"] for o in made["options"]), reverse=True
    )


def test_one_model_needs_no_choice_of_models() -> None:
    assert "model" not in options(QUICK)
    assert [c["value"] for c in options(QUICK, RETOUCH)["model"]["choices"]] == [
        "maker/quick",
        "maker/retouch",
    ]


def test_an_input_that_only_some_models_need_is_optional() -> None:
    assert not options(QUICK, RETOUCH)["image"]["required"]


def test_choices_are_the_union_and_what_most_models_take_comes_first() -> None:
    models = [
        with_option(QUICK, choices=listed("a", "b")),
        with_option(RETOUCH, choices=listed("c", "b")),
    ]

    assert [choice["value"] for choice in options(*models)["x"]["choices"]] == ["b", "a", "c"]


def test_ranges_are_the_widest() -> None:
    models = [
        with_option(QUICK, kind=Kind.INTEGER, minimum=1, maximum=4),
        with_option(RETOUCH, kind=Kind.NUMBER, minimum=2.5, maximum=None),
    ]

    assert options(*models)["x"] == {
        "type": 10,
        "name": "x",
        "description": "X",
        "required": False,
        "min_value": 1,
    }


def test_kinds_that_do_not_go_together_are_asked_for_as_text_with_suggestions() -> None:
    models = [
        with_option(QUICK, kind=Kind.BOOLEAN),
        with_option(RETOUCH, choices=listed("auto", "on")),
    ]

    [field] = [field for field in fields(models) if field.name == "x"]

    assert (field.kind, field.suggests) == (Kind.STRING, True)
    assert [choice.value for choice in field.choices] == ["auto", "on"]


def test_more_choices_than_discord_shows_are_suggested() -> None:
    many = tuple(Choice(f"v{number}", f"v{number}") for number in range(26))

    found = options(with_option(QUICK, choices=many))["x"]

    assert found["autocomplete"]
    assert "choices" not in found


def test_a_default_is_told_where_all_models_agree() -> None:
    same = with_option(QUICK, default="a"), with_option(RETOUCH, default="a")
    other = with_option(RETOUCH, default="b")

    assert options(*same)["x"]["description"] == "X (default: a)"
    assert options(same[0], other)["x"]["description"] == "X"


def test_a_style_is_suggested_where_any_model_takes_a_prompt() -> None:
    upscaler = replace(QUICK, prompt=None)

    [style] = [field for field in fields([QUICK, upscaler]) if field.name == STYLE]

    assert style.as_json()["autocomplete"] is True
    assert not style.required
    assert STYLE not in [field.name for field in fields([upscaler])]


def test_a_safeguard_is_offered_from_the_strictest() -> None:
    found = options(QUICK)["safety_tolerance"]

    assert [choice["value"] for choice in found["choices"]] == [1, 2, 6]
    assert found["type"] == 4


def test_options_for_which_there_is_no_room_are_left_out() -> None:
    own = tuple(Option(f"o{n}", f"o{n}", Kind.INTEGER, "X") for n in range(30))
    model = replace(QUICK, options=own, safeguards=())

    made = options(model)

    assert len(made) == MOST_OPTIONS
    assert set(made) >= set(COMMON) - {"model", "image", "improve"}


def test_improving_is_offered_only_where_a_text_model_does_it() -> None:
    assert "improve" not in {field.name for field in fields([QUICK])}
    [field] = [field for field in fields([QUICK], improves=True) if field.name == "improve"]
    assert (field.kind, field.required) == (Kind.BOOLEAN, False)


def test_a_command_that_is_too_long_suggests_its_longest_lists() -> None:
    long = tuple(Choice(f"{number:090}", f"{number:090}") for number in range(25))
    own = tuple(Option(f"o{n}", f"o{n}", Kind.STRING, "X", long) for n in range(4))

    found = fields([replace(QUICK, options=own)])

    assert sum(field.length for field in found) <= TOTAL
    assert any(not field.suggests for field in found if field.name.startswith("o"))


@pytest.mark.parametrize("models", [[QUICK], [RETOUCH], [QUICK, RETOUCH]], ids=len)
def test_discord_py_registers_exactly_this(models: list[Model]) -> None:
    async def run(*_: Any) -> None: ...

    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    registered: Any = slash(fields(models), run).to_dict(tree)
    made: Any = command(models)

    def plain(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = ("type", "name", "description", "required", "autocomplete", "min_value", "max_value")
        return [
            {key: each[key] for key in kept if each.get(key) is not None}
            | {"choices": [(c["name"], c["value"]) for c in each.get("choices", ())]}
            for each in given
        ]

    assert plain(registered["options"]) == plain(made["options"])


@pytest.mark.parametrize(
    ("typed", "found"), [("", ["Sepia", "Old sepia", "Blue"]), ("sep", ["Sepia", "Old sepia"])]
)
def test_suggestions_contain_what_was_typed_and_begin_with_it_first(
    typed: str, found: list[str]
) -> None:
    choices = listed("Sepia", "Old sepia", "Blue")

    assert [choice.label for choice in suggested(choices, typed)] == found


def about(name: str, *models: Model) -> str:
    return next(field.description for field in fields(models) if field.name == name)


def test_no_default_is_told_where_the_place_decides() -> None:
    [guard] = QUICK.safeguards
    told = "1 is strict, 6 is lenient. The default is 6. Only for images"
    telling = replace(QUICK, safeguards=(replace(guard, description=told),))
    nothing_else = replace(QUICK, safeguards=(replace(guard, description="Safety (default: 6)"),))

    assert about("safety_tolerance", telling) == "1 is strict, 6 is lenient. Only for images"
    assert "default" not in about("safety_tolerance", nothing_else)
    assert about("model", QUICK, RETOUCH) == "Who makes it (default: this channel's)"


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": Kind.INTEGER},
        {"kind": Kind.NUMBER, "minimum": 0, "maximum": 1.5},
        {"kind": Kind.NUMBER, "choices": (Choice(1, "1"), Choice(2, "2"))},
        {"kind": Kind.INTEGER, "choices": tuple(Choice(n, str(n)) for n in range(26))},
    ],
    ids=["no bounds", "mixed bounds", "whole choices of a number", "suggested integers"],
)
def test_discord_py_takes_every_kind_of_option(changes: dict[str, Any]) -> None:
    async def run(*_: Any) -> None: ...

    made = slash(fields([with_option(QUICK, **changes)]), run)

    assert made.get_parameter("x") is not None or "x" in [p.display_name for p in made.parameters]
