"""The table of docs/together.md: every button of an image, pressed by everybody, once and twice.

`test_buttons.py` beside it performs each line anew.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simcord.backend import serializers
from simcord.interactions import base_payload
from simcord.results import InteractionResult

from bot.domain.generation import Entry, Generation, Status
from bot.domain.offer import Offer
from bot.record import replace
from bot.wording import ON_ITS_WAY, images, moderation
from tests.cogs.test_desk import restarted
from tests.models import LARGER, LIKE, QUICK, RETOUCH
from tests.permissions.scene import told
from tests.world import World, open_world

OFFER = Offer((replace(QUICK, safeguards=()), RETOUCH, LARGER, LIKE))
PEOPLE = {"whoever asked": "alice", "another member": "bob", "a moderator": "mona"}
TIMES = {"once": 1, "twice at once": 2}
SAID: Mapping[str, str] = {
    ON_ITS_WAY: "on its way already",
    images.NOT_YOURS: "refused: not theirs",
    images.NOT_YOURS_TO_COVER: "refused: not theirs",
    images.YOUR_OWN: "refused: their own",
    images.REMOVED_ALREADY: "gone already",
    moderation.NEEDS_MODERATOR: "refused: no moderator",
    "You have already reported this.": "reported already",
    images.TITLE: "details",
    images.CONFIRM.split("**")[1]: "asked whether they mean it",
    images.COVERED: "covered",
    images.DELETED: "deleted",
    images.REMOVED.split(".", 1)[0] + ".": "removed",
    images.FILED: "reported",
}
"""What somebody reads in answer, and its short form in the table."""
_PRESS, _SUBMIT = 3, 5


@dataclass(frozen=True, slots=True)
class Step:
    """A button (below the image, or of a panel), or a form with these words in it."""

    verb: str
    fields: Mapping[str, str] | None = None
    on_panel: bool = False


BUTTONS: Mapping[str, Sequence[Step]] = {
    "**Again**": [Step("again")],
    "**Change image**": [Step("change"), Step("change", {"prompt": "make the hat red"})],
    "**Edit prompt**": [Step("edit"), Step("edit", {"prompt": "a blue fox"})],
    "**More**": [Step("open")],
    "**Upscale**": [Step("upscale")],
    "**Vary**": [Step("vary")],
    "**Spoiler**": [Step("spoiler")],
    "**Delete …**": [Step("delete"), Step("delete-now", on_panel=True)],
    "**Remove …**": [Step("remove"), Step("remove", {"reason": "no"})],
    "**Report …**": [Step("report"), Step("report", {"reason": "no"})],
}
"""Every step is taken whatever the one before said: custom ids can be forged."""


async def cell(world: World, button: str, kind: str, times: int, *, restart: bool) -> str:
    """What this person is told by a new image of Alice's, and what it makes and costs."""
    who = getattr(world, PEOPLE[kind])
    await world.imagine()
    await world.env.advance_time(15)
    [row] = await world.ledger.recent(world.alice.id, 1)
    before = await world.ledger.recent(who.id, 50)
    if restart:
        await restarted(world)
    verdicts: list[str] = []
    for step in BUTTONS[button]:
        results = await _at_once(world, who, row, step, times)
        verdicts += sorted(set(map(_verdict, results)))  # whichever of them was the first
    await world.env.advance_time(15)
    old = {each.id for each in before}
    made = [each for each in await world.ledger.recent(who.id, 50) if each.id not in old]
    return ", ".join(dict.fromkeys([*verdicts, *_books(made)]))


def _books(made: Sequence[Generation]) -> list[str]:
    """How many rows there are, and how many images were made and charged."""
    if not made:
        return []
    done = [each for each in made if each.status is Status.DELIVERED]
    charged = sum(each.counted for each in made if each.quota is Entry.SETTLED)
    paid = sum(each.budget is Entry.SETTLED for each in made)
    assert len(made) == len(done) == charged == paid, made
    return [f"{len(made)} image, {charged} charged"]


def _verdict(result: InteractionResult) -> str:
    if result.modal is not None:
        return "form"
    said = told(result)
    found = [short for words, short in SAID.items() if words in said]
    if result.ephemeral or found:
        assert len(found) == 1, said
        return found[0]
    return "begins"


async def _at_once(
    world: World, who: Any, row: Generation, step: Step, times: int
) -> list[InteractionResult]:
    """As many interactions, all of them sent before the first is answered."""
    custom_id = f"imagine:image:{step.verb}:{row.id}"
    backend, message_id = world.env.backend, row.message_id or 0
    message = backend.get_message(world.channel.id, message_id)
    if step.on_panel:
        message = backend.create_message(world.channel.id, backend.bot_user.id, "panel")
    sent = [_sent(world, who, message, custom_id, step) for _ in range(times)]
    for _, payload in sent:
        world.env.backend.emit("INTERACTION_CREATE", payload)
    await world.env._settle_internal(dispatch="INTERACTION_CREATE")
    return [InteractionResult(world.env, record) for record, _ in sent]


def _sent(
    world: World, who: Any, message: Any, custom_id: str, step: Step
) -> tuple[Any, dict[str, Any]]:
    """From this message, with a button there that this person may not have been shown."""
    backend = world.env.backend
    data: dict[str, Any] = {"custom_id": custom_id}
    button = {"type": 2, "style": 2, "label": "x", **data}
    if step.fields is None:
        kind, data["component_type"] = _PRESS, 2
    else:
        kind = _SUBMIT
        fields = [{"type": 4, "custom_id": n, "value": v} for n, v in step.fields.items()]
        data["custom_id"] = custom_id.replace("imagine", "imagine-form", 1)
        data["components"] = [{"type": 18, "component": field} for field in fields]
    record, payload = base_payload(
        backend,
        type=kind,
        channel_id=world.channel.id,
        guild_id=world.guild.id,
        user_id=who.id,
        data=data,
    )
    payload["message"] = {
        **serializers.message_payload(backend, message),
        "components": [{"type": 1, "components": [button]}],
    }
    record.source_message_id = message.id
    return record, payload


def lines() -> list[tuple[str, str]]:
    """The table's first two columns."""
    return [(button, times) for button in BUTTONS for times in TIMES]


async def line(world: World, button: str, times: str) -> str:
    """Its row, performed before and after a restart: both must say the same."""
    cells = []
    for kind in PEOPLE:
        found = [
            await cell(world, button, kind, TIMES[times], restart=restart)
            for restart in (False, True)
        ]
        assert found[0] == found[1], found
        cells.append(found[0])
    return f"| {button} | {times} | {' | '.join(cells)} |"


HEAD = f"| Button | Pressed | {' | '.join(PEOPLE)} |\n{'|---' * (len(PEOPLE) + 2)}|"


async def table() -> str:
    """All of it; each line takes some seconds."""
    rows = []
    for button, times in lines():
        with tempfile.TemporaryDirectory() as folder:
            async with open_world(Path(folder), offer=OFFER, person=100) as world:
                with world.env.time_context():
                    rows.append(await line(world, button, times))
    return "\n".join((HEAD, *rows))
