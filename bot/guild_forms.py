"""The forms of `/settings`: what they ask, and what changes follow from what was typed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from bot import values
from bot.guild import REFUSALS_AN_HOUR, Change, GuildPolicy, Holder
from bot.limits import UNLIMITED
from bot.text import money
from bot.views.actions import Press
from bot.views.pages import PANEL
from bot.views.panel import Field
from bot.wording import settings as words

#: Whose images alone are counted, and whose money too.
_IMAGES = ("day_images", "month_images")
_PAYERS = (Holder.GUILD, Holder.CHANNEL)

MOST_REFUSALS, MOST_DAYS = 1000, 3650

_BRAKES = {
    "refusals_an_hour": ("Refusals by the filter an hour", f"1 to {MOST_REFUSALS}, or none"),
    "account_days": ("Accounts: days old at least", f"0 to {MOST_DAYS}"),
    "member_days": ("Members: days in the server at least", f"0 to {MOST_DAYS}"),
}
_ZONE = ("Time zone", "A name like Europe/Berlin. Empty: the installation's")


class Unreadable(Exception):
    """Fields that cannot be used: each with its label and what it takes."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Form:
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
        return f"Limits: {words.HOLDERS[asked.holder].rstrip(' …').lower()}"
    return {"zone": "Time zone", "brakes": "Brakes"}[asked.verb]


def fields_of(asked: Form, policy: GuildPolicy, subject: int) -> list[Field]:
    """The form's fields with what is set now; `subject` as the policy knows it."""
    if asked.verb == "zone":
        return [Field("zone", *_ZONE, policy.zone or "", longest=64)]
    if asked.verb == "brakes":
        now = {
            "refusals_an_hour": str(policy.refusals_an_hour or "none"),
            "account_days": str(policy.account_days),
            "member_days": str(policy.member_days),
        }
        return [Field(name, *_BRAKES[name], now[name]) for name in _BRAKES]
    allowed = policy.allowance(asked.holder, subject)
    return [
        Field(name, words.FIELDS[name], words.LIMIT_ABOUT, _shown(name, getattr(allowed, name)))
        for name in _names(asked.holder)
    ]


def changes_of(asked: Form, said: Mapping[str, str]) -> list[Change]:
    """What was typed, as changes. Raises Unreadable with every field that cannot be used."""
    changes: list[Change] = []
    problems: list[tuple[str, str]] = []
    for name, label, read in _expected(asked):
        try:
            value = read(said.get(name, ""))
        except values.Unusable as error:
            problems.append((label, error.remedy))
            continue
        changes.append(Change(asked.holder, asked.subject, name, value))
    if problems:
        raise Unreadable(problems)
    return changes


def _expected(asked: Form) -> Iterator[tuple[str, str, Callable[[str], str | None]]]:
    """Each field's name, its label, and how it is read."""
    if asked.verb == "zone":
        yield "zone", _ZONE[0], _zone
    elif asked.verb == "brakes":
        yield "refusals_an_hour", _BRAKES["refusals_an_hour"][0], _refusals
        yield "account_days", _BRAKES["account_days"][0], _days
        yield "member_days", _BRAKES["member_days"][0], _days
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
    return money(value).lstrip("$").replace(",", "") if name.endswith("micros") else str(value)


def _zone(text: str) -> str | None:
    return values.zone(text).key if text else None


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
    amount = values.budget(text.removeprefix("$").replace(",", "").strip())
    return str(UNLIMITED if amount is None else amount)
