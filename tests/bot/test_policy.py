"""The pure rules: what is refused, and when windows open and close."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.attached import MOST_BYTES, Attached, media_type
from bot.domain.guild import GuildPolicy
from bot.policy import (
    DAY_MS,
    NEEDED_IN_THREADS,
    NEEDED_PERMISSIONS,
    PERMISSION_NAMES,
    Place,
    Policy,
    admit,
    screen,
    screen_pictures,
)
from bot.refusals import (
    AgeRestricted,
    Paused,
    PermissionsMissing,
    PromptEmpty,
    PromptNotTaken,
    PromptTooLong,
    Refused,
    ServerNotAllowed,
    TooNew,
)
from bot.refusals.pictures import PictureKindNotTaken, PictureTooLarge, PictureTooManyPixels
from tests.models import QUICK

MODEL = QUICK.name
ANYWHERE = Policy(prompt_max_length=5, allowed_guilds=None)


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
        screen(prompt, QUICK, where, policy)


def test_words_for_a_model_that_takes_none_are_refused_and_not_lost() -> None:
    with pytest.raises(PromptNotTaken):
        screen("fox", replace(QUICK, prompt=None), place(), ANYWHERE)


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
    screen("12345", QUICK, where, policy)


USER = (1_000_000 << 22) + 1
BORN = 1_420_070_400_000 + 1_000_000
NEW = GuildPolicy(account_days=7, member_days=2)


def test_an_account_that_is_too_new_may_ask_when_it_is_old_enough() -> None:
    young = GuildPolicy(account_days=7)

    with pytest.raises(TooNew) as caught:
        admit(USER, place(), young, BORN + 7 * DAY_MS - 1)
    admit(USER, place(), young, BORN + 7 * DAY_MS)

    assert (caught.value.what, caught.value.until) == ("account", BORN + 7 * DAY_MS)


def test_a_member_who_has_just_joined_may_ask_later_and_one_of_unknown_age_counts_as_new() -> None:
    now = BORN + 100 * DAY_MS
    joined = replace(place(), joined_at=now - DAY_MS)

    for where in (joined, place()):
        with pytest.raises(TooNew) as caught:
            admit(USER, where, NEW, now)
        assert caught.value.what == "membership"
    admit(USER, replace(joined, joined_at=now - 2 * DAY_MS), NEW, now)


def test_no_age_is_asked_for_where_none_is_set_whatever_the_clocks_say() -> None:
    admit(USER, replace(place(), joined_at=BORN), GuildPolicy(), BORN - DAY_MS)


def test_a_paused_server_refuses_whoever_asks() -> None:
    with pytest.raises(Paused) as caught:
        admit(USER, place(), GuildPolicy(paused=True), BORN)
    assert caught.value.scope == "guild"


@pytest.mark.parametrize(
    ("picture", "refused"),
    [
        (Attached("video/mp4", 100), PictureKindNotTaken),
        (Attached("image/heic", 100), PictureKindNotTaken),
        (Attached("", 100), PictureKindNotTaken),
        (Attached("image/png", MOST_BYTES + 1), PictureTooLarge),
        (Attached("image/png", 100, 8000, 8000), PictureTooManyPixels),
    ],
)
def test_a_picture_that_cannot_be_used_by_its_own_account_is_refused(
    picture: Attached, refused: type[Refused]
) -> None:
    with pytest.raises(refused):
        screen_pictures([Attached("image/png", 100, 64, 64), picture])


def test_a_picture_is_taken_up_to_the_limits() -> None:
    screen_pictures([Attached("image/jpeg", MOST_BYTES, 5000, 5000), Attached("image/gif", 100)])


@pytest.mark.parametrize(
    ("declared", "meant"),
    [
        ("image/png", "image/png"),
        ("image/JPG", "image/jpeg"),
        ("image/webp; x=y", "image/webp"),
        ("", ""),
    ],
)
def test_a_type_is_the_same_however_it_is_written(declared: str, meant: str) -> None:
    assert media_type(declared) == meant
