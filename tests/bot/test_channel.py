"""What holds in a channel."""

from __future__ import annotations

import pytest

from bot.domain.channel import ChannelPolicy, Mode, Privacy, Review, Sources
from bot.domain.guild import GuildPolicy, Holder, Setting

CHANNEL, OTHER = 71, 72


def policy(*settings: tuple[int, str, str]) -> GuildPolicy:
    """`settings`: a channel's (0: the server's), by name."""
    return GuildPolicy.of(
        1,
        [
            Setting(Holder.CHANNEL if channel else Holder.GUILD, channel, name, value)
            for channel, name, value in settings
        ],
    )


def test_where_nothing_is_set_everybody_may_ask_for_everything() -> None:
    assert ChannelPolicy.of(GuildPolicy(), CHANNEL) == ChannelPolicy()


def test_a_channel_has_what_it_sets_itself_and_the_rest_from_its_server() -> None:
    guild = policy((0, "mode", "off"), (0, "spoiler", "1"), (CHANNEL, "mode", "moderated"))

    here, elsewhere = ChannelPolicy.of(guild, CHANNEL), ChannelPolicy.of(guild, OTHER)

    assert (here.mode, here.spoiler) == (Mode.MODERATED, True)
    assert (elsewhere.mode, elsewhere.spoiler) == (Mode.OFF, True)


def test_lists_are_read_as_ids_and_names() -> None:
    guild = policy((CHANNEL, "roles", "5 6"), (CHANNEL, "models", "a/b c/d"))

    found = ChannelPolicy.of(guild, CHANNEL)

    assert (set(found.roles), set(found.models)) == ({5, 6}, {"a/b", "c/d"})


@pytest.mark.parametrize(
    ("name", "field", "strictest"),
    [
        ("mode", "mode", Mode.OFF),
        ("review", "review", Review.BOTH),
        ("privacy", "privacy", Privacy.FORBIDDEN),
        ("sources", "sources", Sources.OFF),
        ("direct", "direct", False),
        ("lenient", "lenient", False),
        ("spoiler", "spoiler", True),
        ("roles", "roles", frozenset({0})),
        ("keep_days", "keep_days", 0),
    ],
)
def test_a_value_that_is_not_known_is_the_strictest(
    name: str, field: str, strictest: object
) -> None:
    assert getattr(ChannelPolicy.of(policy((0, name, "?")), CHANNEL), field) == strictest


@pytest.mark.parametrize(
    ("settings", "moderated"),
    [
        ((), False),
        (((0, "mode", "moderated"),), True),
        (((0, "review", "image"),), True),
        (((0, "review", "off"),), False),
    ],
)
def test_a_channel_is_moderated_by_its_mode_or_by_its_review(
    settings: tuple[tuple[int, str, str], ...], *, moderated: bool
) -> None:
    assert ChannelPolicy.of(policy(*settings), CHANNEL).is_moderated is moderated


def test_nothing_goes_to_direct_messages_where_images_are_reviewed() -> None:
    guild = policy((0, "direct", "1"), (CHANNEL, "review", "image"))

    assert not ChannelPolicy.of(guild, CHANNEL).direct
    assert ChannelPolicy.of(guild, OTHER).direct
