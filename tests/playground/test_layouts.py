"""Layouts (Components V2) and files, as the wire and the specification have them."""

from __future__ import annotations

from typing import Any

import pytest

from playground.world import World
from tests.playground.panel import panel_bot
from tests.playground.place import Place
from tests.playground.puppet import Puppet, member

LAYOUT = 1 << 15
BUTTON = {"type": 2, "style": 2, "label": "Go", "custom_id": "go"}
SECTION = {"type": 9, "components": [{"type": 10, "content": "words"}], "accessory": BUTTON}
MENU = {"type": 5, "custom_id": "who"}
CONTAINER = {
    "type": 17,
    "accent_color": 0x8A2A83,
    "components": [SECTION, {"type": 14}, {"type": 1, "components": [MENU]}],
}


async def test_a_section_s_button_and_a_container_s_menu_reach_the_bot() -> None:
    world = World.create(acknowledge_within=0.01)
    bot, channel, person = Puppet(world), world.channels[0]["id"], member(world)
    message = await bot.shows(person, channel, CONTAINER, flags=LAYOUT)
    await world.click(person, channel, message, "go")
    await world.select(person, channel, message, "who", [person])

    pressed, chosen = bot.heard[1:]
    assert (pressed["data"]["custom_id"], chosen["data"]["values"]) == ("go", [person])
    assert pressed["data"]["id"] != chosen["data"]["id"]
    assert pressed["message"]["flags"] & LAYOUT


async def test_a_layout_shows_its_files_by_reference(place: Place) -> None:
    async with place.running(panel_bot()):
        await place.invoke("files")
        await place.until(lambda: place.seen()[-1]["attachments"])

    message = place.seen()[-1]
    words, gallery, file = message["components"]
    names = {attached["id"]: attached["filename"] for attached in message["attachments"]}
    shown = [names[item["media"]["attachment_id"]] for item in gallery["items"]]
    assert words["content"] == "# Your images"
    assert shown == ["fox.png", "hen.png"]
    assert (file["name"], names[file["file"]["attachment_id"]]) == ("images.zip", "images.zip")


async def test_a_message_may_become_a_layout_and_never_stops_being_one(place: Place) -> None:
    messages = f"/channels/{place.channel}/messages"
    _, made = await place.call("POST", messages, json={"content": "plain"})
    path = f"{messages}/{made['id']}"
    parts: dict[str, Any] = {"flags": LAYOUT, "components": [CONTAINER]}
    kept, _ = await place.call("PATCH", path, json=parts)
    turned, body = await place.call("PATCH", path, json={"content": None, **parts})
    back, _ = await place.call("PATCH", path, json={"flags": 0, "content": "plain again"})

    assert (kept, turned, back) == (400, 200, 400)
    assert body["components"][0]["spoiler"] is False


@pytest.mark.parametrize("name", ["images.zip", "more.zip"])
async def test_a_file_is_downloaded_and_never_opened_as_a_page(place: Place, name: str) -> None:
    async with place.running(panel_bot()):
        await place.invoke("several")
        await place.until(lambda: place.seen()[-1]["attachments"])
    attached = {file["filename"]: file for file in place.seen()[-1]["attachments"]}

    assert list(attached) == ["fox.png", "images.zip", "more.zip"]
    async with place.http.get(attached[name]["url"]) as response:
        content = await response.read()
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.headers["Content-Security-Policy"] == "sandbox"
        assert response.content_type == "application/zip"
    assert (content[:2], len(content)) == (b"PK", attached[name]["size"])
