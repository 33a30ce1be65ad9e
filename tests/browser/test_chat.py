"""The page's push channel: who may open it, and what comes over it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from playground.chat import add_routes
from playground.discord import create_app
from playground.serving import serve
from playground.world import ATTACHMENT_SIZE_LIMIT, World
from tests.playground.puppet import Puppet

TOKEN = "token"
MENU = {"type": 1, "components": [{"type": 5, "custom_id": "m"}]}


class Socket:
    """A page's end of the push channel."""

    def __init__(self, wire: aiohttp.ClientWebSocketResponse) -> None:
        self._wire = wire
        self.answer: dict[str, Any] = {}

    async def next(self, kind: str) -> dict[str, Any]:
        """The next frame of a kind; others are skipped."""
        while True:
            frame: dict[str, Any] = await self._wire.receive_json(timeout=5)
            if frame["type"] == kind:
                return frame

    async def ask(self, **request: Any) -> str | None:
        """What the world said against a request, or None."""
        await self._wire.send_json({"id": 1, **request})
        self.answer = await self.next("answer")
        error: str | None = self.answer["error"]
        return error


class Site:
    """The served page, as a browser's network stack sees it."""

    def __init__(self, world: World, address: str, session: aiohttp.ClientSession) -> None:
        self.world = world
        self.address = address
        self.session = session

    async def open(self, person: str = "") -> Socket:
        url = f"{self.address}/chat?person={person}&channel=gone"
        return Socket(await self.session.ws_connect(url, origin=self.address))


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    world = World.create(acknowledge_within=0.05)
    app = create_app(world, TOKEN)
    add_routes(app, world)
    async with serve(app) as address, aiohttp.ClientSession() as session:
        yield Site(world, address, session)


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://127.0.0.1"])
async def test_only_the_page_s_own_origin_may_open_the_channel(
    site: Site, origin: str | None
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await site.session.ws_connect(f"{site.address}/chat", origin=origin)

    assert refusal.value.status == 403


@pytest.mark.parametrize("origin", ["null", "http://127.0.0.1"])
async def test_only_the_page_s_own_origin_may_attach_a_file(site: Site, origin: str) -> None:
    url, headers = f"{site.address}/attached/fox.png", {"Origin": origin}

    async with site.session.post(url, data=b"x", headers=headers) as response:
        assert response.status == 403


async def test_a_file_that_is_too_large_is_said_in_words(site: Site) -> None:
    url, headers = f"{site.address}/attached/fox.png", {"Origin": site.address}
    content = io.BytesIO(bytes(ATTACHMENT_SIZE_LIMIT + 1))

    async with site.session.post(url, data=content, headers=headers) as response:
        assert response.status == 413
        assert await response.json() == {"error": "A file takes up to 10 MiB."}


@pytest.mark.parametrize("path", ["/", "/page/app.js", "/chat"])
async def test_a_foreign_name_that_points_here_is_refused(site: Site, path: str) -> None:
    headers = {"Host": "rebound.example", "Origin": "http://rebound.example"}

    async with site.session.get(site.address + path, headers=headers) as response:
        assert response.status == 403


@pytest.mark.parametrize("name", ["..%2Fchat.py", "%2Fetc%2Fpasswd", "absent.js", "app.js%00.css"])
async def test_only_the_page_s_own_files_are_served(site: Site, name: str) -> None:
    async with site.session.get(f"{site.address}/page/{name}") as response:
        assert response.status == 404


async def test_the_page_may_load_nothing_from_elsewhere(site: Site) -> None:
    async with site.session.get(site.address) as response:
        policy = response.headers["Content-Security-Policy"]
        text = await response.text()

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "https:" not in text


async def test_ids_of_a_world_before_fall_back_to_a_member_in_the_first_channel(
    site: Site,
) -> None:
    socket = await site.open(person="1")

    scene = await socket.next("scene")

    roles = {person["id"]: person["role"] for person in scene["people"]}
    assert roles[scene["person"]] == "member"
    assert scene["channel"] == site.world.channels[0]["id"]


async def test_commands_that_are_registered_later_are_pushed(site: Site) -> None:
    socket = await site.open()
    assert (await socket.next("scene"))["commands"] == []

    url = f"{site.address}/api/v10/applications/{site.world.application_id}/commands"
    command = {"name": "help", "description": "What this bot does", "type": 1}
    of_messages = {"name": "Use as input", "type": 3}
    headers = {"Authorization": f"Bot {TOKEN}"}
    async with site.session.put(url, json=[command, of_messages], headers=headers) as response:
        assert response.status == 200

    pushed = await socket.next("commands")
    assert [entry["name"] for entry in pushed["commands"]] == ["help"]
    assert pushed["menu"] == [{"name": "Use as input", "shown": "Use as input"}]


async def test_a_message_comes_once_then_its_edits_then_its_end(site: Site) -> None:
    socket = await site.open()
    scene = await socket.next("scene")
    channel, backend = int(scene["channel"]), site.world.backend

    message = backend.create_message(channel, site.world.bot_user_id, "one")
    created = await socket.next("message")
    backend.edit_message(channel, message.id, {"content": "two"})
    edited = await socket.next("message")
    backend.delete_message(channel, message.id)
    gone = await socket.next("gone")

    assert (created["message"]["content"], edited["message"]["content"]) == ("one", "two")
    assert gone["id"] == created["message"]["id"] == edited["message"]["id"]


async def test_a_private_message_is_pushed_to_its_recipient_alone(site: Site) -> None:
    mona = next(person["id"] for person in site.world.people if person["name"] == "Mona")
    as_max, as_mona = await site.open(), await site.open(person=mona)
    scene = await as_max.next("scene")
    await as_mona.next("scene")
    channel, backend, bot = int(scene["channel"]), site.world.backend, site.world.bot_user_id

    for_max = {"id": "1", "type": 2, "user": {"id": scene["person"]}}
    backend.create_message(channel, bot, "private", flags=64, interaction_metadata=for_max)
    backend.create_message(channel, bot, "public")

    assert (await as_max.next("message"))["message"]["content"] == "private"
    assert (await as_mona.next("message"))["message"]["content"] == "public"


async def test_a_form_comes_with_the_answer_and_its_submission_over_the_same_channel(
    site: Site,
) -> None:
    socket = await site.open()
    scene = await socket.next("scene")
    fields = [{"type": 18, "label": "L", "component": {"type": 4, "custom_id": "t", "style": 1}}]
    bot = Puppet(site.world)
    bot.answer = {"type": 9, "data": {"custom_id": "f", "title": "T", "components": fields}}
    assert await socket.ask(do="invoke", name="show", options={}) is None
    modal = socket.answer["modal"]
    bot.answer = {"type": 4, "data": {"content": "here", "components": [MENU], "flags": 64}}
    assert await socket.ask(do="submit", modal=modal["id"], values={"t": "x"}) is None
    message = site.world.messages(scene["channel"], scene["person"])[-1]["id"]
    bot.answer = {"type": 6}
    chosen = {"message": message, "custom_id": "m", "values": [scene["person"]]}

    assert await socket.ask(do="select", **chosen) is None
    assert socket.answer["modal"] is None
    assert [heard["type"] for heard in bot.heard] == [2, 5, 3]
    assert bot.heard[2]["data"]["values"] == [scene["person"]]


async def test_what_the_world_refuses_comes_back_as_a_sentence(site: Site) -> None:
    socket = await site.open()

    assert await socket.ask(do="say", text="hello") is None
    assert await socket.ask(do="say", text=" ") == "Type something first."
    assert await socket.ask(do="invoke", name="none", options={}) == (
        "There is no command /none here."
    )
    assert "does not know" in (await socket.ask(do="fly") or "")
