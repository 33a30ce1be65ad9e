"""Discord's limits on what a button, a form or a message may say, in every language.

https://docs.discord.com/developers/components/reference
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import wording
from bot.domain.generation import Generation, Status
from bot.language import LANGUAGES, _, speaking, translated
from bot.record import replace
from bot.storage.appeals import Rejection
from bot.storage.reviews import Review, Verdict
from bot.text import MESSAGE_LIMIT, units
from bot.wording import (
    appeals,
    automod,
    channels,
    derivations,
    desk,
    first_day,
    history,
    images,
    improvement,
    moderation,
    pictures,
    preferences,
    privacy,
    reasons,
    screening,
    settings,
    styles,
)
from tests.bot.storage.test_ledger import request

#: What says no more than so many characters. Add what you show in one of these.
LIMITS: dict[str, tuple[int, tuple[str, ...]]] = {
    "a button": (
        80,
        (
            *(appeals.APPEAL, reasons.GENERATE, "AutoMod …", "⚠ AutoMod …"),
            *(automod.READ, automod.APPLY, automod.IGNORE, automod.BACK),
            *(desk.APPROVE, desk.SPOILER, desk.REJECT, desk.BLOCK, desk.WHY),
            *(moderation.OLDER, moderation.NEWEST, moderation.CSV),
            *(screening.ADD, screening.REMOVE, screening.BACK),
            *(screening.PREVIOUS, screening.NEXT),
            *(settings.WORDS_BUTTON, settings.CHANGE, settings.PAUSE, settings.RESUME),
            *settings.HOLDERS.values(),
            *(channels.CHANGE, channels.WHOLE_SERVER, *channels.PAGE_NAMES.values()),
            *(each for choices in channels.CHOICES.values() for each in choices.values()),
            *(*channels.EVERYBODY.values(), *channels.CLEAR.values()),
            *(*first_day.PLACES.values(), *first_day.PRESETS.values()),
            *(*derivations.LABELS.values(), derivations.YES, derivations.NO),
            *(images.MORE, images.DELETE, images.REMOVE, images.REPORT, images.SPOILER),
            *(images.DISMISS, images.DELETE_NOW, history.MINE, history.HERE),
            *(history.NEWER, history.OLDER, history.FILTER, history.CLEAR, history.BACK),
            *(history.SEND_AGAIN, history.RUN_AGAIN, history.DELETE, history.OPEN),
            *(styles.ADD, styles.CHANGE, styles.REMOVE, styles.BACK, styles.BUTTON),
            *(preferences.OPEN, preferences.BACK, preferences.UNSET),
            *(each for labels in preferences.CHANGES.values() for each in labels.values()),
            *(improvement.IMPROVE, improvement.USE, improvement.EDIT, improvement.MINE),
            *(improvement.DISMISS, privacy.HIDE, privacy.SHOW, privacy.EXPORT, privacy.DELETE),
            *(privacy.DELETE_NOW, privacy.KEEP),
        ),
    ),
    "a form's title": (
        45,
        (
            *(appeals.TITLE, desk.REJECT_TITLE, desk.BLOCK_TITLE, screening.ADD, screening.REMOVE),
            *(*settings.FORMS.values(), *settings.TITLES.values(), channels.TITLES["keep_days"]),
            *(derivations.CHANGE_TITLE, derivations.EDIT_TITLE, images.REMOVE_TITLE),
            *(images.REPORT_TITLE, history.FILTER_TITLE, styles.ADD_TITLE, styles.CHANGE_TITLE),
            *(improvement.TITLE, pictures.TITLE),
        ),
    ),
    "a field's label": (
        45,
        (
            *(appeals.TEXT, desk.REASON, desk.HOW_LONG, settings.ZONE, channels.KEEP),
            *(*settings.FIELDS.values(), *settings.BRAKE_FIELDS.values()),
            *(label for label, _ in screening.FIELDS.values()),
            *(derivations.CHANGE_QUESTION, derivations.WHICH, derivations.PROMPT, images.WHY),
            *(styles.NAME, styles.PREFIX, styles.SUFFIX, improvement.QUESTION),
            *(label for label, _ in history.FIELDS.values()),
        ),
    ),
    "what is said of a field": (
        100,
        (
            *(appeals.TEXT_ABOUT, desk.REASON_ABOUT, desk.HOW_LONG_ABOUT, settings.ZONE_ABOUT),
            *(settings.LIMIT_ABOUT, channels.KEEP_ABOUT),
            *(about for _, about in screening.FIELDS.values()),
            *(derivations.CHANGE_ABOUT, derivations.CUT_ABOUT, images.WHY_REMOVE),
            *(images.WHY_REPORT, styles.NAME_ABOUT, styles.PART_ABOUT),
            *(about for _, about in history.FIELDS.values()),
        ),
    ),
    "a menu": (
        150,
        (
            *(channels.OTHER_CHANNEL, settings.NOTICES, first_day.CHOOSE_DESK),
            *(*channels.TITLES.values(), *settings.WHICH.values()),
            *(derivations.WHICH, styles.CHOOSE),
        ),
    ),
}
#: The most that can be in a message that moderators decide by.
ASKED = replace(
    request(), prompt="*" * 2000, options={f"option_{number}": "*" * 90 for number in range(20)}
)
LONGEST = Generation(
    "1-0",
    ASKED,
    Status.APPEALING,
    created_at=1_800_000_000_000,
    reason="_" * 500,
    appeal="|" * 500,
    appealed_at=1_800_000_000_000,
    sealed_until=1_800_000_000_000,
)
LARGEST_ID = 2**63 - 1

every_locale = pytest.mark.parametrize("locale", ["en-US", *LANGUAGES])


def said(locale: str) -> Iterator[tuple[str, int, str]]:
    for where, (most, sentences) in LIMITS.items():
        for sentence in sentences:
            yield where, most, translated(sentence, locale) or sentence


@every_locale
def test_what_is_said_in_a_small_place_fits_there(locale: str) -> None:
    assert [each for each in said(locale) if len(each[2]) > each[1]] == []


@every_locale
@pytest.mark.parametrize("others", [True, False])
def test_a_card_about_an_appeal_fits_a_message(locale: str, others: bool) -> None:
    rejection = Rejection(7, others, alone_until=1_800_000_000_000)
    with speaking(locale):
        card = desk.card(LONGEST, 1_800_000_000_000, (10**6, 10**6), desk.attached(10, 10))
        against = appeals.against(LONGEST, rejection, LARGEST_ID)
        assert units(f"{card}\n{against}") <= MESSAGE_LIMIT


@every_locale
@pytest.mark.parametrize("verdict", [*Verdict, None])
def test_an_emptied_card_fits_a_message(locale: str, verdict: Verdict | None) -> None:
    review = Review(
        1, Status.APPEALING, guild_id=LARGEST_ID, verdict=verdict, decided_at=1_800_000_000_000
    )
    with speaking(locale):
        assert units(desk.closed(LONGEST, review, LARGEST_ID)) <= MESSAGE_LIMIT


@every_locale
def test_what_somebody_is_told_of_a_rejection_fits_a_message(locale: str) -> None:
    for status, reason in ((Status.REJECTED, "_" * 500), (Status.APPEALING, "")):
        row = Generation("1-0", ASKED, status, created_at=0, reason=reason, sealed_until=1)
        with speaking(locale):
            text = desk.ended(row) or desk.waiting(row)
        assert units(text) <= MESSAGE_LIMIT


@every_locale
def test_help_fits_a_message_with_the_longest_names_of_models(locale: str) -> None:
    with speaking(locale):
        text = _(wording.HELP).format(models=wording.models(["W" * 60] * 9))
    assert units(text) <= MESSAGE_LIMIT
