"""A server's own rules: what its managers set, and what follows for one request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from bot.domain.limits import Allowance, highest
from bot.record import Hidden, Record, field

#: After so many refusals by the provider's filter in an hour a person waits, unless a server says
#: otherwise: enough to find other words, too few to search the filter for holes.
REFUSALS_AN_HOUR = 5

#: What holds where a person chooses nothing, and how lenient they may be: the name of a model,
#: the name of a `bot.domain.model.Level`, the model that stands in for one that is not there.
PRESETS = MODEL, SAFETY, FALLBACK = "model", "safety", "fallback"
#: What else a channel has from its server where it sets nothing itself. Yes is "1", no is
#: "0"; roles are ids, models names, with spaces between.
CHANNEL_SETTINGS = (
    *("mode", "review", "desk", "privacy", "sources", "spoiler", "direct", "mention", "lenient"),
    *("keep_days", "roles", "models", "rejected_counts", "saving", "language"),
)
_INHERITED = frozenset((*PRESETS, *CHANNEL_SETTINGS))

_ALLOWANCE = Allowance.__struct_fields__
_NOTHING = Allowance()
_UNSET: Mapping[str, str] = {}


class Holder(StrEnum):
    """Whom, or what, a setting is about; with the id of the role, member or channel."""

    GUILD = "guild"
    EVERYONE = "everyone"  # each member
    ROLE = "role"
    MEMBER = "member"  # by pseudonym
    CHANNEL = "channel"


class Setting(Record):
    """One value that a server's managers set."""

    holder: Holder
    subject: int
    name: str
    value: str


class Change(Record):
    """A setting's new value; None: not set any more."""

    holder: Holder
    subject: int
    name: str
    value: str | None


class Changed(Record):
    """A change as it stands on record; `actor` and a member's `subject` are pseudonyms.

    0: of somebody whose data was erased. `reason` is what they wrote, where that is not kept as
    values; erased with them.
    """

    at: int
    actor: int
    holder: Holder
    subject: int
    name: str
    before: Hidden[str | None]
    after: Hidden[str | None]
    reason: Hidden[str] = ""


class GuildPolicy(Record):
    """All that a server's managers set; `version` rises with every change.

    `zone` is an IANA name (None: the installation's), ages are in days, `notices` is the channel
    where budgets are announced (None: the owner's direct messages). `presets` are PRESETS and
    CHANNEL_SETTINGS by name, of each channel that has its own, and of 0: the server.
    `ignores_automod`: the server's own AutoMod is not applied to requests.
    """

    version: int = 0
    zone: str | None = None
    paused: bool = False
    refusals_an_hour: int | None = REFUSALS_AN_HOUR
    account_days: int = 0
    member_days: int = 0
    notices: int | None = None
    ignores_automod: bool = False
    allowances: Mapping[tuple[Holder, int], Allowance] = field(default_factory=dict)
    presets: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, version: int, settings: Iterable[Setting]) -> GuildPolicy:
        """What these settings mean; what is not known (a newer version's) is passed over."""
        own: dict[str, int] = {}
        zone: str | None = None
        ignores_automod = False
        allowed: dict[tuple[Holder, int], dict[str, int]] = defaultdict(dict)
        presets: dict[int, dict[str, str]] = defaultdict(dict)
        for each in settings:
            if each.name == "zone":
                zone = each.value
            elif each.name == "automod":
                ignores_automod = each.value == "ignored"
            elif each.name in _INHERITED and each.holder in (Holder.GUILD, Holder.CHANNEL):
                presets[each.subject][each.name] = each.value
            elif not each.value.isdecimal():
                continue
            elif each.name in _ALLOWANCE:
                allowed[each.holder, each.subject][each.name] = int(each.value)
            elif each.holder is Holder.GUILD:
                own[each.name] = int(each.value)
        return cls(
            version=version,
            zone=zone,
            paused="paused" in own,
            refusals_an_hour=own.get("refusals_an_hour", REFUSALS_AN_HOUR) or None,
            account_days=own.get("account_days", 0),
            member_days=own.get("member_days", 0),
            notices=own.get("notices"),
            ignores_automod=ignores_automod,
            allowances={key: Allowance(**parts) for key, parts in allowed.items()},
            presets=dict(presets),
        )

    @property
    def is_set_up(self) -> bool:
        """Whether anybody has said where images are made."""
        return any("mode" in own for own in self.presets.values())

    def preset(self, name: str, place_id: int) -> Iterator[str]:
        """The channel's, then the server's, as far as they are set."""
        for subject in (place_id, 0):
            if (value := self.presets.get(subject, _UNSET).get(name)) is not None:
                yield value

    def kept_days(self) -> Mapping[int, int]:
        """For how many days images are kept, by channel; of 0: those of all other channels."""
        return {
            subject: int(value)
            for subject, own in self.presets.items()
            if (value := own.get("keep_days", "")).isdecimal()
        }

    def allowance(self, holder: Holder, subject: int = 0) -> Allowance:
        return self.allowances.get((holder, subject), _NOTHING)

    def person(self, member: int, role_ids: Iterable[int]) -> Allowance:
        """A member's own, else the highest of their roles', else everybody's; part by part."""
        own = self.allowance(Holder.MEMBER, member)
        roles = [self.allowance(Holder.ROLE, role) for role in role_ids]
        of_roles = highest([each for each in roles if each is not _NOTHING] or [_NOTHING])
        return own.or_else(of_roles).or_else(self.allowance(Holder.EVERYONE))
