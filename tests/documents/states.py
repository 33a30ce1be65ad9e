"""The states of a generation, and every move from one to another: docs/architecture.md.

In every test with a `world` a move that is not here fails, and a test marked `moves(…)` has to make
those moves: `tests/conftest.py` sees to both. Where a test itself puts a row back to where it was
before a kill (out of an end, or without its prediction), nobody watches.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from bot.domain.generation import Status
from tests.documents.pages import table

Move = tuple[str, str]

NEW = "[*]"
MEANS: Mapping[str, str] = {
    "proposed": "reserved; a moderator decides before anything is bought",
    "queued": "reserved; waits for its turn",
    "submitting": "the create is about to be sent, or was; no id is known yet",
    "running": "the prediction's id is known",
    "reviewing": "the image is stored; a moderator decides whether it is shown",
    "appealing": "whoever asked objects to a rejection; a moderator decides once more",
    "delivering": "the image is stored, and is being sent",
    "delivered": "the image is in Discord",
    "kept": "Discord took it nowhere; `/history` has it",
    "failed": "there is no image, and a reason",
    "canceled": "somebody canceled it in time",
    "rejected": "a moderator said no; the image is sealed for as long as one may appeal",
    "expired": "nobody decided in time, or its turn never came",
    "unknown": "the create was never answered, and nobody can say whether it was accepted",
}
MOVES: Mapping[Move, str] = {
    ("proposed", "queued"): "approved",
    ("proposed", "rejected"): "rejected",
    ("proposed", "expired"): "nobody decided",
    ("proposed", "canceled"): "canceled",
    ("proposed", "failed"): "no picture to start from",
    ("queued", "submitting"): "its turn",
    ("queued", "canceled"): "canceled",
    ("queued", "expired"): "waited too long",
    ("queued", "failed"): "no picture to start from",
    ("submitting", "running"): "accepted",
    ("submitting", "queued"): "not now, or its stand-in",
    ("submitting", "failed"): "refused",
    ("submitting", "unknown"): "nobody can say",
    ("running", "reviewing"): "stored, to be reviewed",
    ("running", "delivering"): "stored",
    ("running", "failed"): "no image, or too late",
    ("running", "canceled"): "canceled",
    ("running", "unknown"): "forgotten by the provider",
    ("reviewing", "delivering"): "approved",
    ("reviewing", "rejected"): "rejected",
    ("reviewing", "expired"): "nobody decided",
    ("reviewing", "canceled"): "canceled",
    ("rejected", "appealing"): "appealed",
    ("appealing", "delivering"): "approved after all",
    ("appealing", "rejected"): "rejected for good",
    ("delivering", "delivered"): "shown",
    ("delivering", "kept"): "taken nowhere",
    ("delivering", "failed"): "its file is lost",
}
"""Every change of a row's status, and what makes it."""


def diagram() -> str:
    """As Mermaid draws it."""
    begin = [f"{NEW} --> {status}" for status in ("proposed", "queued")]
    moves = [f"{before} --> {_because(after, why)}" for (before, after), why in MOVES.items()]
    lines = [f"    {line}" for line in (*begin, *moves)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def states() -> str:
    """The same as a table."""
    rows = []
    for status in Status:
        after = [_because(to, why) for (before, to), why in MOVES.items() if before == status]
        rows.append((f"`{status}`", MEANS[status], "\n".join(after) or "– (it has ended)"))
    return table(("Status", "Means", "Goes to"), rows)


def _because(status: str, why: str) -> str:
    """Where the status does not say it itself."""
    return status if why == status else f"{status}: {why}"


def watch(file: Path) -> None:
    """From now on this SQLite database refuses any other move, and remembers what is made."""
    drawn = ", ".join(f"'{before}>{after}'" for before, after in MOVES)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            f"""
            create table moved (move text primary key);
            create trigger moves after update of status on generation
            when old.status <> new.status and (old.ended_at is null or old.status = 'rejected')
                and (old.prediction_id is null or new.prediction_id is not null)
            begin
                select raise(abort, 'a move that docs/architecture.md does not have')
                where old.status || '>' || new.status not in ({drawn});
                insert or ignore into moved values (old.status || '>' || new.status);
            end;
            """
        )


def made(file: Path) -> set[str]:
    """The moves that a database has remembered, as `before>after`."""
    with closing(sqlite3.connect(file)) as connection:
        return {row[0] for row in connection.execute("select move from moved")}
