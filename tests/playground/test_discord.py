"""What discord.py really sends and understands, over real sockets."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
import discord
import pytest

from playground.discord import DiscordFaults
from playground.world import ATTACHMENT_SIZE_LIMIT, World, WorldError
from tests.playground.place import Place, ShiftedClock, SmallBot, command, open_place, picture


async def test_a_bot_finds_its_guild_with_positions_and_ordinary_permissions(place: Place) -> None:
    async with place.running(SmallBot()) as bot:
        await bot.wait_for("guild_available") if not bot.guilds else None
        guild = bot.guilds[0]

        assert [channel.name for channel in guild.text_channels] == [
            "imagine",
            "general",
            "moderators",
        ]
        assert guild.me.guild_permissions.attach_files
        assert not guild.me.guild_permissions.manage_messages


async def test_a_wrong_token_is_a_login_failure(place: Place) -> None:
    async with SmallBot() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("some.other.token")


async def test_privileged_intents_are_refused_as_for_a_new_application(place: Place) -> None:
    async with SmallBot(discord.Intents.all()) as bot:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await bot.start("the.bots.token")


async def test_an_interaction_tells_the_bot_its_limits_locale_and_permissions(
    place: Place,
) -> None:
    bot, told = SmallBot(), asyncio.Queue[discord.Interaction]()

    async def ask(interaction: discord.Interaction) -> None:
        await told.put(interaction)
        await interaction.response.defer()

    command(bot, ask)
    async with place.running(bot):
        await place.invoke("ask")
        interaction = told.get_nowait()

    assert interaction.filesize_limit == ATTACHMENT_SIZE_LIMIT
    assert interaction.locale is discord.Locale.american_english
    assert interaction.app_permissions.attach_files
    assert isinstance(interaction.user, discord.Member)
    assert not interaction.permissions.manage_messages


async def test_a_reply_goes_from_thinking_over_progress_to_an_image_with_alt_text(
    place: Place,
) -> None:
    bot, versions = SmallBot(), []
    place.world.subscribe(
        lambda event, payload: (
            versions.append((payload["flags"] & 128, payload["content"]))
            if event.startswith("MESSAGE_")
            else None
        )
    )

    async def draw(interaction: discord.Interaction) -> None:
        response = await interaction.response.defer(thinking=True)
        assert response is not None
        assert response.message_id is not None
        await interaction.edit_original_response(content="half way")
        await interaction.edit_original_response(
            content="done", attachments=[picture("a fox.png", "a red fox")]
        )

    command(bot, draw)
    async with place.running(bot):
        await place.invoke("draw")
        await place.until(lambda: place.seen()[-1]["attachments"])

    assert versions == [(128, ""), (0, "half way"), (0, "done")]
    (attachment,) = place.seen()[-1]["attachments"]
    assert attachment["description"] == "a red fox"
    assert attachment["filename"] == "a_fox.png"
    assert (attachment["width"], attachment["height"]) == (8, 6)
    async with place.http.get(attachment["url"]) as response:
        assert response.headers["Content-Type"] == "image/png"
        assert await response.read() == picture().fp.read()


async def test_a_pressed_button_updates_its_own_message(place: Place) -> None:
    bot = SmallBot()

    class Panel(discord.ui.View):
        @discord.ui.button(label="Stop", custom_id="stop")
        async def press(
            self, interaction: discord.Interaction, button: discord.ui.Button[Panel]
        ) -> None:
            await interaction.response.edit_message(content="stopped", view=None)

    async def show(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("running", view=Panel())

    command(bot, show)
    async with place.running(bot):
        await place.invoke("show")
        message = place.seen()[-1]
        await place.world.click(place.person, place.channel, message["id"], "stop")

    assert place.seen()[-1]["content"] == "stopped"
    assert place.seen()[-1]["components"] == []


async def test_an_ephemeral_reply_is_for_its_recipient_and_no_gateway(place: Place) -> None:
    bot, told = SmallBot(discord.Intents(guilds=True, guild_messages=True)), []

    async def refuse(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("only you", ephemeral=True)
        await interaction.followup.send("everybody")

    async def on_message(message: discord.Message) -> None:
        told.append(message.content)

    bot.event(on_message)
    command(bot, refuse)
    async with place.running(bot):
        await place.invoke("refuse")
        await place.until(lambda: len(place.seen()) == 2)
        await bot.wait_for("message", timeout=5) if not told else None

    assert [message["content"] for message in place.seen()] == ["only you", "everybody"]
    owner = place.world.people[0]["id"]
    assert [message["content"] for message in place.seen(owner)] == ["everybody"]
    assert told == ["everybody"]


async def test_a_dropped_connection_is_resumed_and_nothing_is_lost(place: Place) -> None:
    bot, resumed = SmallBot(), asyncio.Event()

    async def ping(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("pong")

    async def on_shard_resumed(shard_id: int) -> None:
        resumed.set()

    bot.event(on_shard_resumed)
    command(bot, ping)
    async with place.running(bot):
        await place.invoke("ping")
        place.gateway.cut()
        await place.invoke("ping")
        await asyncio.wait_for(resumed.wait(), 5)

    assert [message["content"] for message in place.seen()] == ["pong", "pong"]


async def test_an_oversize_file_is_refused_with_40005(place: Place) -> None:
    code = await _code(place, files=[picture(size=ATTACHMENT_SIZE_LIMIT + 1)])

    assert code == (413, 40005)


async def test_a_file_of_exactly_the_limit_is_accepted(place: Place) -> None:
    assert await _code(place, files=[picture(size=ATTACHMENT_SIZE_LIMIT)]) is None


async def test_an_eleventh_file_is_refused_with_30015(place: Place) -> None:
    files = [picture(f"{number}.png") for number in range(11)]

    assert await _code(place, files=files) == (400, 30015)


async def test_alt_text_beyond_1024_characters_is_refused_with_50035(place: Place) -> None:
    assert await _code(place, files=[picture(alt="x" * 1024)]) is None
    assert await _code(place, files=[picture(alt="x" * 1025)]) == (400, 50035)


async def _code(place: Place, files: list[discord.File]) -> tuple[int, int] | None:
    """Send `files` as a bot: HTTP status and Discord's code of the refusal, None if accepted."""
    async with SmallBot() as bot:
        await bot.login("the.bots.token")
        channel = bot.get_partial_messageable(int(place.channel))
        try:
            await channel.send("look", files=files)
        except discord.HTTPException as error:
            return error.status, error.code
    return None


