"""The reply to a request of several images: which arrived, what became of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from bot import errors, wording
from bot.domain import Entry, Generation, Request, Status
from bot.picture_refusals import Failure
from bot.text import plural, shorten
from bot.wording import appeals, desk
from bot.wording.reasons import what_failed

#: Where its images are, or will be.
_WITH_IMAGES = frozenset({Status.DELIVERING, Status.DELIVERED, Status.KEPT})
#: "3 of 4 were …".
_BECAME = {
    Status.CANCELED: "canceled",
    Status.REJECTED: "rejected by a moderator",
    Status.EXPIRED: "not begun: no turn came up in time",
    Status.UNKNOWN: "never answered by the provider",
}
_FILTERED = "taken by the provider's safety filter"
_LEFT_OUT = "left out by the provider (most likely by its safety filter)"
_UNFETCHED = "made, but could not be fetched"
_UNDER_WAY = "still on the way"
_AT_DESK = "waiting for a moderator"
_LAPSED = "rejected by a moderator, and nobody decided about the appeal in time"
_UNDECIDED = "not decided about by a moderator in time"


def alt_texts(request: Request, count: int) -> list[str]:
    """One for each picture, told apart by their numbers."""
    text = wording.alt_text(request)
    if count == 1:
        return [text]
    numbered = (f"{number} of {count}: {text}" for number in range(1, count + 1))
    return [shorten(each, wording.ALT_TEXT_LIMIT) for each in numbered]


def progress(content: str, ready: int, asked: int) -> str:
    """The words about one that is under way, and how many are done."""
    return f"{content} · {ready} of {asked} ready" if ready else content


def finished(rows: Sequence[Generation], changes: Collection[str]) -> str:
    """The reply with the images of these rows; `changes`: what was done so that they fit."""
    newest = max(rows, key=lambda row: row.provider_ended_at or 0)
    if any(row.status is Status.CANCELED for row in rows):  # which is said below
        newest = replace(newest, cancel_requested_at=None)
    greatest = [change for change in wording.CHANGES if change in changes]  # in their order
    text = wording.finished(newest, greatest[-1] if greatest else "")
    missing = " ".join(_missing(rows))
    text = desk.whose(newest.request) + text if newest.request.publish else text
    return f"{text}\n⚠️ {missing} {_charged(rows)}" if missing else text


def ended(rows: Sequence[Generation], error: Failure) -> str:
    """The reply when there is nothing to show; `error` is that of one that failed."""
    request = rows[0].request
    kept = [row for row in rows if row.status is Status.KEPT]
    kinds = {(row.status, row.error, row.quota) for row in rows}
    if request.asked == 1 or (len(kinds) == 1 and not kept and rows[0].quota is not Entry.SETTLED):
        return desk.ended(rows[0]) or wording.ended(rows[0], error)
    missing = " ".join(_missing(rows))
    if kept:
        line = "📦 **The images are ready, but cannot be posted here.** Get them by `/history`."
        return wording.reply(request, f"{line} {missing} {_charged(rows)}" if missing else line)
    if any(row.status.at_desk for row in rows):
        return wording.reply(request, f"🛂 **Not decided yet.** {missing}")
    told = next((row for row in rows if row.reason), None)
    why, then = (desk.reason(told), appeals.outlook(told)) if told else ("", "")
    return wording.reply(request, f"⚠️ **No images.** {missing} {why}{_charged(rows)}{then}")


def ready(row: Generation) -> str:
    """A note to whoever asked and has been waiting for long."""
    one = wording.ready(row)
    return one if row.request.asked == 1 else one.replace("image is", "images are")


def _missing(rows: Sequence[Generation]) -> Iterator[str]:
    """A sentence for each reason, with how many of all it took."""
    counts: dict[str, int] = {}
    for row in rows:
        for reason, count in _reasons(row):
            if count > 0:
                counts[reason] = counts.get(reason, 0) + count
    asked = sum(row.request.images for row in rows)
    for reason, count in counts.items():
        verb = "is" if reason in (_UNDER_WAY, _AT_DESK) else "was"
        several = {"is": "are", "was": "were"}[verb]
        yield f"{count} of {asked} {verb if count == 1 else several} {reason}."


def _reasons(row: Generation) -> Iterator[tuple[str, int]]:
    images = row.request.images
    if row.status in _WITH_IMAGES:
        yield from (
            (_LEFT_OUT, images - len(row.outputs) - row.unfetched),
            (_UNFETCHED, row.unfetched),
        )
    elif row.status is Status.FAILED:
        what = what_failed(errors.by_code(row.error))
        yield _FILTERED if row.error == "safety" else f"lost: {what}", images
    elif row.status is Status.EXPIRED and row.error == "undecided":
        yield _UNDECIDED, images
    elif row.status is Status.REJECTED and appeals.undecided(row):
        yield _LAPSED, images
    else:
        became = _AT_DESK if row.status.at_desk else _BECAME.get(row.status, _UNDER_WAY)
        yield became, images


def _charged(rows: Sequence[Generation]) -> str:
    charged = sum(_counted(row) for row in rows)
    return (
        f"You were charged for {plural(charged, 'image')}." if charged else "You were not charged."
    )


def _counted(row: Generation) -> int:
    """What the person's quota counts of it, also where that is about to be recorded."""
    if row.status in _WITH_IMAGES:
        return min(row.counted, len(row.outputs))
    return row.counted if row.quota is Entry.SETTLED else 0
