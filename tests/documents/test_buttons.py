"""Every button of an image, pressed by everybody: docs/together.md has it as it is."""

from __future__ import annotations

import pytest

from tests.documents.buttons import HEAD, OFFER, line, lines
from tests.documents.generated import page
from tests.documents.pages import part
from tests.world import World

pytestmark = [pytest.mark.usefixtures("env"), pytest.mark.rules(offer=OFFER, person=100)]
STALE = "run `make docs`"


def documented() -> list[str]:
    return part(page(("together.md", "buttons")), "buttons").splitlines()


@pytest.mark.parametrize(("button", "times"), lines())
async def test_a_button_does_what_the_document_says_before_and_after_a_restart(
    world: World, button: str, times: str
) -> None:
    assert await line(world, button, times) in documented(), STALE


def test_the_document_has_these_buttons_in_this_order_and_no_others() -> None:
    head, rule, *rest = documented()

    assert f"{head}\n{rule}" == HEAD
    assert [tuple(each.strip("| ").split(" | ")[:2]) for each in rest] == lines()
