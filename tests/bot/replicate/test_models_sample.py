"""The converter over real models, as the API returns them, where they are at hand."""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import Any

import pytest

from bot.domain.command import command
from bot.errors import SchemaUnusable
from bot.replicate.convert import convert
from tests.bot.replicate.schemas import (
    SHARED,
    accepted,
    assignment,
    body_of,
    discord_rules,
    invalid_command,
)

SAMPLE = SHARED / "replicate" / "models-sample.json"
SPECIFICATION = SHARED / "discord" / "openapi.json"
#: It must be given a picture and a mask, and a command attaches one file.
UNUSABLE = {"stability-ai/stable-diffusion-inpainting": "must have mask"}

pytestmark = pytest.mark.skipif(
    not SAMPLE.exists() or not SPECIFICATION.exists(), reason=f"no real models at {SAMPLE}"
)


@cache
def bodies() -> dict[str, Any]:
    if not SAMPLE.exists():
        return {}
    models = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return {f"{model['owner']}/{model['name']}": model for model in models}


usable = pytest.mark.parametrize("name", sorted(bodies().keys() - UNUSABLE))


@usable
def test_a_real_model_gives_a_command_that_discord_takes(name: str) -> None:
    definition = command([convert(bodies()[name])])

    rules = discord_rules(SPECIFICATION.read_text(encoding="utf-8"))
    assert [error.message for error in rules.iter_errors(definition)] == []
    assert invalid_command(definition) == []


@usable
def test_whatever_is_chosen_the_real_schema_accepts(name: str) -> None:
    model, chance = convert(bodies()[name]), Random(name)  # a seed of its own: the same each time

    for _ in range(20):
        assert accepted(bodies()[name], body_of(model, assignment(model, chance))) == []


@usable
def test_every_input_is_offered_or_has_its_reason(name: str) -> None:
    body = bodies()[name]
    model = convert(body)
    schema = body["latest_version"]["openapi_schema"]["components"]["schemas"]["Input"]
    roles = [role.input for role in (model.pictures, model.seed, model.count) if role]
    offered = {*(o.input for o in model.options), *(g.input for g in model.safeguards), *roles}

    assert {*schema["properties"]} == offered | {*model.dropped} | {model.prompt} - {None}
    assert all(model.dropped.values())
    assert not offered & {*model.dropped}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_real_model_that_cannot_be_offered_says_why(name: str) -> None:
    if name not in bodies():
        pytest.skip(f"{name} is not in the sample")
    with pytest.raises(SchemaUnusable, match=UNUSABLE[name]):
        convert(bodies()[name])
