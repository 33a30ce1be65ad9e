"""Trouble between the bot and the provider, as a client on a real socket meets it."""

from __future__ import annotations

import asyncio
from datetime import datetime

import aiohttp
import pytest

from playground.faults import Faults
from playground.wire import Point
from tests.playground.shop import Shop

GONE = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)


async def test_a_lost_create_is_accepted_billed_and_never_answered(shop: Shop) -> None:
    shop.small.faults = Faults(lost_creates=True)
    with pytest.raises(GONE):
        await shop.buy()

    assert len(shop.small.invoice) == 1
    assert (await shop.call("GET", "/predictions"))[1]["results"][0]["model"]


async def test_a_reset_create_is_not_accepted(shop: Shop) -> None:
    shop.small.faults = Faults(reset=True)
    await shop.buy()
    with pytest.raises(GONE):
        await shop.buy()

    assert len(shop.small.invoice) == 1


async def test_every_second_answer_is_lost_after_its_effect(shop: Shop) -> None:
    shop.small.faults = Faults(lost_answers=True)
    await shop.buy()
    with pytest.raises(GONE):
        await shop.buy()

    assert len(shop.small.invoice) == 2


@pytest.mark.parametrize(
    ("fault", "status"), [(Faults(storm_5xx=True), 502), (Faults(storm_429=True), 429)]
)
async def test_a_storm_meets_creates_looks_and_downloads(
    shop: Shop, fault: Faults, status: int
) -> None:
    finished = await shop.finish()
    shop.small.faults = fault

    assert (await shop.buy())[0] == status
    assert (await shop.call("GET", f"/predictions/{finished['id']}"))[0] == status
    async with shop.session.get(finished["output"]) as answer:
        assert answer.status == status
    assert len(shop.small.invoice) == 1


async def test_a_slow_loris_drips_until_it_is_called_off(shop: Shop) -> None:
    finished = await shop.finish()
    shop.small.faults = Faults(slow_loris=True)
    async with shop.session.get(finished["output"]) as answer:
        first = await answer.content.read(1)
        reading = asyncio.create_task(answer.content.read())
        shop.small.faults = Faults()
        whole = first + await reading

    assert len(first) == 1
    assert len(whole) == answer.content_length


@pytest.mark.parametrize(
    ("fault", "days"), [(Faults(clock_ahead=True), 1), (Faults(clock_behind=True), -1)]
)
async def test_the_providers_clock_can_be_a_day_off(shop: Shop, fault: Faults, days: int) -> None:
    shop.small.faults = fault
    finished = await shop.finish()
    for stamp, since in (("created_at", 0), ("completed_at", shop.small.invoice[0].duration)):
        said = datetime.fromisoformat(finished[stamp][:26] + "+00:00").timestamp()
        assert said == pytest.approx(1_700_000_000 + since + days * 86_400, abs=1)


async def test_a_provider_may_have_no_list(shop: Shop) -> None:
    shop.small.faults = Faults(no_list=True)

    assert (await shop.call("GET", "/predictions"))[0] == 404


async def test_a_late_list_shows_a_prediction_after_a_while(shop: Shop) -> None:
    shop.small.faults = Faults(late_list=True)
    await shop.buy()
    early = (await shop.call("GET", "/predictions"))[1]["results"]
    shop.passes(6)
    late = (await shop.call("GET", "/predictions"))[1]["results"]

    assert (len(early), len(late)) == (0, 1)


async def test_faults_of_a_download_apply_to_what_was_bought_before(shop: Shop) -> None:
    finished = await shop.finish()
    shop.small.faults = Faults(truncated=True)
    with pytest.raises(aiohttp.ClientPayloadError):
        async with shop.session.get(finished["output"]) as answer:
            await answer.read()


async def test_one_create_can_be_cut_after_its_effect(shop: Shop) -> None:
    shop.small.wire.cut("POST", r"/predictions$", Point.APPLIED)
    with pytest.raises(GONE):
        await shop.buy()
    status, _ = await shop.buy()

    assert status == 201
    assert len(shop.small.invoice) == 2
