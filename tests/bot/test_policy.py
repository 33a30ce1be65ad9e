"""The pure rules: what is refused, and when windows open and close."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import (
    AgeRestricted,
    PermissionsMissing,
    PromptEmpty,
    PromptTooLong,
    Refused,
    ServerNotAllowed,
)
from bot.policy import (
    NEEDED_IN_THREADS,
    NEEDED_PERMISSIONS,
    PERMISSION_NAMES,
    Place,
    Policy,
    Windows,
    screen,
)

MODEL = "owner/name"
ANYWHERE = Policy(prompt_max_length=5, allowed_guilds=None)


def ms(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc, arg-type]  # positional date parts


def place(*missing: str, thread: bool = False) -> Place:
    return Place(7, PERMISSION_NAMES - set(missing), is_thread=thread)


@pytest.mark.parametrize(
    ("prompt", "where", "policy", "refused"),
    [
        ("", place(), ANYWHERE, PromptEmpty),
        ("123456", place(), ANYWHERE, PromptTooLong),
        ("fox", place(), Policy(5, frozenset({8})), ServerNotAllowed),
        ("fox", Place(None, PERMISSION_NAMES), Policy(5, frozenset({8})), ServerNotAllowed),
        ("fox", place(), Policy(5, None, frozenset({MODEL})), AgeRestricted),
        *[("fox", place(name), ANYWHERE, PermissionsMissing) for name in NEEDED_PERMISSIONS],
        *[
            ("fox", place(name, thread=True), ANYWHERE, PermissionsMissing)
            for name in NEEDED_IN_THREADS
        ],
    ],
)
def test_each_rule_refuses(
    prompt: str, where: Place, policy: Policy, refused: type[Refused]
) -> None:
    with pytest.raises(refused):
        screen(prompt, MODEL, where, policy)


@pytest.mark.parametrize(
    ("where", "policy"),
    [
        (place(), ANYWHERE),
        (place(), Policy(5, frozenset({7}))),
        (place("send_messages", thread=True), ANYWHERE),
        (place("send_messages_in_threads"), ANYWHERE),
        (place(), Policy(5, None, frozenset({"owner/another"}))),
        (replace(place(), is_age_restricted=True), Policy(5, None, frozenset({MODEL}))),
    ],
)
def test_what_no_rule_forbids_is_allowed(where: Place, policy: Policy) -> None:
    screen("12345", MODEL, where, policy)


def test_the_day_and_month_are_utc_and_reset_at_their_ends() -> None:
    windows = Windows.at(ms(2026, 12, 31, 23, 59))

    assert windows == Windows(ms(2026, 12, 31), ms(2027, 1, 1), ms(2026, 12, 1), ms(2027, 1, 1))
    assert Windows.at(ms(2027, 1, 1)).day == ms(2027, 1, 1)


def test_a_leap_february_ends_on_its_29th() -> None:
    assert Windows.at(ms(2028, 2, 28)).next_month == ms(2028, 3, 1)
    assert Windows.at(ms(2028, 2, 29)).next_day == ms(2028, 3, 1)
