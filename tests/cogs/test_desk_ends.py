"""Ends at the review desk: withdrawn, sealed, expired; and who may bring them about."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain import Status
from bot.storage.reviews import Decision, Verdict
from tests.cogs.test_desk import asked, private, public, reviewed
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


def hold_cards(world: World, seconds: float = 30) -> None:
    """Discord takes so long for each card."""
    send = world.bot._desk._send

    async def slow(*about: Any) -> int | None:
        await world.clock.wait(asyncio.Event(), seconds)
        return await send(*about)

    world.bot._desk._send = slow  # type: ignore[assignment, method-assign]  # a slow upload


# --- withdrawn


async def test_what_is_withdrawn_while_its_card_is_posted_is_not_published(world: World) -> None:
    desk = await reviewed(world)
    hold_cards(world)
    await asked(world, 20)
    before = [(await world.row()).status, len(desk.history())]

    await world.alice.click(private(world), label="Cancel")
    await world.env.advance_time(60)

    assert before == [Status.REVIEWING, 0]
    assert (await world.row()).status is Status.CANCELED
    assert "anceled" in private(world).content
    assert public(world) == []


async def test_several_images_are_withdrawn_together(world: World) -> None:
    desk = await reviewed(world)
    await asked(world, 40, count=3)

    await world.alice.click(private(world), label="Cancel")
    await world.env.advance_time(5)

    rows = await world.ledger.request((await world.row()).id)
    assert [row.status for row in rows] == [Status.CANCELED] * 3
    assert "anceled" in private(world).content
    assert desk.last_message.attachments == []


@pytest.mark.parametrize(
    ("review", "stage"), [("prompt", Status.PROPOSED), ("image", Status.REVIEWING)]
)
async def test_what_is_canceled_cannot_be_approved_any_more(
    world: World, review: str, stage: Status
) -> None:
    await reviewed(world, review)
    await asked(world)
    row = await world.row()
    await world.ledger.request_cancel(row.id, now=world.clock.now())  # by another process

    decided = await world.bot._storage.reviews.decide(
        row.request.interaction_id, stage, Decision(Verdict.APPROVED, world.clock.now(), 1)
    )

    assert decided == []
    assert (await world.row()).status is stage
