"""Where the buttons below images meet removals, quotes, preferences, languages, one another."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import discord
import pytest

from bot.domain.generation import Price, Status
from bot.domain.guild import Holder
from bot.domain.improvement import NotImproved, improved
from bot.domain.offer import Offer
from bot.domain.preferences import MODEL, NO, OTHERS_USE
from bot.generation.imagine import WATCHDOG_SECONDS
from bot.language import current
from bot.panels.derivations import LOOK_SECONDS
from bot.record import replace
from bot.refusals import QuoteGone
from bot.request.defaults import READ_SECONDS
from bot.wording import several, sources
from bot.wording.reasons import refusal
from tests.broken import accept, refuse
from tests.cogs.test_derivations import change as changed
from tests.cogs.test_derivations import rows, said
from tests.cogs.test_image import labels, made, opened, remove
from tests.cogs.test_improve import BETTER, TEXT
from tests.models import LARGER, LIKE, QUICK, RETOUCH
from tests.permissions.scene import _button, _submit
from tests.spoken import Speak
from tests.world import World, picture

ALL = Offer((replace(QUICK, safeguards=()), RETOUCH, LARGER, LIKE))
pytestmark = [pytest.mark.usefixtures("env"), pytest.mark.rules(offer=ALL)]
IMPROVES = pytest.mark.rules(offer=ALL, prompt_model=TEXT, prompt_micros=500)


# --- what was removed does not come back


async def test_the_copy_that_was_still_needed_is_not_started_from_again(world: World) -> None:
    message = await made(world)
    await changed(world, message, world.bob)
    await remove(world, message)  # while the changed one is made
    await world.env.advance_time(15)

    refused = await world.bob.click(world.message, label="Again")

    assert "picture that this image was made from is no longer stored" in said(refused)


@pytest.mark.rules(offer=ALL, prices={LARGER.name: Price(60_000)}, confirm_above=10_000)
async def test_a_quote_is_not_accepted_for_an_image_that_was_removed_since(world: World) -> None:
    message = await made(world)
    panel = await opened(world, world.bob, message)
    quote = await world.bob.click(panel.response, label="Upscale")
    await remove(world, message)

    await world.bob.click(quote.response, label="Generate")
    await world.env.advance_time(15)

    assert [each.status for each in await rows(world, world.bob)] in ([], [Status.FAILED])


@pytest.mark.rules(offer=ALL, prices={QUICK.name: Price(60_000)}, confirm_above=10_000)
async def test_a_quote_is_forgotten_with_whoever_has_their_data_erased(world: World) -> None:
    quote = await world.imagine()

    await world.bot.retention.erase(world.alice.id)
    answer = await world.alice.click(quote.response, label="Generate")

    assert refusal(QuoteGone()) in said(answer)
    assert await rows(world) == []


# --- improve prompt


@IMPROVES
async def test_a_moderator_improves_no_private_prompt(world: World) -> None:
    world.provider.text = BETTER
    await made(world, private=True)
    custom_id = f"imagine:improve:ask:{(await world.row()).id}"

    result = await world.forged(world.mona, _button(world, world.channel, custom_id), custom_id)
    await world.env.advance_time(15)

    assert "a red fox" not in said(result)


@IMPROVES
async def test_details_offer_to_improve_the_prompt(world: World) -> None:
    panel = await opened(world, world.alice, await made(world))

    assert "Improve prompt" in labels(panel)


@IMPROVES
async def test_a_prompt_is_improved_for_the_model_that_the_person_prefers(world: World) -> None:
    """The server's own takes no picture; what they prefer does."""
    world.provider.text = BETTER
    await world.bot._storage.preferences.set(world.alice.id, MODEL, RETOUCH.name)

    result = await world.imagine(improve=True, image=("me.png", picture("PNG")))
    await world.env.advance_time(15)

    assert "**After**" in said(result)


@IMPROVES
async def test_an_improvement_that_met_trouble_ends_all_the_same_and_keeps_no_erasure(
    world: World,
) -> None:
    world.provider.text = BETTER
    await refuse(world.database, "update of prediction_id", on="improvement")
    await world.imagine(improve=True)
    await world.env.advance_time(15)
    await accept(world.database, on="improvement")

    await world.bot.improver.pass_over()
    await world.env.advance_time(600)
    await world.bot.improver.pass_over()

    assert world.env.errors  # the person was told
    [row] = await world.database.read("select status from improvement", {})
    assert row["status"] == "unknown"
    assert await world.bot.retention.erase(world.alice.id)


