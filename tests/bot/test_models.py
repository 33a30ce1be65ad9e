"""`python -m bot models`: a process of its own, real files, a small real server as the provider."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.cli.models import Mark, _compared, differences
from bot.domain.command import command
from bot.replicate import catalogue
from bot.replicate.client import connect
from bot.replicate.convert import convert
from bot.settings.config import ProviderSettings
from tests.bot.command import API_TOKEN, imagine
from tests.bot.replicate.schemas import described

PROMPT = {"type": "string", "description": "What to show"}
INPUTS: dict[str, Any] = {
    "prompt": PROMPT,
    "style": {"enum": ["oil", "ink"], "type": "string", "default": "ink"},
    "mask": {"type": "string", "format": "uri"},
}
SOME = described(INPUTS)
OTHER = {**described({"text": {"type": "string"}}, output={"type": "string"}), "name": "poet"}


def file(folder: Path, content: object) -> str:
    path = folder / "models.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


async def test_a_file_of_models_becomes_model_files_and_lines_of_json(tmp_path: Path) -> None:
    schema = file(tmp_path, [SOME, OTHER])

    outcome = await imagine(tmp_path, "models", "add", "--schema", schema, "--json")

    some, poet = map(json.loads, outcome.out.splitlines())
    assert (outcome.code, outcome.err) == (0, "")
    assert some == {
        "model": "some/model",
        "ok": True,
        "reason": None,
        "dropped": {"mask": "one picture can be attached, and this is a further file"},
        "command": command([convert(SOME)]),
    }
    assert (poet["ok"], poet["command"], poet["dropped"]) == (False, None, {})
    assert "text" in poet["reason"]
    folder = tmp_path / "data" / "models"
    assert [path.name for path in folder.iterdir()] == ["some--model.toml"]
    assert catalogue.load(["some/model"], folder)[0].options == convert(SOME).options


async def test_what_is_not_offered_is_told_with_the_reason(tmp_path: Path) -> None:
    schema = file(tmp_path, SOME)

    outcome = await imagine(tmp_path, "models", "add", "--schema", schema, "--out", "mine")

    assert outcome.code == 0
    assert "✓ some/model: 1 options" in outcome.out
    assert "not offered: mask (one picture" in outcome.out
    assert (tmp_path / "mine" / "some--model.toml").exists()


async def test_a_file_without_a_name_is_given_one(tmp_path: Path) -> None:
    schema = file(tmp_path, SOME["latest_version"]["openapi_schema"])

    outcome = await imagine(tmp_path, "models", "add", "my/own", "--schema", schema)

    assert outcome.code == 0
    assert (tmp_path / "data" / "models" / "my--own.toml").exists()


async def test_only_the_models_that_are_named_are_added(tmp_path: Path) -> None:
    schema = file(tmp_path, {"results": [SOME, OTHER]})

    outcome = await imagine(tmp_path, "models", "add", "some/model", "a/b", "--schema", schema)

    assert outcome.code == 0
    assert "some/poet" not in outcome.out
    assert "✗ a/b: the file does not hold it." in outcome.out


@pytest.mark.parametrize("content", ["", "nonsense", "[" * 100_000, "7"])
async def test_a_file_that_holds_no_model_ends_with_a_sentence(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "x.json").write_text(content)

    outcome = await imagine(tmp_path, "models", "add", "--schema", "x.json")

    assert (outcome.code, outcome.err) == (2, "x.json holds no JSON of a model.\n")


async def test_without_names_and_file_nothing_is_asked_of_anybody(tmp_path: Path) -> None:
    outcome = await imagine(tmp_path, "models", "add")

    assert (outcome.code, outcome.err) == (
        2,
        "Name the models to add, or give a file with --schema.\n",
    )


async def test_a_file_that_is_there_stays_unless_forced_and_keeps_title_and_price(
    tmp_path: Path,
) -> None:
    schema = file(tmp_path, SOME)
    add = ("models", "add", "--schema", schema)
    await imagine(tmp_path, *add)
    path = tmp_path / "data" / "models" / "some--model.toml"
    mine = path.read_text(encoding="utf-8").replace('title = "Model"', 'title = "Mine"')
    path.write_text(mine + '[price]\nusd = 0.5\nas_of = 2026-11-01\nsource = "me"\n')

    left = await imagine(tmp_path, *add)
    kept = path.read_text(encoding="utf-8")
    forced = await imagine(tmp_path, *add, "--force")

    assert "--force replaces it" in left.out
    assert 'title = "Mine"' in kept
    assert "✓ some/model" in forced.out
    (model,) = catalogue.load(["some/model"], path.parent)
    assert model.price is not None
    assert (model.title, model.price.micros, model.price.as_of) == ("Mine", 500_000, "2026-11-01")


async def test_the_catalogue_is_listed_shown_and_removed_from(tmp_path: Path) -> None:
    await imagine(tmp_path, "models", "add", "--schema", file(tmp_path, SOME))

    listed = await imagine(tmp_path, "models", "list")
    shown = await imagine(tmp_path, "models", "show", "some/model")
    refused = await imagine(tmp_path, "models", "remove", "google/imagen-4", "--yes")
    removed = await imagine(tmp_path, "models", "remove", "some/model", "--yes")
    gone = await imagine(tmp_path, "models", "show", "some/model")

    rows = [line.split() for line in listed.out.splitlines()]
    assert ["some/model", "generate", "–", "yours"] in rows
    assert ["bytedance/seedream-4", "edit,", "generate", "$0.03", "shipped"] in rows
    assert 'model = "some/model"' in shown.out
    assert (refused.code, removed.code) == (1, 0)
    assert gone.code == 2
    assert "python -m bot models add some/model" in gone.err


async def test_a_file_that_cannot_be_used_is_named_by_list(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "models"
    folder.mkdir(parents=True)
    (folder / "some--model.toml").write_text("colour = 1")

    outcome = await imagine(tmp_path, "models", "list")

    assert outcome.code == 2
    assert "google/imagen-4-ultra" in outcome.out
    assert "some--model.toml: colour" in outcome.err


class Provider:
    """Shows the models it is given."""

    def __init__(self) -> None:
        self.models: dict[str, Any] = {}

    async def show(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {API_TOKEN}"
        body = self.models.get(request.path.removeprefix("/v1/models/"))
        if body is None:
            return web.json_response({"detail": "Not found", "status": 404}, status=404)
        return web.json_response(body)


@pytest.fixture
async def provider() -> AsyncIterator[tuple[Provider, Mapping[str, str]]]:
    shown = Provider()
    app = web.Application()
    app.router.add_get("/v1/models/{owner}/{name}", shown.show)
    async with TestServer(app) as server:
        url = str(server.make_url("/v1"))
        yield shown, {"REPLICATE_API_URL": url, "REPLICATE_API_TOKEN": API_TOKEN}


async def test_a_model_is_added_from_the_provider_with_no_discord_token(
    tmp_path: Path, provider: tuple[Provider, Mapping[str, str]]
) -> None:
    shown, settings = provider
    shown.models["some/model"] = SOME

    outcome = await imagine(
        tmp_path, "models", "add", "some/model", "not/there", "what", settings=settings
    )

    assert outcome.code == 0
    assert "✓ some/model" in outcome.out
    assert "✗ not/there: 127.0.0.1 does not show it" in outcome.out
    assert '✗ what: its name is not "owner/name".' in outcome.out


async def test_without_a_provider_the_settings_it_needs_are_named(tmp_path: Path) -> None:
    outcome = await imagine(tmp_path, "models", "add", "some/model")

    assert outcome.code == 2
    assert "REPLICATE_API_URL" in outcome.err
    assert "DISCORD_TOKEN" not in outcome.err


async def test_check_tells_what_is_as_it_was_and_what_changed(
    tmp_path: Path, provider: tuple[Provider, Mapping[str, str]]
) -> None:
    shown, settings = provider
    shown.models["some/model"] = SOME
    check = ("models", "check", "some/model")
    await imagine(tmp_path, "models", "add", "some/model", settings=settings)

    same = await imagine(tmp_path, *check, settings=settings)
    style = {**INPUTS["style"], "enum": ["oil"]}
    shown.models["some/model"] = described({"prompt": PROMPT, "style": style, "size": PROMPT})
    changed = await imagine(tmp_path, *check, settings=settings)
    shown.models.clear()
    unknown = await imagine(tmp_path, *check, settings=settings)

    assert (same.code, same.out) == (0, "✓ some/model: as it is here\n")
    assert changed.code == 1
    assert "✗ some/model: changed: size is new; mask is gone; style takes other" in changed.out
    assert unknown.code == 0
    assert unknown.out == "– some/model: cannot be known, 127.0.0.1 does not tell\n"


async def test_what_replicate_itself_does_not_know_is_retired(
    provider: tuple[Provider, Mapping[str, str]],
) -> None:
    _, environment = provider
    official = {**environment, "REPLICATE_API_URL": "https://api.replicate.com/v1"}
    async with connect(environment["REPLICATE_API_URL"], API_TOKEN) as client:
        found = await _compared(client, ProviderSettings.parse(official), convert(SOME))

    assert (found.mark, found.says) == (
        Mark.BAD,
        "retired: api.replicate.com does not know it any more",
    )


def test_words_and_order_are_no_change() -> None:
    reworded = {name: {**schema, "description": "x"} for name, schema in INPUTS.items()}

    assert differences(convert(SOME), described(dict(reversed(reworded.items())))) == []


def test_a_model_that_makes_something_else_now_is_a_change() -> None:
    now = described({**INPUTS, "more": PROMPT}, output={"type": "string"})

    assert differences(convert(SOME), now)[-1].startswith("it cannot be offered any more")
