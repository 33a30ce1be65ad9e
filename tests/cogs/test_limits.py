"""Limits, brakes and the breaker as people meet them: who is told what, once."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.guild import Holder
from bot.domain.limits import Allowance
from bot.domain.prediction import PredictionStatus
from bot.errors import OutOfCredit, ProviderTrouble
from bot.request.breaker import MOST_FAILURES
from tests.broken import accept, refuse
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


def operator(world: World) -> int:
    return int(world.mona.id)


def direct_messages(world: World, user_id: int) -> list[str]:
    """What the bot has sent this person privately."""
    channel = world.env.backend.dm_channels.get(user_id)
    if channel is None:
        return []
    return [message.content for message in world.env.backend.messages[channel].values()]


def with_operator(world: World, **changes: Any) -> Any:
    return world.new_bot(operator_id=operator(world), **changes)


@pytest.mark.rules(person=4)
async def test_who_has_three_images_left_is_told_privately_once(world: World) -> None:
    first = await world.imagine()
    second = await world.imagine()
    assert first.followups == []  # while it says "thinking", Discord would show it to everybody
    await world.env.advance_time(15)

    [told] = first.followups
    assert told.ephemeral
    assert "You have 3 images left today; more <t:" in told.content
    assert second.followups == []


async def test_three_left_of_what_the_server_gives_names_the_server(world: World) -> None:
    await world.set_limit(Holder.EVERYONE, 0, "month_images", "4")

    result = await world.imagine()
    await world.env.advance_time(15)

    [told] = result.followups

    assert "3 images left in this server this month" in told.content


async def test_a_threads_images_count_for_its_channel(world: World) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id, "day_images", "1")
    world.env.backend.create_thread(world.channel.id, "foxes", world.alice.id)
    [thread] = world.channel.threads
    await world.alice.slash(thread, "imagine", prompt="a fox")

    refused = await world.imagine()

    assert "This channel has made" in refused.response.content


async def test_after_five_refusals_by_the_filter_a_person_waits_and_others_do_not(
    world: World,
) -> None:
    world.provider.ends_as = PredictionStatus.FAILED
    world.provider.error = "The content was flagged as sensitive (E005)"
    for _ in range(5):
        await world.imagine()
        await world.env.advance_time(12)

    refused = await world.imagine()

    assert "safety filter has refused 5 prompts of yours within an hour" in refused.response.content
    assert not (await world.imagine(world.bob)).ephemeral
    await world.env.advance_time(3600)
    assert not (await world.imagine()).ephemeral


async def test_an_empty_account_stops_purchases_and_the_operator_is_told_once(
    world: World,
) -> None:
    await world.env.restart_bot(with_operator(world))
    world.provider.create_errors = [OutOfCredit("", 402)]
    await world.imagine()
    await world.env.advance_time(1)
    assert "no credit left" in world.content

    for _ in range(3):
        refused = await world.imagine()
        assert "the operator knows" in refused.response.content

    [told] = direct_messages(world, operator(world))
    assert "Top it up" in told
    assert len(world.provider.inputs) == 1


async def test_the_probe_is_one_image_and_its_success_lets_everybody_go_on(world: World) -> None:
    await world.env.restart_bot(with_operator(world))
    world.provider.create_errors = [OutOfCredit("", 402)]
    await world.imagine()
    await world.env.advance_time(61)

    await world.imagine()
    await world.env.advance_time(15)

    assert len(world.provider.inputs) == 2
    assert not (await world.imagine(world.bob)).ephemeral
    assert ["paused" in t for t in direct_messages(world, operator(world))] == [True, False]


async def test_a_probe_that_fails_costs_nothing_more_and_tells_nobody_again(world: World) -> None:
    await world.env.restart_bot(with_operator(world))
    world.provider.create_errors = [OutOfCredit("", 402)] * 2
    await world.imagine()
    await world.env.advance_time(61)
    await world.imagine()
    await world.env.advance_time(61)

    refused = await world.imagine()

    assert "the operator knows" in refused.response.content
    assert len(world.provider.inputs) == 2
    assert len(direct_messages(world, operator(world))) == 1


async def test_a_restart_while_purchases_are_stopped_tells_nobody_again(world: World) -> None:
    await world.env.restart_bot(with_operator(world))
    world.provider.create_errors = [OutOfCredit("", 402)] * 2
    await world.imagine()
    await world.env.advance_time(1)

    await world.env.restart_bot(world.new_bot())
    await world.imagine()
    await world.env.advance_time(1)

    refused = await world.imagine()
    assert "the operator knows" in refused.response.content
    assert len(direct_messages(world, operator(world))) == 1


async def test_ten_failures_in_a_row_stop_purchases_for_whoever_waits_too(world: World) -> None:
    world.provider.create_errors = [ProviderTrouble("", 400)] * MOST_FAILURES
    for _ in range(MOST_FAILURES):
        await world.imagine()
        await world.env.advance_time(1)

    refused = await world.imagine(world.bob)

    assert "its account has trouble" in refused.response.content
    assert "operator" not in refused.response.content  # nobody has said who that is


@pytest.mark.rules(installation=Allowance(month_micros=600_000))
async def test_budgets_are_announced_at_50_80_and_100_percent_once_each(world: World) -> None:
    await world.env.restart_bot(with_operator(world))
    for _ in range(10):
        await world.imagine()
        await world.env.advance_time(15)
    await world.imagine()

    told = direct_messages(world, operator(world))

    assert [text.split(" %")[0].split("**")[1] for text in told] == ["50", "80", "100"]
    assert "has spent $0.30 of its $0.60 for this month" in told[0]
    assert "All further requests are refused" in told[2]


async def test_a_servers_budget_is_announced_to_its_owner_or_in_the_channel_they_chose(
    world: World,
) -> None:
    await world.set_limit(Holder.GUILD, 0, "day_images", "2")
    await world.imagine()
    assert "50 %" in direct_messages(world, world.guild.owner.id)[0]

    news = world.guild.create_text_channel("news")
    await world.set_limit(Holder.GUILD, 0, "notices", str(news.id))
    await world.imagine()

    assert "100 %" in news.last_message.content
    assert len(direct_messages(world, world.guild.owner.id)) == 1


@pytest.mark.rules(installation=Allowance(2))
async def test_a_restart_announces_nothing_again(world: World) -> None:
    await world.env.restart_bot(with_operator(world))
    await world.imagine()
    await world.env.restart_bot(world.new_bot())
    await world.imagine()

    assert len(direct_messages(world, operator(world))) == 2


@pytest.mark.rules(installation=Allowance(1))
async def test_an_operator_who_takes_no_direct_messages_keeps_no_image_from_anybody(
    world: World,
) -> None:
    await world.env.restart_bot(world.new_bot(operator_id=world.bot.application_id))
    await world.imagine()
    await world.env.advance_time(15)

    assert world.message.attachments


@pytest.mark.rules(prices={}, installation=Allowance(month_micros=1_000_000))
async def test_where_money_is_limited_and_no_price_is_known_nothing_is_bought(world: World) -> None:
    refused = await world.imagine()

    assert "nobody has said what an image" in refused.response.content
    assert world.provider.inputs == []


@pytest.mark.rules(prices={})
async def test_a_price_is_missed_only_where_money_is_limited(world: World) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id + 1, "day_micros", "1000000")

    assert not (await world.imagine()).ephemeral


@pytest.mark.rules(person=2)
async def test_no_manager_begins_the_operators_day_anew_by_another_time_zone(world: World) -> None:
    for zone in ("Pacific/Kiritimati", "Asia/Kolkata", "America/Adak"):
        await world.set_limit(Holder.GUILD, 0, "zone", zone)
        await world.imagine()

    assert len(world.provider.inputs) == 2


async def test_a_budget_that_was_raised_is_announced_anew(world: World) -> None:
    owner = world.guild.owner.id
    await world.set_limit(Holder.GUILD, 0, "day_images", "1")
    await world.imagine()
    await world.set_limit(Holder.GUILD, 0, "day_images", "2")
    await world.imagine()

    told = direct_messages(world, owner)

    assert ["1 image" in text for text in told] == [True, False]
    assert all("100 %" in text and "The server" in text for text in told)


async def test_a_purchase_whose_end_cannot_be_recorded_counts_as_one_failure(world: World) -> None:
    world.provider.ends_as = PredictionStatus.FAILED
    await world.imagine()
    await world.env.advance_time(5)
    await refuse(world.database, "update of status", when="new.status = 'failed'")
    await world.env.advance_time(200)
    await accept(world.database)
    await world.env.advance_time(20)

    assert not (await world.imagine(world.bob)).ephemeral


async def test_who_cancels_every_probe_buys_one_image_a_rest(world: World) -> None:
    world.provider.create_errors = [ProviderTrouble("", 400)] * MOST_FAILURES
    for _ in range(MOST_FAILURES):
        await world.imagine()
        await world.env.advance_time(1)
    world.provider.inputs.clear()
    await world.env.advance_time(61)

    for _ in range(5):
        if not (await world.imagine()).ephemeral:
            await world.env.advance_time(2)
            await world.alice.click(world.message, label="Cancel")
        await world.env.advance_time(5)

    assert len(world.provider.inputs) == 1