@IMPROVES
async def test_what_a_text_model_writes_for_somebody_erased_meanwhile_is_not_kept(
    world: World,
) -> None:
    world.provider.text = BETTER
    asked = await world.imagine(improve=True)

    erasing = asyncio.create_task(world.bot.retention.erase(world.alice.id))
    await world.env.advance_time(30)
    await erasing

    assert not world.bot.panels.improve._offers
    assert BETTER not in said(asked)


@pytest.mark.parametrize("answer", ["a" + " " * 19_000 + "b", "a" + "\n" * 19_000 + "b"])
def test_a_text_models_answer_is_read_in_linear_time(answer: str) -> None:
    """Otherwise this would not end today."""
    for _ in range(100):
        with suppress(NotImproved):
            improved(answer, "a red fox", 1_000)


# --- languages


async def test_a_moderators_spoiler_leaves_the_alt_text_in_the_servers_language(
    world: World, speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(world.mona, "de")
    speak(None, "en-US")
    # As if it were translated by now: said in whichever language is spoken.
    monkeypatch.setattr(several, "_", lambda text: f"{current()[:2]} {text}")
    world.provider.outputs = tuple(f"https://files.invalid/{number}" for number in range(2))
    before = [each.description for each in (await made(world, count=2)).attachments]
    row = await world.row()

    custom_id = f"imagine:image:spoiler:{row.id}"
    await world.forged(world.mona, _button(world, world.channel, custom_id), custom_id)

    [shown] = [m for m in world.channel.history() if m.id == row.message_id]
    assert shown.attachments[0].is_spoiler()
    assert [each.description for each in shown.attachments] == before


# --- whose picture it is


async def test_who_takes_back_their_leave_is_asked_of_again_too(world: World) -> None:
    """What is made again of a changed image starts from the image that was changed."""
    await changed(world, await made(world), world.bob)
    await world.env.advance_time(15)
    await world.bot._storage.preferences.set(world.alice.id, OTHERS_USE, NO)
    bought = len(world.provider.inputs)

    refused = await world.bob.click(world.message, label="Again")

    assert sources.WITHHELD in said(refused)
    assert len(world.provider.inputs) == bought


async def test_again_of_again_of_a_changed_image_starts_from_the_same_by_the_same_rule(
    world: World,
) -> None:
    """Nobody attached that picture, however often it is made again."""
    await changed(world, await made(world), world.bob)
    await world.env.advance_time(15)
    await world.bob.click(world.message, label="Again")
    await world.env.advance_time(15)

    result = await world.mona.click(world.message, label="Again")
    await world.env.advance_time(15)

    assert "only" not in said(result)
    assert [each.status for each in await rows(world, world.mona)] == [Status.DELIVERED]


# --- what is behind a spoiler


@pytest.mark.parametrize("label", ["Upscale", "Vary"])
async def test_what_is_made_of_an_image_behind_a_spoiler_is_behind_one_too(
    world: World, label: str
) -> None:
    message = await made(world)
    panel = await opened(world, world.alice, message)
    await world.alice.click(panel.response, label="Spoiler")

    await world.bob.click((await opened(world, world.bob, message)).response, label=label)
    await world.env.advance_time(15)

    assert world.message.attachments[0].is_spoiler()


# --- ugly words


@pytest.mark.parametrize("words", ["*" * 1_900, "@" * 1_900, "👩‍🚀" * 600, "a" * 2_000])
async def test_who_is_refused_gets_ugly_words_back_too(world: World, words: str) -> None:
    await world.set_limit(Holder.EVERYONE, 0, "day_images", "1")
    message = await made(world)

    refused = await changed(world, message, prompt=words)

    assert "today" in said(refused)


# --- in time


def test_a_slow_look_leaves_time_to_acknowledge() -> None:
    """Discord gives up after 3 s; what is read first comes before the watchdog's time."""
    assert LOOK_SECONDS + READ_SECONDS + WATCHDOG_SECONDS <= 2.5


@pytest.mark.parametrize("gone", [False, True])
async def test_an_age_restricted_image_is_not_enlarged_into_an_ordinary_channel(
    world: World, gone: bool
) -> None:
    """From `/history` one presses anywhere; what shows the image itself stays among adults."""
    await made(world)
    row, elsewhere = await world.row(), world.guild.create_text_channel("elsewhere")
    await world.env.settle()
    channel = world.bot.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    channel.nsfw = True  # SimCord's channels know no age restriction
    if gone:
        await world.bot.http.delete_channel(world.channel.id)
    form = f"imagine-form:image:change:{row.id}"

    result = await _submit(world, world.alice, elsewhere, form, {"prompt": "make it red"})

    assert sources.RESTRICTED in said(result)
    assert [each.id for each in await rows(world, world.alice)] == [row.id]
