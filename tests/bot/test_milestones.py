"""What is counted of generations, whichever way they go."""

from __future__ import annotations

import pytest

from bot import tally
from bot.domain.generation import Status
from bot.domain.prediction import PredictionStatus
from bot.errors import CreateUnknown, ProviderTrouble, SafetyRefused
from bot.web.metrics import Page
from tests.broken import sqlite
from tests.cogs.test_appeals import appealed, approve, reject, rejected
from tests.cogs.test_desk import asked, reviewed
from tests.tallies import Since
from tests.world import MODEL, World

pytestmark = pytest.mark.usefixtures("env")

BY_TOKEN = "/webhooks/*"


@pytest.fixture
def since(world: World) -> Since:
    return Since()


async def test_a_delivered_image_is_counted_timed_and_paid_for_once(
    world: World, since: Since
) -> None:
    await asked(world)

    assert since.counted(tally.COMMANDS) == {("imagine",): 1}
    assert since.counted(tally.GENERATIONS) == {("delivered", "", MODEL): 1}
    assert since.counted(tally.COST) == {(MODEL,): 0.06}
    count, took = since.noted(tally.PREDICTION, MODEL)
    assert count == 1
    assert took == pytest.approx(world.provider.seconds, abs=1.5)
    waits, waited = since.noted(tally.IMAGE_WAIT)
    lags, lag = since.noted(tally.DELIVERY_LAG)
    assert (waits, lags, since.noted(tally.TURN_WAIT)[0]) == (1, 1, 1)
    assert waited == pytest.approx(took + lag, abs=0.1)
    assert since.noted(tally.ACKNOWLEDGEMENT)[0] == 1


async def test_a_failure_is_counted_by_its_reason_and_costs_what_the_provider_bills(
    world: World, since: Since
) -> None:
    world.provider.ends_as = PredictionStatus.FAILED
    world.provider.error = "The output was flagged as sensitive. (E005)"
    await asked(world)

    assert since.counted(tally.GENERATIONS) == {("failed", "safety", MODEL): 1}
    assert since.counted(tally.COST) == {(MODEL,): 0.06}
    assert since.noted(tally.PREDICTION, MODEL)[0] == 0
    assert since.noted(tally.IMAGE_WAIT)[0] == 0


async def test_what_the_provider_refuses_costs_nothing(world: World, since: Since) -> None:
    world.provider.create_errors = [SafetyRefused("no", 422)]
    await asked(world)

    assert since.counted(tally.GENERATIONS) == {("failed", "safety", MODEL): 1}
    assert since.counted(tally.COST) == {}


async def test_an_unknown_purchase_is_counted_at_its_price(world: World, since: Since) -> None:
    world.provider.can_list = False
    world.provider.create_errors = [CreateUnknown("reset")]
    await asked(world, 60)

    assert since.counted(tally.GENERATIONS) == {("unknown", "", MODEL): 1}
    assert since.counted(tally.COST) == {(MODEL,): 0.06}


async def test_a_refusal_is_counted_by_its_rule_and_is_no_generation(
    world: World, since: Since
) -> None:
    await world.imagine(prompt=" ")
    await world.imagine(prompt=" ")

    assert since.counted(tally.REFUSALS) == {("prompt_empty",): 2}
    assert since.noted(tally.ACKNOWLEDGEMENT)[0] == 2
    assert since.counted(tally.GENERATIONS) == {}


async def test_a_command_that_discord_did_not_let_be_answered_is_counted_with_its_code(
    world: World, since: Since
) -> None:
    world.env.inject_error("POST", "/interactions/*", status=404, code=10062, times=None)
    await world.imagine()

    assert since.counted(tally.GENERATIONS) == {("canceled", "unanswered", MODEL): 1}
    assert since.counted(tally.DISCORD_ERRORS).keys() == {("10062",)}
    assert since.noted(tally.ACKNOWLEDGEMENT)[0] == 0
    assert since.counted(tally.COST) == {}


