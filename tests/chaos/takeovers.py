"""How soon others have what a process had: a trigger keeps the time of every change of owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.chaos.judge import Verdict

KILLED_LIMIT, FROZEN_LIMIT = 3.0, 20.0
"""Seconds within which others have what a killed and what a frozen process had."""

OWNERS = (
    "create table chaos_owner (id text, was bigint, at timestamptz default clock_timestamp())",
    """
create function chaos_owned() returns trigger language plpgsql as $$
begin
    insert into chaos_owner (id, was) values (old.id, old.owner_epoch);
    return new;
end $$""",
    """
create trigger chaos_owned after update of owner_epoch on generation
for each row when (old.owner_epoch <> new.owner_epoch) execute function chaos_owned()""",
)
OPEN = "select count(*) from generation where token is not null"
HEARING = """
select living.objid::bigint as epoch
from pg_locks as held join pg_locks as living using (pid, database)
where held.classid::bigint = $1 and living.classid::bigint = $2
    and database = (select oid from pg_database where datname = current_database())"""
HELD = """
select id from generation
where owner_epoch = $1 and token is not null
    and status not in ('proposed', 'reviewing', 'appealing')"""
BUSIEST = """
select owner_epoch from generation where status = 'running'
group by owner_epoch order by count(*) desc limit 1"""
TAKEN = "select id, extract(epoch from at)::float8 as at from chaos_owner where was = $1"


@dataclass
class Figures:
    """What came of it; takeovers in seconds, one for each generation that was taken over."""

    verdict: Verdict = field(default_factory=Verdict)
    after_kills: list[float] = field(default_factory=list)
    #: Where nobody was left who could have taken it over: until one was started again.
    after_last: list[float] = field(default_factory=list)
    after_freezes: list[float] = field(default_factory=list)
    freezes: int = 0
    killed: Counter[str] = field(default_factory=Counter)

    @property
    def broken(self) -> list[str]:
        """What must not be."""
        found = list(self.verdict.broken)
        limits = ((self.after_kills, KILLED_LIMIT), (self.after_freezes, FROZEN_LIMIT))
        for seconds, limit in limits:
            if seconds and percentile(seconds, 99) > limit:
                found.append(f"takeover p99 {percentile(seconds, 99):.2f} s > {limit:.0f} s")
        return found


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of them that so many per cent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(share) // 100) - 1)]
