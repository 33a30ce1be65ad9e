"""What is counted of the calls to the provider."""

from __future__ import annotations

import asyncio

import pytest

from bot import tally
from bot.errors import ProviderError
from bot.replicate.client import connect
from tests.bot.replicate.servers import recorder
from tests.bot.replicate.test_client import TOKEN, create, prediction
from tests.tallies import Since


async def test_calls_are_counted_by_what_became_of_them() -> None:
    since = Since()
    async with recorder() as provider, connect(f"{provider.origin}/v1", TOKEN) as client:
        provider.answers(201, prediction())
        await create(client)
        await client.get("abc")
        for status in (402, 404):
            provider.answers(status, "{}")
            for call in (create(client), client.get("abc")):
                with pytest.raises(ProviderError):
                    await call

    calls = since.counted(tally.PROVIDER_CALLS)
    assert calls["create", "ok"] == calls["get", "ok"] == 1
    assert calls["create", "out_of_credit"] == 1
    assert calls["create", "model_not_found"] == 1
    assert calls["get", "prediction_not_found"] == 1
    assert sum(calls.values()) == 6
    assert since.noted(tally.PROVIDER_SECONDS, "create")[0] == 3
    assert since.noted(tally.PROVIDER_SECONDS, "get")[0] == 3


async def test_a_call_that_is_given_up_is_counted_as_such() -> None:
    since = Since()
    async with recorder() as provider, connect(f"{provider.origin}/v1", TOKEN) as client:
        call = asyncio.create_task(client.get("abc"))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    assert since.counted(tally.PROVIDER_CALLS) == {("get", "abandoned"): 1}
