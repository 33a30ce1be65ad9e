"""Which limits hold: how allowances combine, and in whose windows they count."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.guild import GuildPolicy, Holder, Setting
from bot.domain.limits import UNLIMITED, Allowance, Limit, Period, Scope, Spent, Unit, highest
from bot.policy.quota import Asker, Operator, limits

NOW = int(datetime(2026, 11, 25, 20, 0, tzinfo=UTC).timestamp() * 1000)
ME, CHANNEL = -77, 4
OPEN = Operator(Allowance(), Allowance(), UTC)
NO_BRAKE = Setting(Holder.GUILD, 0, "refusals_an_hour", "0")


def policy(*settings: tuple[Holder, int, str, object]) -> GuildPolicy:
    given = [
        Setting(holder, subject, name, str(value)) for holder, subject, name, value in settings
    ]
    return GuildPolicy.of(1, [NO_BRAKE, *given])


def found(
    guild: GuildPolicy, *roles: int, operator: Operator = OPEN, channel: int = CHANNEL
) -> dict[tuple[Scope, Unit, Period], int]:
    asker = Asker(ME, roles, channel)
    return {
        (each.scope, each.unit, each.period): each.most
        for each in limits(operator, guild, asker, NOW)
    }


def per_day(guild: GuildPolicy, *roles: int) -> int | None:
    return found(guild, *roles).get((Scope.MEMBER, Unit.IMAGES, Period.DAY))


def test_a_members_own_limit_holds_whatever_their_roles_give() -> None:
    guild = policy(
        (Holder.MEMBER, ME, "day_images", 1),
        (Holder.ROLE, 10, "day_images", 50),
        (Holder.EVERYONE, 0, "day_images", 5),
    )
    assert per_day(guild, 10) == 1


@pytest.mark.parametrize(("roles", "most"), [((10,), 3), ((11,), 50), ((10, 11), 50), ((12,), 5)])
def test_else_the_highest_of_their_roles_else_everybodys(roles: tuple[int, ...], most: int) -> None:
    guild = policy(
        (Holder.ROLE, 10, "day_images", 3),
        (Holder.ROLE, 11, "day_images", 50),
        (Holder.EVERYONE, 0, "day_images", 5),
    )
    assert per_day(guild, *roles) == most


def test_no_limit_is_the_highest_of_all_and_says_nothing_of_other_parts() -> None:
    guild = policy(
        (Holder.ROLE, 10, "day_images", UNLIMITED),
        (Holder.ROLE, 11, "day_images", 3),
        (Holder.EVERYONE, 0, "day_images", 5),
        (Holder.EVERYONE, 0, "month_images", 40),
    )
    assert per_day(guild, 10, 11) is None
    assert found(guild, 10)[Scope.MEMBER, Unit.IMAGES, Period.MONTH] == 40


def test_of_a_person_a_channel_a_server_and_the_installation_all_hold_at_once() -> None:
    guild = policy(
        (Holder.EVERYONE, 0, "day_images", 5),
        (Holder.CHANNEL, CHANNEL, "day_micros", 2_000_000),
        (Holder.CHANNEL, 99, "day_images", 1),
        (Holder.GUILD, 0, "month_images", 300),
    )
    operator = Operator(Allowance(20), Allowance(month_micros=50_000_000), UTC)

    assert found(guild, operator=operator) == {
        (Scope.USER, Unit.IMAGES, Period.DAY): 20,
        (Scope.MEMBER, Unit.IMAGES, Period.DAY): 5,
        (Scope.CHANNEL, Unit.MICROS, Period.DAY): 2_000_000,
        (Scope.GUILD, Unit.IMAGES, Period.MONTH): 300,
        (Scope.INSTALLATION, Unit.MICROS, Period.MONTH): 50_000_000,
    }


def test_windows_are_the_servers_but_those_of_the_operators_limits_are_theirs() -> None:
    guild = policy((Holder.GUILD, 0, "zone", "Asia/Kolkata"), (Holder.GUILD, 0, "day_images", 9))
    operator = Operator(Allowance(20), Allowance(9), ZoneInfo("America/St_Johns"))

    by_scope = {each.scope: each for each in limits(operator, guild, Asker(ME, (), CHANNEL), NOW)}

    kolkata = int(datetime.fromisoformat("2026-11-26T00:00+05:30").timestamp() * 1000)
    assert by_scope[Scope.GUILD].since == kolkata
    st_johns = int(datetime.fromisoformat("2026-11-25T00:00-03:30").timestamp() * 1000)
    assert by_scope[Scope.INSTALLATION].since == by_scope[Scope.USER].since == st_johns


def test_without_a_word_from_anybody_only_the_filters_brake_holds() -> None:
    [brake] = limits(OPEN, GuildPolicy(), Asker(ME, (), CHANNEL), NOW)

    assert (brake.scope, brake.most, brake.since) == (Scope.FILTER, 5, NOW - 3_600_000)


def test_a_zone_that_is_not_known_any_more_gives_way_to_the_installations() -> None:
    guild = policy(
        (Holder.GUILD, 0, "zone", "Atlantis/Capital"), (Holder.GUILD, 0, "day_images", 9)
    )

    [limit] = limits(OPEN, guild, Asker(ME, (), CHANNEL), NOW)

    assert limit.since == int(datetime(2026, 11, 25, tzinfo=UTC).timestamp() * 1000)


def test_a_value_that_cannot_be_read_is_passed_over() -> None:
    assert policy((Holder.GUILD, 0, "account_days", "soon")) == policy()


def test_what_a_newer_version_set_is_passed_over() -> None:
    assert policy((Holder.GUILD, 0, "colour", "blue"), (Holder.ROLE, 1, "hours", "3")) == policy()


def test_the_highest_of_nothing_is_nothing() -> None:
    assert highest([]) == Allowance()


def spent(used: int, most: int, need: int = 1) -> Spent:
    return Spent(Limit(Scope.GUILD, Unit.MICROS, Period.DAY, most, 0, 1), used, need)


def test_a_budget_counts_as_wholly_spent_once_no_image_fits_any_more() -> None:
    assert (spent(4, 10).percent, spent(10, 10).percent) == (40, 100)
    assert (spent(95, 100, need=6).percent, spent(94, 100, need=6).percent) == (100, 94)
