"""What waits for a yes: how long, whose, once, how many."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.generation import Request
from bot.record import replace
from bot.request.pending import MOST, PENDING_MS, Pending
from tests.bot.storage.test_ledger import request
from tests.clocks import HandClock


@dataclass(frozen=True)
class Question:
    request: Request


def asked(id: int = 1, user_id: int = 5) -> Question:
    return Question(replace(request(), interaction_id=id, user_id=user_id))


async def test_it_is_found_by_whoever_asked_and_only_for_its_time() -> None:
    clock = HandClock()
    pending = Pending[Question](clock)
    pending.keep(asked())

    assert pending.find(1, user_id=5) == asked()
    assert pending.find(1, user_id=6) is None
    assert pending.find(2, user_id=5) is None
    await clock.advance(PENDING_MS / 1000)
    assert pending.find(1, user_id=5) is None


def test_the_oldest_go_first_where_there_are_too_many() -> None:
    pending = Pending[Question](HandClock())

    for id in range(1, MOST + 2):
        pending.keep(asked(id))

    assert len(pending) == MOST
    assert pending.find(1, user_id=5) is None


def test_what_was_forgotten_while_it_was_taken_does_not_come_back() -> None:
    """Somebody has their data erased while their yes is being decided, and it is refused."""
    pending = Pending[Question](HandClock())
    pending.keep(asked())
    pending.take(1)

    pending.forget(5)
    pending.take(1, taken=False)

    assert len(pending) == 0
    assert not pending.is_taken(1)