async def test_edits_are_counted_by_what_became_of_them(world: World, since: Since) -> None:
    world.env.inject_error("PATCH", BY_TOKEN, status=403, code=50013, times=1)
    await asked(world)

    edits = since.counted(tally.EDITS)
    assert edits["refused",] == 1
    assert edits["sent",] >= 1
    assert since.counted(tally.DISCORD_ERRORS) == {("50013",): 1}


async def test_a_moderators_time_is_in_no_duration(world: World, since: Since) -> None:
    desk = await reviewed(world)
    await asked(world)
    assert since.counted(tally.GENERATIONS) == {}
    await world.env.advance_time(3600)
    await approve(world, desk, world.mona)

    assert since.counted(tally.GENERATIONS) == {("delivered", "", MODEL): 1}
    assert since.noted(tally.PREDICTION, MODEL)[0] == 1
    assert since.noted(tally.IMAGE_WAIT)[0] == 0
    assert since.noted(tally.DELIVERY_LAG)[0] == 0


async def test_a_rejection_is_counted_once_whatever_becomes_of_an_appeal(
    world: World, since: Since
) -> None:
    desk = await rejected(world)
    assert since.counted(tally.GENERATIONS) == {("rejected", "", MODEL): 2}
    assert since.counted(tally.COST) == {(MODEL,): 0.12}

    await appealed(world)
    await reject(world, desk, world.olivia)

    assert since.counted(tally.GENERATIONS) == {("rejected", "", MODEL): 2}
    assert since.counted(tally.COST) == {(MODEL,): 0.12}


async def test_after_a_restart_an_image_is_counted_and_its_lag_is_not_guessed(
    world: World, since: Since
) -> None:
    await world.imagine()
    await world.env.advance_time(6)
    world.env.inject_error("PATCH", BY_TOKEN, status=503, times=1)
    await world.env.advance_time(5)
    assert (await world.row()).status is Status.DELIVERING
    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(15)

    assert since.counted(tally.GENERATIONS) == {("delivered", "", MODEL): 1}
    assert since.noted(tally.IMAGE_WAIT)[0] == 1
    assert since.noted(tally.DELIVERY_LAG)[0] == 0


async def test_an_output_that_cannot_be_fetched_is_the_providers_error(
    world: World, since: Since
) -> None:
    world.provider.download_errors = [ProviderTrouble("503", 503)]
    await asked(world)

    calls = since.counted(tally.PROVIDER_CALLS)
    assert calls == {("download", "provider_trouble"): 1, ("download", "ok"): 1}


async def test_what_is_under_way_is_shown_by_where_it_is(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(3)
    assert await shown(world, "imagine_generations_under_way") == {"running": 1}
    await world.env.advance_time(15)
    assert await shown(world, "imagine_generations_under_way") == {}


async def test_limits_are_shown_in_their_own_units(world: World) -> None:
    await asked(world)
    text = (await Page(lambda: world.bot).text()).decode()
    assert 'imagine_limit_used{period="month",unit="images"} 1.0' in text
    assert 'imagine_limit_most{period="month",unit="images"} 500.0' in text


@pytest.mark.sqlite("its reader is closed here")
async def test_the_page_is_there_while_the_limits_cannot_be_read(world: World) -> None:
    await sqlite(world.database).reader.close()
    text = (await Page(lambda: world.bot).text()).decode()
    assert "\nimagine_database_up 0.0\n" in text
    assert "\nimagine_ready 0.0\n" in text


async def shown(world: World, name: str) -> dict[str, float]:
    """What a gauge shows by its only label, where that is not zero."""
    text = (await Page(lambda: world.bot).text()).decode()
    lines = [line for line in text.splitlines() if line.startswith(f"{name}{{")]
    found = {line.split('"')[1]: float(line.rsplit(" ", 1)[1]) for line in lines}
    return {label: value for label, value in found.items() if value}
