"""The reply to a request of several images: which arrived, what became of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from bot import errors, wording
from bot.domain.generation import Entry, Generation, Request, Status
from bot.language import N_, N_n, _, _n
from bot.record import replace
from bot.refusals.pictures import Failure
from bot.text import counted, shorten, units
from bot.wording import appeals, desk, lineage
from bot.wording.reasons import what_failed

#: Where its images are, or will be.
_WITH_IMAGES = frozenset({Status.DELIVERING, Status.DELIVERED, Status.KEPT})

#: Said of one image, and of several.
_Said = tuple[str, str]
_LOST: _Said = N_n(
    "{count} of {all} was lost: {reason}.",
    "{count} of {all} were lost: {reason}.",
)
_BECAME: Mapping[Status, _Said] = {
    Status.CANCELED: N_n(
        "{count} of {all} was canceled.",
        "{count} of {all} were canceled.",
    ),
    Status.REJECTED: N_n(
        "{count} of {all} was rejected by a moderator.",
        "{count} of {all} were rejected by a moderator.",
    ),
    Status.EXPIRED: N_n(
        "{count} of {all} was not begun: its turn did not come in time.",
        "{count} of {all} were not begun: their turn did not come in time.",
    ),
    Status.UNKNOWN: N_n(
        "{count} of {all} was never answered by the provider.",
        "{count} of {all} were never answered by the provider.",
    ),
}
_FILTERED: _Said = N_n(
    "{count} of {all} was refused by the provider's safety filter.",
    "{count} of {all} were refused by the provider's safety filter.",
)
_LEFT_OUT: _Said = N_n(
    "{count} of {all} was left out by the provider (most likely by its safety filter).",
    "{count} of {all} were left out by the provider (most likely by its safety filter).",
)
_UNFETCHED: _Said = N_n(
    "{count} of {all} was made, but could not be fetched.",
    "{count} of {all} were made, but could not be fetched.",
)
_UNDER_WAY: _Said = N_n(
    "{count} of {all} is still on the way.",
    "{count} of {all} are still on the way.",
)
_AT_DESK: _Said = N_n(
    "{count} of {all} is waiting for a moderator.",
    "{count} of {all} are waiting for a moderator.",
)
_LAPSED: _Said = N_n(
    "{count} of {all} was rejected by a moderator, and nobody decided the appeal in time.",
    "{count} of {all} were rejected by a moderator, and nobody decided the appeal in time.",
)
_UNDECIDED: _Said = N_n(
    "{count} of {all} was not decided by a moderator in time.",
    "{count} of {all} were not decided by a moderator in time.",
)
_KEPT = N_("📦 **The images are ready, but cannot be posted here.** Find them in `/history`.")
_AT_THE_DESK, _NONE = N_("🛂 **Not decided yet.**"), N_("⚠️ **No images.**")


def alt_texts(request: Request, count: int) -> list[str]:
    """One for each picture, told apart by their numbers."""
    text = wording.alt_text(request)
    if count == 1:
        return [text]
    said = _("{number} of {all}: {text}")
    numbered = (said.format(number=number, all=count, text=text) for number in range(1, count + 1))
    return [shorten(each, wording.ALT_TEXT_LIMIT) for each in numbered]


def input_texts(count: int) -> list[str]:
    """The alt texts of what it starts from, for moderators."""
    said = _("Input picture {number}")
    return [said.format(number=number) for number in range(1, count + 1)]


def progress(content: str, ready: int, asked: int) -> str:
    """The words about one that is under way, and how many are done."""
    done = _("{count} of {all} ready").format(count=ready, all=asked)
    return f"{content} · {done}" if ready else content


def finished(
    rows: Sequence[Generation], changes: Collection[str], parent: Generation | None = None
) -> str:
    """The reply with the images of these rows; `changes`: what was done so that they fit.

    `parent`: the image that they come from, as far as it is on record.
    """
    newest = max(rows, key=lambda row: row.provider_ended_at or 0)
    if any(row.status is Status.CANCELED for row in rows):  # which is said below
        newest = replace(newest, cancel_requested_at=None)
    greatest = [change for change in wording.CHANGES if change in changes]  # in their order
    source = lineage.source(newest, parent)
    missing = " ".join(_missing(rows))
    above = desk.whose(newest.request) if newest.request.publish else ""
    below = f"\n⚠️ {missing} {_charged(rows)}" if missing else ""
    apart, change = units(above + below), greatest[-1] if greatest else ""
    return f"{above}{wording.finished(newest, change, source, apart)}{below}"


def ended(rows: Sequence[Generation], error: Failure) -> str:
    """The reply when there is nothing to show; `error` is that of one that failed."""
    request = rows[0].request
    kept = [row for row in rows if row.status is Status.KEPT]
    kinds = {(row.status, row.error, row.quota) for row in rows}
    if request.asked == 1 or (len(kinds) == 1 and not kept and rows[0].quota is not Entry.SETTLED):
        return desk.ended(rows[0]) or wording.ended(rows[0], error)
    missing = " ".join(_missing(rows))
    if kept:
        line = _(_KEPT)
        return wording.reply(request, f"{line} {missing} {_charged(rows)}" if missing else line)
    if any(row.status.at_desk for row in rows):
        return wording.reply(request, f"{_(_AT_THE_DESK)} {missing}")
    told = next((row for row in rows if row.reason), None)
    why, then = (desk.reason(told), appeals.outlook(told)) if told else ("", "")
    return wording.reply(request, f"{_(_NONE)} {missing} {why}{_charged(rows)}{then}")


def _missing(rows: Sequence[Generation]) -> Iterator[str]:
    """A sentence for each reason, with how many of all it took."""
    counts: dict[tuple[_Said, str], int] = {}
    for row in rows:
        for said, reason, count in _reasons(row):
            if count > 0:
                counts[said, reason] = counts.get((said, reason), 0) + count
    asked = sum(row.request.images for row in rows)
    for (said, reason), count in counts.items():
        yield _n(*said, count).format(count=count, all=asked, reason=reason)


def _reasons(row: Generation) -> Iterator[tuple[_Said, str, int]]:
    """What became of how many; of what was lost also why."""
    images = row.request.images
    if row.status in _WITH_IMAGES:
        yield _LEFT_OUT, "", images - len(row.outputs) - row.unfetched
        yield _UNFETCHED, "", row.unfetched
    elif row.status is Status.FAILED and row.error == "safety":
        yield _FILTERED, "", images
    elif row.status is Status.FAILED:
        yield _LOST, what_failed(errors.by_code(row.error)), images
    elif row.status is Status.EXPIRED and row.error == "undecided":
        yield _UNDECIDED, "", images
    elif row.status is Status.REJECTED and appeals.undecided(row):
        yield _LAPSED, "", images
    else:
        became = _AT_DESK if row.status.at_desk else _BECAME.get(row.status, _UNDER_WAY)
        yield became, "", images


def _charged(rows: Sequence[Generation]) -> str:
    charged = sum(_counted(row) for row in rows)
    if not charged:
        return _("You were not charged.")
    return counted(
        "You were charged for {count} image.", "You were charged for {count} images.", charged
    )


def _counted(row: Generation) -> int:
    """What the person's quota counts of it, also where that is about to be recorded."""
    if row.status in _WITH_IMAGES:
        return min(row.counted, len(row.outputs))
    return row.counted if row.quota is Entry.SETTLED else 0
