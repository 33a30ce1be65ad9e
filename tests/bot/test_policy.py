"""The pure rules: what is refused, and when windows open and close."""

from __future__ import annotations

import pytest

from bot.domain.attached import MOST_BYTES, MOST_PIXELS, Attached, media_type
from bot.domain.guild import GuildPolicy
from bot.domain.limits import DAY_MS
from bot.policy import (
    NEEDED_IN_THREADS,
    NEEDED_PERMISSIONS,
    PERMISSION_NAMES,
    Place,
    Policy,
    admit,
    screen,
    screen_pictures,
)
from bot.record import replace
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


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (Attached("video/mp4", 100), PictureKindNotTaken("video/mp4")),
        (Attached("image/png", MOST_BYTES + 1), PictureTooLarge(MOST_BYTES + 1, MOST_BYTES)),
        (Attached("image/png", 9, 5001, 5000), PictureTooManyPixels(25_005_000, MOST_PIXELS)),
    ],
)
def test_the_refusal_of_a_picture_says_what_it_is_and_what_may_be(
    picture: Attached, says: Refused
) -> None:
    with pytest.raises(type(says)) as caught:
        screen_pictures([picture])
    assert vars(caught.value) == vars(says)


def test_a_refusal_says_how_long_the_prompt_is_and_what_the_bot_lacks() -> None:
    with pytest.raises(PromptTooLong) as long:
        screen("123456", QUICK, place(), ANYWHERE)
    assert vars(long.value) == vars(PromptTooLong(6, 5))

    with pytest.raises(PermissionsMissing) as lacking:
        screen("fox", QUICK, place("embed_links", "view_channel"), ANYWHERE)
    assert vars(lacking.value) == vars(PermissionsMissing(("view_channel", "embed_links")))


OUTSIDE = Policy(5, None, user_install=True)
GUEST = Place(9, frozenset(), is_guest=True)
DIRECT = Place(None, frozenset())


@pytest.mark.parametrize("where", [GUEST, DIRECT])
def test_where_an_answer_goes_by_its_token_the_bot_needs_no_permission(where: Place) -> None:
    screen("fox", QUICK, where, OUTSIDE)


def test_permissions_are_needed_by_a_member_and_where_nobody_brings_the_bot_along() -> None:
    with pytest.raises(PermissionsMissing):
        screen("fox", QUICK, Place(7, frozenset()), OUTSIDE)
    with pytest.raises(PermissionsMissing):
        screen("fox", QUICK, DIRECT, ANYWHERE)


def test_a_guest_is_served_where_people_bring_the_bot_along_and_the_server_is_on_the_list() -> None:
    with pytest.raises(ServerNotAllowed):
        screen("fox", QUICK, replace(place(), is_guest=True), ANYWHERE)
    listed = replace(OUTSIDE, allowed_guilds=frozenset({9}))
    screen("fox", QUICK, GUEST, listed)
    screen("fox", QUICK, DIRECT, listed)
    with pytest.raises(ServerNotAllowed):
        screen("fox", QUICK, replace(GUEST, guild_id=8), listed)


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
