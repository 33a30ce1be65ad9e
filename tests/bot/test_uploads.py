"""What discord.py really sends, over real sockets: files bit by bit, and mentions of one person."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.budget import Budget, Turnstile
from bot.delivery.reply import Reply
from bot.domain.generation import Delivery, Generation, Request, Status
from bot.domain.picture import Form, Picture
from bot.pictures.images import as_stored
from bot.record import replace
from tests.bot.pictures import stored
from tests.clocks import HandClock
from tests.world import MODEL, picture

USER = {"id": "1", "username": "imagine", "discriminator": "0", "avatar": None}
APPLICATION = {
    "id": "1",
    "name": "imagine",
    "icon": None,
    "description": "",
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "",
    "owner": USER,
}
MESSAGE = {
    "id": "55",
    "channel_id": "7",
    "type": 0,
    "content": "",
    "attachments": [],
    "embeds": [],
    "components": [],
    "mentions": [],
    "mention_roles": [],
    "mention_everyone": False,
    "timestamp": "2026-01-01T00:00:00+00:00",
    "edited_timestamp": None,
    "tts": False,
    "pinned": False,
    "author": USER,
}
REQUEST = Request(
    interaction_id=1456074443980800014,
    application_id=1,
    guild_id=6,
    channel_id=7,
    user_id=8,
    model=MODEL,
    prompt="a red fox",
    options={},
    token="made-up",
    token_expires_at=1 << 50,
    size_limit=10 << 20,
)
ROW = Generation(REQUEST.id, REQUEST, Status.DELIVERING, 0, message_id=55)


@dataclass
class Discord:
    """A few of its routes: remembers what came, answers edits as told and then with a message."""

    received: list[tuple[str, bytes]] = field(default_factory=list)
    #: The sizes of uploads, where what came is too large to be remembered.
    sizes: list[int] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    remembers: bool = True

    async def handle(self, request: web.Request) -> web.Response:
        size, content = 0, b""
        async for chunk in request.content.iter_any():
            size += len(chunk)
            content += chunk if self.remembers else b""
        if request.method == "GET":
            return answer(APPLICATION if "applications" in request.path else USER)
        self.sizes.append(size)
        self.received.append((f"{request.method} {request.path}", content))
        return self.answers.pop(0) if self.answers else answer(MESSAGE)


def answer(body: object, status: int = 200, **headers: str) -> web.Response:
    """discord.py reads no JSON whose content type names a charset."""
    headers["Content-Type"] = "application/json"
    return web.Response(status=status, body=json.dumps(body).encode(), headers=headers)


@pytest.fixture
async def here(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    discords, app = Discord(), web.Application()
    app.router.add_route("*", "/{path:.*}", discords.handle)
    async with TestServer(app, host="127.0.0.1") as server:
        monkeypatch.setattr(discord.http.Route, "BASE", str(server.make_url("")).rstrip("/"))
        yield discords


@pytest.fixture
async def client(here: Discord) -> AsyncIterator[discord.Client]:
    mentions = discord.AllowedMentions.none()
    async with discord.Client(intents=discord.Intents.none(), allowed_mentions=mentions) as client:
        await client.login("made-up")
        yield client


def reply(client: discord.Client, row: Generation = ROW) -> Reply:
    clock = HandClock()
    return Reply(client, row, clock, Turnstile(Budget(60), clock), lambda _: discord.ui.View())


@dataclass
class Former:
    """The forms that a delivery asks for, of one stored file."""

    path: Path
    limits: list[int] = field(default_factory=list)

    async def __call__(self, limit: int) -> Form:
        self.limits.append(limit)
        found = as_stored(self.path, limit, MODEL)
        assert found is not None
        name = f"imagine-{REQUEST.id}.{found.image.extension}"
        return Form("done", (Picture(name, found.image, found.file, "a red fox"),))


async def test_an_upload_that_is_repeated_begins_at_the_files_beginning(
    here: Discord, client: discord.Client, tmp_path: Path
) -> None:
    path = stored(tmp_path, picture("PNG", noise=True))
    here.answers = [answer({"retry_after": 0, "message": "slow down"}, 429, Via="1.1 test")]

    outcome = await reply(client).deliver(Former(path))

    assert outcome is Delivery.SENT
    assert [path.read_bytes() in content for _, content in here.received] == [True, True]


async def test_who_may_be_taken_for_dead_touches_no_message(
    here: Discord, client: discord.Client, tmp_path: Path
) -> None:
    """A frozen process's edit, sent when it woke, was seen to put Cancel below a finished image."""
    clock, path = HandClock(), stored(tmp_path, picture("PNG", noise=True))
    edits = Turnstile(Budget(60), clock, is_open=lambda: False)
    woken = Reply(client, ROW, clock, edits, lambda _: discord.ui.View())
    woken.show("generating", "Cancel")
    await clock.advance(10)

    assert await woken.deliver(Former(path)) is Delivery.LATER
    assert await woken.finish("it failed") is Delivery.LATER
    assert here.received == []


