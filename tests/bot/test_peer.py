"""Which of the processes that hear an interaction answers it."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from bot.errors import StorageError
from bot.storage import peer
from bot.storage.custody import Custody
from tests.bot.test_hints import Process, two

__all__ = ["two"]  # a fixture


async def answers(process: Process, interaction_id: int = 1) -> bool:
    return await process.peer.answers(interaction_id, now=1)


async def test_of_two_that_hear_it_one_answers(two: tuple[Process, Process]) -> None:
    assert sorted(await asyncio.gather(*map(answers, two))) == [False, True]


async def test_who_has_a_successor_is_silent(two: tuple[Process, Process]) -> None:
    two[0].peer.leaves = True
    assert [await answers(process) for process in two] == [False, True]


class Away:
    """A database that answers never, or only that it is away."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    async def answers(self, interaction_id: int, *, now: int) -> bool:
        if self._error is not None:
            raise self._error
        await asyncio.Event().wait()
        return False


@pytest.mark.fault(
    "somebody asks while the database that several processes share is away",
    sees="that something went wrong",
    charged="nothing",
)
@pytest.mark.parametrize("error", [None, StorageError("It is away.", "Wait.")], ids=str)
async def test_nobody_is_left_without_an_answer_where_the_database_does_not_say(
    error: Exception | None, two: tuple[Process, Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "CLAIM_SECONDS", 0.01)
    two[0].peer.custody = cast("Custody", Away(error))
    assert await answers(two[0])
