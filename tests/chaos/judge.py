"""What became of every request, from three independent books: Discord, the invoice, the ledger."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from playground.predictions import Purchase
from playground.world import World

MARKER = re.compile(r"marker-\d+-\d+")
"""In every prompt: ties an interaction, a purchase, a row and a message together."""

_LOADING = 1 << 7
_CANCEL_LABELS = ("Cancel", "Stop waiting")


@dataclass
class Verdict:
    """The figures of one run; `broken` lists what must never be."""

    kills: int = 0
    asked: int = 0
    acknowledged: int = 0
    delivered: int = 0
    kept: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    canceled: int = 0
    refused: int = 0
    unknown: int = 0
    purchases: int = 0
    predictions_per_request: int = 0
    charges_per_request: int = 0
    doubles: int = 0
    lost: int = 0
    orphans: int = 0
    left_in_progress: int = 0
    images_twice: int = 0
    wrong_books: int = 0
    leaks: int = 0
    came_back: int = 0
    split_decisions: int = 0
    points: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        """The invariants that do not hold."""
        zeros = (
            *("doubles", "lost", "orphans", "left_in_progress", "images_twice", "wrong_books"),
            *("leaks", "came_back", "split_decisions"),
        )
        wrong = [f"{name} = {getattr(self, name)}" for name in zeros if getattr(self, name)]
        ones = ("predictions_per_request", "charges_per_request")
        return wrong + [
            f"{name} = {getattr(self, name)}" for name in ones if getattr(self, name) > 1
        ]

    def add(self, other: Verdict) -> None:
        """Another run's figures on top: sums, and the larger of each maximum."""
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            largest = each.name.endswith("_per_request") or each.name == "seconds"
            setattr(self, each.name, max(mine, theirs) if largest else mine + theirs)

    def to_json(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Verdict:
        return cls(**{**body, "failed": Counter(body["failed"]), "points": Counter(body["points"])})


def rows(database: Path) -> list[dict[str, Any]]:
    """The ledger as it is now; empty before there is one."""
    if not database.exists():
        return []
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)
    try:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("select * from generation")]
    except sqlite3.OperationalError:  # killed before the first migration
        return []
    finally:
        connection.close()


class Judge:
    """Ties the books together by marker; `asked` maps each marker to its interaction's id."""

    def __init__(
        self,
        world: World,
        invoice: Iterable[Purchase],
        ledger: Iterable[Mapping[str, Any]],
        asked: Mapping[str, int],
        removed: Collection[str] = (),
    ) -> None:
        """`removed`: the markers of what a moderator deleted."""
        self._world = world
        self._asked = asked
        self._removed = removed
        self._bought: dict[str, list[Purchase]] = {}
        for bought in invoice:
            self._bought.setdefault(_marker(str(bought.input["prompt"])), []).append(bought)
        self._rows: dict[str, list[Mapping[str, Any]]] = {}
        for row in ledger:
            self._rows.setdefault(_marker(row["prompt"]), []).append(row)

    def verdict(self) -> Verdict:
        found = Verdict(asked=len(self._asked))
        for marker, interaction_id in self._asked.items():
            self._request(found, marker, interaction_id)
        for marker in self._bought.keys() - self._asked.keys():
            found.orphans += 1
            found.notes.append(f"{marker}: bought, and nobody asked")
        found.purchases = sum(len(bought) for bought in self._bought.values())
        return found

    def _request(self, found: Verdict, marker: str, interaction_id: int) -> None:
        record = self._world.backend.interactions[interaction_id]
        bought, mine = self._bought.get(marker, []), self._rows.get(marker, [])
        row = mine[0] if mine else None
        charges = sum(each["budget"] == "settled" for each in mine)
        found.predictions_per_request = max(found.predictions_per_request, len(bought))
        found.charges_per_request = max(found.charges_per_request, charges)
        found.doubles += max(0, len(bought) - 1)
        self._purchases(found, marker, bought, row)
        if record.responded:
            found.acknowledged += 1
            self._outcome(found, marker, record.channel_id, record.message_id, row)
        elif row is not None and row["status"] not in ("canceled", "expired", "failed"):
            found.notes.append(f"{marker}: never acknowledged, and {row['status']}")
            found.lost += 1

    def _purchases(
        self,
        found: Verdict,
        marker: str,
        bought: list[Purchase],
        row: Mapping[str, Any] | None,
    ) -> None:
        known = {row["prediction_id"]} if row is not None else set()
        explained = row is not None and row["status"] == "unknown"
        for each in bought:
            if each.id not in known and not explained:
                found.orphans += 1
                status = row["status"] if row else "no row"
                found.notes.append(f"{marker}: a purchase that no row knows ({status})")
        if row is None:
            return
        settled = row["budget"] == "settled"
        if row["budget"] == "reserved" or (settled and not bought and not explained):
            found.wrong_books += 1
            found.notes.append(f"{marker}: budget {row['budget']}, {len(bought)} purchases")

    def _outcome(
        self,
        found: Verdict,
        marker: str,
        channel_id: int,
        message_id: int | None,
        row: Mapping[str, Any] | None,
    ) -> None:
        messages = self._world.backend.messages[channel_id]
        reply = messages.get(message_id or 0)
        images = [each for each in self._everywhere(marker) if each.attachments]
        if len(images) > 1:
            found.images_twice += 1
            places = ", ".join(f"{each.id} in {each.channel_id}" for each in images)
            found.notes.append(f"{marker}: its image in {places}")
        status = row["status"] if row is not None else ""
        if reply is not None and _in_progress(reply):
            found.left_in_progress += 1
            found.notes.append(f"{marker}: {status or 'no row'}, and the reply still in progress")
        self._count(found, marker, row, shown=bool(images), told=bool(reply and reply.content))

    def _count(
        self,
        found: Verdict,
        marker: str,
        row: Mapping[str, Any] | None,
        *,
        shown: bool,
        told: bool,
    ) -> None:
        status = row["status"] if row is not None else "refused" if told else "no row"
        match status:
            case "delivered" if shown or marker in self._removed:
                found.delivered += 1
            case "kept":
                found.kept += 1
            case "failed" | "expired" | "rejected" if row is not None:
                found.failed[row["error"] or status] += 1
            case "canceled" | "unknown" | "refused":
                setattr(found, status, getattr(found, status) + 1)
            case _:
                found.lost += 1
                found.notes.append(f"{marker}: lost ({status})")

    def _everywhere(self, marker: str) -> list[Any]:
        """Messages in any channel that speak of it or show its image."""
        if not hasattr(self, "_by_marker"):
            self._by_marker: dict[str, list[Any]] = {}
            for channel in self._world.backend.messages.values():
                for message in channel.values():
                    for each in markers(message):
                        self._by_marker.setdefault(each, []).append(message)
        return self._by_marker.get(marker, [])


def _marker(text: str) -> str:
    found = MARKER.search(text)
    return found[0] if found else "none"


def markers(message: Any) -> set[str]:
    """Whose requests a message speaks of, or shows an image of."""
    texts = [message.content, *(file.get("description", "") for file in message.attachments)]
    return set(MARKER.findall(" ".join(texts).replace("\\", "")))  # the prompt is escaped


def _in_progress(message: Any) -> bool:
    labels = [
        button.get("label") for line in message.components for button in line.get("components", [])
    ]
    return bool(message.flags & _LOADING) or any(label in _CANCEL_LABELS for label in labels)
