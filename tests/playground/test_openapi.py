"""The playground's bodies against Discord's own description of its API, where it is at hand."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from jsonschema import Draft202012Validator

from tests.playground.panel import MODELS, archive
from tests.playground.place import Place, picture

SPECIFICATION = Path(__file__).parents[3] / "shared" / "discord" / "openapi.json"

pytestmark = pytest.mark.skipif(
    not SPECIFICATION.exists(), reason=f"Discord's openapi.json is not at {SPECIFICATION}"
)

#: Where our answers differ, and why that is bearable. A deviation that is gone must go from here.
KNOWN_DEVIATIONS = {
    ("get", "/users/@me/guilds"): "SimCord leaves out owner and permissions; no bot of ours asks",
}

CHANNEL, MESSAGE = "/channels/{channel_id}", "/channels/{channel_id}/messages/{message_id}"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
BUTTONS = [
    {"type": 1, "components": [{"type": 2, "style": 4, "label": "Cancel", "custom_id": "c"}]}
]
COMMANDS = [
    {
        "name": "draw",
        "description": "Draw",
        "type": 1,
        "nsfw": False,
        "contexts": [0],
        "integration_types": [0],
        "options": [
            {
                "type": 3,
                "name": "shape",
                "description": "Which",
                "choices": [{"name": "Square", "value": "1:1"}],
            }
        ],
    }
]


@cache
def specification() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(SPECIFICATION.read_text(encoding="utf-8"))
    return parsed


def violations(method: str, path: str, body: Any, status: str = "200") -> list[str]:
    """What the specification says against `body` as the answer to `method path`."""
    answer = specification()["paths"][path][method]["responses"][status]
    if "$ref" in answer:
        answer = specification()["components"]["responses"][answer["$ref"].split("/")[-1]]
    schema = {
        "components": specification()["components"],
        "allOf": [answer["content"]["application/json"]["schema"]],
    }
    errors = Draft202012Validator(schema).iter_errors(body)
    return [f"{list(error.absolute_path)}: {error.message[:300]}" for error in errors]


async def register(place: Place) -> Any:
    path = f"/applications/{place.world.application_id}/commands"
    return (await place.call("PUT", path, json=COMMANDS))[1]


def filled(path: str, place: Place) -> str:
    return (
        path.replace("{channel_id}", place.channel)
        .replace("{guild_id}", str(place.world.guild_id))
        .replace("{user_id}", place.person)
        .replace("{application_id}", str(place.world.application_id))
    )


@pytest.mark.parametrize(
    "path",
    [
        "/users/@me",
        "/users/@me/guilds",
        "/oauth2/applications/@me",
        "/gateway",
        "/gateway/bot",
        "/applications/{application_id}/commands",
        CHANNEL,
        "/guilds/{guild_id}",
        "/guilds/{guild_id}/members/{user_id}",
        "/guilds/{guild_id}/auto-moderation/rules",
    ],
)
async def test_what_a_bot_reads_is_as_specified(place: Place, path: str) -> None:
    await register(place)
    status, body = await place.call("GET", filled(path, place))

    assert status == 200
    assert bool(violations("get", path, body)) is (("get", path) in KNOWN_DEVIATIONS)


async def test_registered_commands_are_as_specified(place: Place) -> None:
    body = await register(place)

    assert violations("put", "/applications/{application_id}/commands", body) == []


@pytest.mark.parametrize(
    "callback",
    [
        {"type": 5},
        {"type": 5, "data": {"flags": 64}},
        {"type": 4, "data": {"content": "x", "components": BUTTONS}},
        {"type": 4, "data": {"content": "x", "flags": 64}},
    ],
    ids=["defer", "defer privately", "message", "ephemeral message"],
)
async def test_the_answer_to_a_callback_is_as_specified(
    place: Place, callback: dict[str, Any]
) -> None:
    await register(place)
    _, body = await place.answered(callback, "draw")

    assert violations("post", CALLBACK, body) == []


async def test_an_edited_reply_with_a_file_is_as_specified(place: Place) -> None:
    await register(place)
    token, _ = await place.answered({"type": 5}, "draw")
    form = aiohttp.FormData()
    attachments = [{"id": 0, "description": "a fox"}]
    payload = {"content": "done", "attachments": attachments, "components": BUTTONS}
    form.add_field("payload_json", json.dumps(payload))
    form.add_field("files[0]", picture().fp.read(), filename="fox.png")
    path = f"/webhooks/{place.world.application_id}/{token}/messages/@original"
    _, edited = await place.call("PATCH", path, data=form)
    _, read = await place.call("GET", f"/channels/{place.channel}/messages/{edited['id']}")

    assert edited["attachments"][0]["description"] == "a fox"
    assert violations("patch", ORIGINAL, edited) == []
    assert violations("get", MESSAGE, read) == []


async def test_followups_and_channel_messages_are_as_specified(place: Place) -> None:
    await register(place)
    token, _ = await place.answered({"type": 4, "data": {"content": "x"}}, "draw")
    hook, text = f"/webhooks/{place.world.application_id}/{token}", {"content": "more"}
    _, followup = await place.call("POST", f"{hook}?wait=true", json=text)
    _, sent = await place.call("POST", f"/channels/{place.channel}/messages", json=text)

    assert violations("post", "/webhooks/{webhook_id}/{webhook_token}", followup) == []
    assert violations("post", "/channels/{channel_id}/messages", sent) == []


async def test_what_a_press_of_a_button_brings_about_is_as_specified(place: Place) -> None:
    await register(place)
    await place.answered({"type": 4, "data": {"content": "x", "components": BUTTONS}}, "draw")
    message = place.seen()[-1]["id"]
    token, body = await place.answered_press(message, "c", {"type": 7, "data": {"content": "y"}})
    hook = f"/webhooks/{place.world.application_id}/{token}?wait=true"
    _, followup = await place.call("POST", hook, json={"content": "more"})

    assert violations("post", CALLBACK, body) == []
    assert violations("post", "/webhooks/{webhook_id}/{webhook_token}", followup) == []
    assert followup["interaction_metadata"]["interacted_message_id"] == message


MENUS = [
    {
        "type": 1,
        "components": [
            {
                "type": 3,
                "custom_id": "s",
                "options": [
                    {"label": name, "value": name, "description": about} for name, about in MODELS
                ],
            }
        ],
    },
    *(
        {"type": 1, "components": [{"type": kind, "custom_id": f"m{kind}"}]}
        for kind in (5, 6, 7, 8)
    ),
]
LAYOUT = [
    {
        "type": 17,
        "components": [
            {"type": 10, "content": "# Words"},
            {"type": 14},
            {
                "type": 9,
                "components": [{"type": 10, "content": "more"}],
                "accessory": {"type": 11, "media": {"url": "https://a.example/b.png"}},
            },
            {"type": 12, "items": [{"media": {"url": "attachment://fox.png"}}]},
            {"type": 13, "file": {"url": "attachment://images.zip"}},
            *MENUS,
        ],
    }
]
FORM = {
    "type": 9,
    "data": {
        "custom_id": "f",
        "title": "A form",
        "components": [
            {"type": 18, "label": "Name", "component": {"type": 4, "custom_id": "n", "style": 1}}
        ],
    },
}


async def test_menus_are_as_specified(place: Place) -> None:
    await register(place)
    data = {"content": "x", "components": MENUS}
    _, body = await place.answered({"type": 4, "data": data}, "draw")

    assert violations("post", CALLBACK, body) == []


async def test_a_layout_with_files_is_as_specified(place: Place) -> None:
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps({"flags": 1 << 15, "components": LAYOUT}))
    form.add_field("files[0]", picture().fp.read(), filename="fox.png")
    form.add_field("files[1]", archive().fp.read(), filename="images.zip")
    _, sent = await place.call("POST", f"/channels/{place.channel}/messages", data=form)

    media = sent["components"][0]["components"][3]["items"][0]["media"]
    assert (media["width"], media["height"]) == (8, 6)
    assert violations("post", "/channels/{channel_id}/messages", sent) == []


async def test_a_form_and_what_its_submission_brings_about_are_as_specified(place: Place) -> None:
    await register(place)
    await place.answered({"type": 4, "data": {"content": "x", "components": BUTTONS}}, "draw")
    message = place.seen()[-1]["id"]
    _, opened = await place.answered_press(message, "c", FORM)
    token, body = await place.answered_form({"n": "Ann"}, {"type": 4, "data": {"content": "y"}})
    hook = f"/webhooks/{place.world.application_id}/{token}?wait=true"
    _, followup = await place.call("POST", hook, json={"content": "more"})

    assert violations("post", CALLBACK, opened) == []
    assert violations("post", CALLBACK, body) == []
    assert violations("post", "/webhooks/{webhook_id}/{webhook_token}", followup) == []
    source = followup["interaction_metadata"]["triggering_interaction_metadata"]
    assert source["interacted_message_id"] == message


@pytest.mark.parametrize("path", ["/channels/1", f"{CHANNEL}/messages/1"])
async def test_a_refusal_is_as_specified(place: Place, path: str) -> None:
    status, body = await place.call("GET", filled(path, place))

    assert status == 404
    specified = CHANNEL if path == "/channels/1" else MESSAGE
    assert violations("get", specified, body, status="4XX") == []
