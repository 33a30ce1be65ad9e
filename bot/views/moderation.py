"""A page of the record, and the buttons that turn it."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.language import _
from bot.record import Record, replace
from bot.views.actions import Press
from bot.views.panel import PanelButton
from bot.wording import moderation as words

PANEL = "moderation"
_LOOK = re.compile(r"([0-9]{0,15})-([0-9]{0,20})-([a-z]{0,20})-([0-9]{0,15})")


class Look(Record):
    """What is looked for: older than the entry `before`, of a member, of an action, since a time.

    Written into the buttons' ids, so that they work after a restart; None: whatever it is.
    """

    before: int | None = None
    member: int | None = None
    action: str | None = None
    since: int | None = None

    @property
    def subject(self) -> str:
        parts = (self.before, self.member, self.action, self.since)
        return "-".join("" if part is None else str(part) for part in parts)

    @classmethod
    def named(cls, subject: str) -> Self:
        """The opposite; of what is no such text, everything."""
        found = _LOOK.fullmatch(subject)
        before, member, action, since = found.groups() if found else ("", "", "", "")
        return cls(_number(before), _number(member), action or None, _number(since))


def log_view(text: str, look: Look, last: int | None) -> discord.ui.LayoutView:
    """`last`: the oldest entry shown, where there are older ones."""
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.blurple())
    box.add_item(discord.ui.TextDisplay(f"{_(words.LOG)}\n{text}"))
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    newest = replace(look, before=None)
    if last is not None:
        older = replace(look, before=last)
        row.add_item(PanelButton(Press(PANEL, "older", older.subject), _(words.OLDER)))
    if look.before is not None:
        row.add_item(PanelButton(Press(PANEL, "newest", newest.subject), _(words.NEWEST)))
    row.add_item(PanelButton(Press(PANEL, "csv", newest.subject), _(words.CSV)))
    box.add_item(row)
    view.add_item(box)
    return view


def _number(text: str) -> int | None:
    return int(text) if text else None
