"""Model objects as the API returns them, Discord's limits on a command, a stranger's choices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from jsonschema import Draft202012Validator

from bot.domain.command import COMMON, Field, command, fields
from bot.domain.generation import Value
from bot.domain.model import Level, Model
from bot.request.input import Chosen, plan

SHARED = Path(__file__).parents[4] / "shared"
URI = {"type": "string", "format": "uri", "title": "Output"}

_NAME = re.compile(r"[-_'\w]{1,32}")
_PICTURE = "https://cdn.example/a.png"


def described(
    inputs: Mapping[str, Any],
    *,
    required: Sequence[str] = (),
    output: Any = URI,
    example: Any = None,
    **components: Any,
) -> dict[str, Any]:
    """A model object with these inputs; `components` are further schemas."""
    schemas = {
        "Input": {"type": "object", "properties": dict(inputs), "required": list(required)},
        "Output": output,
        **components,
    }
    return {
        "owner": "some",
        "name": "model",
        "description": "A model of ours",
        "default_example": None if example is None else {"output": example},
        "latest_version": {"openapi_schema": {"components": {"schemas": schemas}}},
    }


def accepted(body: Mapping[str, Any], sent: Mapping[str, Any]) -> list[str]:
    """What a validator built from the real schema says against an input."""
    document = body["latest_version"]["openapi_schema"]
    schema = {"components": document["components"], **document["components"]["schemas"]["Input"]}
    errors = Draft202012Validator(schema).iter_errors(sent)
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in errors]


def invalid_command(definition: Mapping[str, Any]) -> list[str]:
    """What Discord's documented limits say against a command."""
    found: list[str] = []
    options = definition["options"]
    names = [option["name"] for option in options]
    found += [] if len(set(names)) == len(names) <= 25 else ["option names"]
    needed = [option["required"] for option in options]
    found += [] if needed == sorted(needed, reverse=True) else ["required after optional"]
    texts = [definition["name"], definition["description"]]
    for option in options:
        found += _invalid_option(option)
        texts += [option["name"], option["description"]]
        texts += [str(c[key]) for c in option.get("choices", ()) for key in ("name", "value")]
    found += [] if sum(map(len, texts)) <= 8000 else ["too long in all"]
    return found


def _invalid_option(option: Mapping[str, Any]) -> list[str]:
    name, choices = option["name"], option.get("choices", ())
    kinds: dict[int, Any] = {3: str, 4: int, 10: (int, float)}
    rules = {
        "name": bool(_NAME.fullmatch(name)) and name == name.lower(),
        "description": 1 <= len(option["description"]) <= 100,
        "choices or autocomplete": not (choices and option.get("autocomplete")),
        "number of choices": len(choices) <= 25,
        "labels": len({c["name"] for c in choices}) == len(choices)
        and all(1 <= len(c["name"]) <= 100 for c in choices),
        "values": all(isinstance(c["value"], kinds[option["type"]]) for c in choices)
        and all(len(str(c["value"])) <= 100 for c in choices),
        "range": option.get("min_value", -(2**53) + 1) <= option.get("max_value", 2**53 - 1),
        "length": 0 <= option.get("min_length", 0) <= option.get("max_length", 1) <= 6000,
    }
    return [f"{name}: {rule}" for rule, kept in rules.items() if not kept]


def assignment(model: Model, chance: Random) -> dict[str, Any]:
    """Values for the command's options, as somebody would choose who sees nothing else."""
    known = {field.name: field for field in fields([model])}
    options: Any = command([model])["options"]
    return {
        option["name"]: _value(option, known[option["name"]], chance)
        for option in options
        if option["required"] or chance.random() < 0.6
    }


def _value(option: Mapping[str, Any], field: Field, chance: Random) -> Any:
    if field.choices:  # those that are suggested, too
        return chance.choice(field.choices).value
    least, most = option.get("min_value", -(2**53) + 1), option.get("max_value", 2**53 - 1)
    match option["type"]:
        case 3:
            shortest, longest = option.get("min_length", 0), option["max_length"]
            return "x" * chance.randint(shortest, min(longest, shortest + 50))
        case 4:
            return chance.choice([least, most, chance.randint(least, most)])
        case 5:
            return chance.random() < 0.5
        case 10:
            return chance.choice([least, most, chance.uniform(least, most)])
    return _PICTURE


def body_of(model: Model, given: Mapping[str, Any]) -> dict[str, Value | list[str]]:
    """What is sent for it: the plan, the prompt, the picture."""
    own = {name: value for name, value in given.items() if name not in COMMON}
    for guard in model.safeguards:
        if "image" in given and guard.with_picture is not Level.LENIENT:
            own.pop(guard.input, None)  # what is too lenient beside a picture is refused
    most = model.count.maximum if model.count else 4
    count, pictures = min(given.get("count", 1), most), int("image" in given)
    chosen = Chosen(own, count=count, seed=given.get("seed"), pictures=pictures)
    sent: dict[str, Value | list[str]] = dict(plan(model, chosen, Level.LENIENT).options)
    if model.prompt is not None:
        sent[model.prompt] = given["prompt"]
    if "image" in given and model.pictures is not None:
        sent[model.pictures.input] = [_PICTURE] if model.pictures.is_list else _PICTURE
    return sent


@cache
def discord_rules(specification: str) -> Draft202012Validator:
    """Discord's own description of a command."""
    import json

    parsed = json.loads(specification)
    pointer = "#/components/schemas/ApplicationCommandCreateRequest"
    return Draft202012Validator({"components": parsed["components"], "$ref": pointer})
