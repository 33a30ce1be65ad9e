"""Who may do what: docs/moderation.md has it as it is, for everybody and every action."""

from __future__ import annotations

import pytest

from tests.documents.generated import page
from tests.documents.pages import part
from tests.permissions.actions import ACTIONS
from tests.permissions.matrix import HEAD, refusals, row
from tests.permissions.scene import REFUSALS
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")
STALE = "run `make docs`"


def documented() -> list[str]:
    """The lines of the table and of what its letters stand for."""
    return part(page(("moderation.md", "permissions")), "permissions").splitlines()


@pytest.mark.parametrize("action", ACTIONS)
async def test_everybody_may_what_the_document_says(world: World, action: str) -> None:
    assert await row(world, action) in documented(), STALE


def test_the_document_has_these_actions_in_this_order_and_no_others() -> None:
    head, rule, *lines = documented()

    assert head == HEAD
    assert set(rule) == {"|", "-"}
    assert [line.split(" | ")[0] for line in lines[: len(ACTIONS)]] == [f"| {a}" for a in ACTIONS]
    assert "\n".join(lines[len(ACTIONS) :]) == f"\n{refusals()}"


def test_every_letter_is_somebodys_answer() -> None:
    table = "\n".join(documented()[: len(ACTIONS) + 2])

    assert [letter for letter in REFUSALS if f"({letter})" not in table] == []