async def test_each_way_reads_the_file_anew(
    here: Discord, client: discord.Client, tmp_path: Path
) -> None:
    path, former = stored(tmp_path, picture("PNG", noise=True)), Former(tmp_path)
    former.path = path
    here.answers = [answer({"code": 50027, "message": "Invalid Webhook Token"}, 401)]

    outcome = await reply(client).deliver(former)

    assert outcome is Delivery.SENT
    assert [name.split("/")[1] for name, _ in here.received] == ["webhooks", "channels"]
    assert [path.read_bytes() in content for _, content in here.received] == [True, True]


async def test_a_way_that_is_closed_is_left_out_and_leaves_no_file_open(
    here: Discord, client: discord.Client, tmp_path: Path
) -> None:
    """Python warns of files that are forgotten open, and warnings are errors here."""
    row = replace(ROW, request=replace(REQUEST, token=""))

    outcome = await reply(client, row).deliver(Former(stored(tmp_path, picture())))
    gc.collect()

    assert outcome is Delivery.SENT
    assert [name.split("/")[1] for name, _ in here.received] == ["channels"]


async def test_bytes_in_memory_are_given_back_when_they_were_sent(
    here: Discord, client: discord.Client, tmp_path: Path
) -> None:
    """At once: discord.py leaves a cycle behind, which would keep them for minutes."""
    former = Former(stored(tmp_path, picture()))
    form = await former(1 << 20)
    [shown] = form.pictures
    assert isinstance(shown.file, BytesIO)

    async def forming(limit: int) -> Form:
        return form

    await reply(client).deliver(forming)

    assert shown.file.closed


async def test_an_upload_is_never_in_memory_whole(
    here: Discord, client: discord.Client, tmp_path: Path
) -> None:
    path = stored(tmp_path, picture("PNG", (2000, 1400), noise=True))
    here.remembers = False
    await reply(client).deliver(Former(path))
    tracemalloc.start()
    try:
        await reply(client).deliver(Former(path))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert min(here.sizes) > path.stat().st_size > 4 * most


async def test_a_mention_is_a_reply_that_notifies_one_person_once(
    here: Discord, client: discord.Client, tmp_path: Path
) -> None:
    delivered = reply(client)
    await delivered.deliver(Former(stored(tmp_path, picture())))

    await delivered.mention("<@8> @everyone <@9>")

    name, content = here.received[-1]
    sent = json.loads(content)
    assert name.endswith("POST /channels/7/messages")
    assert sent["allowed_mentions"] == {"parse": [], "users": [8]}
    reference = sent["message_reference"]
    assert (reference["message_id"], reference["fail_if_not_exists"]) == (55, False)
    assert sent["enforce_nonce"] is True
    assert sent["nonce"] == f"{ROW.id}m"
    assert len(sent["nonce"]) <= 25  # Discord's limit


@pytest.mark.parametrize("changes", [{"private": True}, {}])
async def test_what_was_not_delivered_by_an_edit_in_public_is_not_mentioned(
    here: Discord, client: discord.Client, tmp_path: Path, changes: dict[str, Any]
) -> None:
    replied = reply(client, replace(ROW, request=replace(REQUEST, **changes)))
    if changes:
        await replied.deliver(Former(stored(tmp_path, picture())))

    await replied.mention("<@8>")

    assert [name for name, _ in here.received if name.startswith("POST")] == []
