"""The forms of `/settings`: what they ask, and what changes follow from what was typed. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Self

from bot.domain.guild import REFUSALS_AN_HOUR, Change, GuildPolicy, Holder
from bot.domain.limits import UNLIMITED
from bot.language import _
from bot.record import Record
from bot.settings import values
from bot.text import amount
from bot.views.actions import Press
from bot.views.pages import PANEL
from bot.views.panel import Field
from bot.wording import channels
from bot.wording import settings as words

#: Whose images alone are counted, and whose money too.
_IMAGES = ("day_images", "month_images")
_PAYERS = (Holder.GUILD, Holder.CHANNEL)

MOST_REFUSALS, MOST_DAYS = 1000, 3650
_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


class Unreadable(Exception):
    """Fields that cannot be used: each with its label and what it takes."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(problems)
        self.problems = problems


class Form(Record):
    """Which form: of whose limits, where it is of limits; opened when the settings had a version.

    A member's `subject` is their id here: only what is stored is by pseudonym.
    """

    verb: str
    holder: Holder = Holder.GUILD
    subject: int = 0
    version: int = 0

    @property
    def press(self) -> Press:
        return Press(PANEL, self.verb, f"{self.holder}-{self.subject}-{self.version}")

    @classmethod
    def of(cls, press: Press) -> Self:
        """Raises ValueError for an id that is none of ours."""
        holder, subject, version = press.subject.split("-")
        return cls(press.verb, Holder(holder), int(subject), int(version))


def title_of(asked: Form) -> str:
    if asked.verb == "limits":
        return _(words.FORMS[asked.holder])
    return _(words.TITLES[asked.verb])


def fields_of(asked: Form, policy: GuildPolicy, subject: int) -> list[Field]:
    """The form's fields with what is set now; `subject` as the policy knows it."""
    if asked.verb == "zone":
        return [Field("zone", _(words.ZONE), _(words.ZONE_ABOUT), policy.zone or "", longest=64)]
    if asked.verb == "brakes":
        now = {
            "refusals_an_hour": str(policy.refusals_an_hour or "none"),
            "account_days": str(policy.account_days),
            "member_days": str(policy.member_days),
        }
        days, refusals = words.between(0, MOST_DAYS), words.between(1, MOST_REFUSALS, none=True)
        return [
            Field(name, _(label), refusals if name == "refusals_an_hour" else days, now[name])
            for name, label in words.BRAKE_FIELDS.items()
        ]
    allowed, about = policy.allowance(asked.holder, subject), _(words.LIMIT_ABOUT)
    return [
        Field(name, _(words.FIELDS[name]), about, _shown(name, getattr(allowed, name)))
        for name in _names(asked.holder)
    ]


def days_kept(name: str, own: str | None) -> Field:
    """Of a channel's, or the server's, own days."""
    return Field(name, _(channels.KEEP), _(channels.KEEP_ABOUT), own or "", longest=4)


def changes_of(asked: Form, said: Mapping[str, str]) -> list[Change]:
    """What was typed, as changes. Raises Unreadable with every field that cannot be used."""
    changes: list[Change] = []
    problems: list[tuple[str, str]] = []
    for name, label, read in _expected(asked):
        try:
            value = read(said.get(name, ""))
        except values.Unusable as error:
            problems.append((_(label), _(error.remedy)))
            continue
        changes.append(Change(asked.holder, asked.subject, name, value))
    if problems:
        raise Unreadable(problems)
    return changes


def _expected(asked: Form) -> Iterator[tuple[str, str, Callable[[str], str | None]]]:
    """Each field's name, its label, and how it is read."""
    if asked.verb == "zone":
        yield "zone", words.ZONE, _zone
    elif asked.verb == "brakes":
        for name, label in words.BRAKE_FIELDS.items():
            yield name, label, _refusals if name == "refusals_an_hour" else _days
    else:
        for name in _names(asked.holder):
            yield name, words.FIELDS[name], _dollars if name.endswith("micros") else _images


def _names(holder: Holder) -> tuple[str, ...]:
    return tuple(words.FIELDS) if holder in _PAYERS else _IMAGES


def _shown(name: str, value: int | None) -> str:
    if value is None:
        return ""
    if value == UNLIMITED:
        return "none"
    return amount(value) if name.endswith("micros") else str(value)


def _zone(text: str) -> str | None:
    return str(values.zone(text)) if text else None


def _refusals(text: str) -> str | None:
    if text.lower() == "none":
        return "0"
    count = values.whole(1, MOST_REFUSALS)(text or str(REFUSALS_AN_HOUR))
    return None if count == REFUSALS_AN_HOUR else str(count)


def _days(text: str) -> str | None:
    days = values.whole(0, MOST_DAYS)(text or "0")
    return str(days) if days else None


def _images(text: str) -> str | None:
    if not text:
        return None
    count = values.limit(text)
    return str(UNLIMITED if count is None else count)


def _dollars(text: str) -> str | None:
    if not text:
        return None
    plain = text.removeprefix("$").strip()
    if _THOUSANDS.fullmatch(plain):  # "2,50" is no 250
        plain = plain.replace(",", "")
    micros = values.budget(plain)
    return str(UNLIMITED if micros is None else micros)
