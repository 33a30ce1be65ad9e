"""The states of a generation, as docs/architecture.md draws them."""

from __future__ import annotations

import re
import sqlite3

import pytest

from bot.domain.generation import Status
from tests.documents.pages import ROOT
from tests.documents.states import MEANS, MOVES
from tests.world import World

MARK = re.compile(r"pytest\.mark\.moves\(([^)]*)\)")


def test_every_state_is_explained() -> None:
    assert list(MEANS) == [status.value for status in Status]


def test_only_what_has_not_ended_goes_on_but_for_a_rejection() -> None:
    ended = {before for before, _ in MOVES if Status(before).ended}

    assert ended == {Status.REJECTED}
    assert {before for before, _ in MOVES} >= {each for each in Status if not each.ended}


def test_every_move_that_is_drawn_is_made_by_a_test() -> None:
    made = {
        move
        for path in (ROOT / "tests").rglob("test_*.py")
        for said in MARK.findall(path.read_text(encoding="utf-8"))
        for move in re.findall(r'"(\w+>\w+)"', said)
    }

    assert made == {f"{before}>{after}" for before, after in MOVES}


@pytest.mark.sqlite("its triggers watch the moves")
@pytest.mark.usefixtures("env")
async def test_no_test_makes_a_move_that_is_not_drawn(world: World) -> None:
    await world.imagine()
    jump = "update generation set status = 'kept'"

    with pytest.raises(sqlite3.IntegrityError, match=r"a move that docs/architecture\.md"):
        await world.database.write(jump, {})