async def test_an_answer_after_three_seconds_is_too_late() -> None:
    clock = ShiftedClock()
    async with open_place(World.create(clock, acknowledge_within=0.2)) as place:
        bot, failures = SmallBot(), asyncio.Queue[discord.HTTPException]()
        asked, late = asyncio.Event(), asyncio.Event()

        async def slow(interaction: discord.Interaction) -> None:
            asked.set()
            await late.wait()
            try:
                await interaction.response.defer()
            except discord.HTTPException as error:
                await failures.put(error)

        command(bot, slow)
        async with place.running(bot):
            with pytest.raises(WorldError, match="The application did not respond"):
                await place.invoke("slow")
            clock.advance(3)
            late.set()
            error = await asyncio.wait_for(failures.get(), 5)

    assert (error.status, error.code) == (404, 10062)


async def test_an_interactions_token_expires_after_fifteen_minutes() -> None:
    clock = ShiftedClock()
    async with open_place(World.create(clock)) as place:
        bot, failures = SmallBot(), asyncio.Queue[discord.HTTPException]()

        async def wait(interaction: discord.Interaction) -> None:
            await interaction.response.defer()
            await interaction.edit_original_response(content="in time")
            clock.advance(15 * 60)
            try:
                await interaction.edit_original_response(content="too late")
            except discord.HTTPException as error:
                await failures.put(error)

        command(bot, wait)
        async with place.running(bot):
            await place.invoke("wait")
            error = await asyncio.wait_for(failures.get(), 5)

    assert (error.status, error.code) == (401, 50027)
    assert place.seen()[-1]["content"] == "in time"


@pytest.mark.parametrize("fault", ["discord-429", "discord-5xx"])
async def test_discord_py_gets_over_rehearsed_trouble(fault: str) -> None:
    async with open_place(World.create(), DiscordFaults({fault})) as place:
        bot = SmallBot()

        async def count(interaction: discord.Interaction) -> None:
            await interaction.response.defer()
            await interaction.edit_original_response(content="one")
            await interaction.edit_original_response(content="two")

        command(bot, count)
        async with place.running(bot):
            await place.invoke("count")
            await place.until(lambda: place.seen()[-1]["content"] == "two")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/voice/regions"), ("PUT", "/guilds/1/made-up"), ("GET", "/nowhere")],
)
async def test_a_route_that_is_missing_is_loud(
    place: Place, caplog: pytest.LogCaptureFixture, method: str, path: str
) -> None:
    with caplog.at_level(logging.ERROR):
        status, body = await place.call(method, path)

    assert status == 501
    assert path in body["message"]
    assert f"NOT IMPLEMENTED by the playground: simcord does not implement '{method}" in caplog.text


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"data": b"{"}, 50109),
        ({"json": {"content": 5}}, 50035),
        ({"json": {"content": "x" * 2001}}, 50035),
    ],
)
async def test_a_malformed_body_is_the_callers_fault(
    place: Place, request_: dict[str, Any], code: int
) -> None:
    status, body = await place.call("POST", f"/channels/{place.channel}/messages", **request_)

    assert (status, body["code"]) == (400, code)


async def test_rest_without_the_bots_token_is_unauthorized(place: Place) -> None:
    for path in ("/users/@me", "/gateway/bot", f"/channels/{place.channel}"):
        async with place.http.get(place.api + path, headers={"Authorization": "Bot x"}) as answer:
            assert answer.status == 401
            assert await answer.json() == {"message": "401: Unauthorized", "code": 0}


async def test_the_gateways_address_needs_no_token(place: Place) -> None:
    async with place.http.get(f"{place.api}/gateway") as response:
        assert (await response.json())["url"] == place.address.replace("http", "ws") + "/gateway"


async def test_an_attachment_that_never_was_is_not_found(place: Place) -> None:
    async with place.http.get(f"{place.address}/attachments/1/2/fox.png") as response:
        assert response.status == 404


async def test_files_are_numbered_from_zero(place: Place) -> None:
    form = aiohttp.FormData()
    form.add_field("files[1]", b"x", filename="a.png")
    status, body = await place.call("POST", f"/channels/{place.channel}/messages", data=form)

    assert (status, body["code"]) == (400, 50035)
