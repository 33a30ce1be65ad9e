"""Which decision of a moderator a request waits for, and until when."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.generation import Generation, Status
from bot.wording import appeals

#: Nobody waits longer than this for a moderator.
DEADLINE_MS = 24 * 3_600_000

#: Snowflakes have at most 19 digits, and what SQLite takes for a number not many more.
_SUBJECT = re.compile(r"([0-9]{1,18}|[1-8][0-9]{18})-(proposed|reviewing|appealing)")
_UNDER_WAY = (Status.QUEUED, Status.SUBMITTING, Status.RUNNING)


def stage_of(rows: Sequence[Generation]) -> Status | None:
    """What is to be decided about a request now; None: nothing, or some of it is under way."""
    if any(row.status in _UNDER_WAY for row in rows):
        return None
    return next((row.status for row in rows if row.status.at_desk), None)


def due(rows: Sequence[Generation], stage: Status) -> int:
    """Until when it has to be decided."""
    waiting = [row for row in rows if row.status is stage]
    if stage is Status.APPEALING:
        return max(map(appeals.deadline, waiting))
    return DEADLINE_MS + max(row.provider_ended_at or row.created_at for row in waiting)


def subject(interaction_id: int, stage: Status) -> str:
    """What a card's buttons are about, within their ids."""
    return f"{interaction_id}-{stage}"


def read_subject(text: str) -> tuple[int, Status | None]:
    """The reverse; (0, None): it is none of ours. Ids can be forged."""
    match = _SUBJECT.fullmatch(text)
    return (0, None) if match is None else (int(match[1]), Status(match[2]))
