"""Sentences: true, short, safe whatever was typed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors, refusals, wording
from bot.domain import sanctions
from bot.domain.generation import Generation, Price, Request, Status, Usage
from bot.domain.improvement import TooManyImprovements
from bot.domain.sums import Figures
from bot.errors import ProviderError
from bot.policy.automod.refusals import AutoModRefused, AutoModUnread, Trouble
from bot.record import replace
from bot.refusals import Refused
from bot.refusals import access as access_refusals
from bot.refusals import desks as desk_refusals
from bot.refusals import pictures as picture_refusals
from bot.refusals import styles as style_refusals
from bot.refusals.pictures import PictureRefused
from bot.text import MESSAGE_LIMIT, duration, escaped, escaped_within
from bot.wording import Phase, reasons, usage


def request(prompt: str = "a red fox", **options: str) -> Request:
    return Request(
        interaction_id=1,
        application_id=2,
        guild_id=3,
        channel_id=4,
        user_id=5,
        model="google/imagen-4-ultra",
        prompt=prompt,
        options=options,
        token="t",
        token_expires_at=0,
        size_limit=0,
    )


def generation(prompt: str = "a red fox") -> Generation:
    return Generation("1-0", request(prompt), Status.FAILED, created_at=0, provider_ended_at=9_000)


def exceeded(
    scope: str, limit: int, *, unit: str = "images", period: str = "day", used: int = 0
) -> refusals.QuotaExceeded:
    return refusals.QuotaExceeded(scope, unit, period, limit, used, resets_at=1_000)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def kinds(base: type[Any]) -> list[type[Any]]:
    subclasses: list[type[Any]] = base.__subclasses__()
    return [kind for sub in subclasses for kind in (sub, *kinds(sub))]


def test_every_provider_error_has_its_words_and_says_that_nothing_was_charged() -> None:
    for kind in kinds(ProviderError):
        text = reasons.failure(kind(detail="you have $0.03 left"))
        assert "You were not charged" in text, kind
        assert "$0.03" not in text, kind


def test_the_errors_people_can_act_on_differ_from_the_general_one() -> None:
    general = reasons.failure(ProviderError())
    for kind in kinds(ProviderError):
        own = reasons.failure(kind())
        silent = kind in (
            errors.ProviderTrouble,
            errors.CreateUnknown,
            errors.PredictionNotFound,
            errors.CancelUnsupported,
            errors.UploadUnsupported,
            errors.WebhookRefused,
        )
        assert (own == general) is silent, kind


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (refusals.PromptEmpty(), "empty"),
        (refusals.PromptTooLong(2001, 2000), "2,001"),
        (refusals.ServerNotAllowed(), "server"),
        (refusals.PermissionsMissing(("attach_files", "embed_links")), "Attach Files, Embed Links"),
        (exceeded("user", 20), "used all 20 images for today; more <t:1:R>"),
        (exceeded("member", 20, period="month"), "all 20 images that this server gives you for"),
        (exceeded("channel", 20), "This channel has made all 20 images of today; more <t:1:R>"),
        (
            exceeded("guild", 5_000_000, unit="micros", used=4_980_000),
            "This server has spent $4.98 of its $5.00 for today",
        ),
        (exceeded("installation", 500, period="month"), "made all 500 images of this month"),
        (exceeded("filter", 5, unit="refusals", period="hour"), "refused 5 prompts of yours"),
        (refusals.PriceUnknown("a/b"), "an image by `a/b` is unknown"),
        (refusals.TooNew("account", 1_000), "Your Discord account is too new"),
        (refusals.TooNew("membership", 1_000), "<t:1:R>"),
        (refusals.Paused("guild"), "paused in this server"),
        (refusals.Paused("installation"), "Its operator decides"),
        (refusals.Paused("provider"), "or its account. It resumes"),
        (refusals.Paused("provider", told=True), "or its account, and the operator has been told."),
        (
            picture_refusals.PictureKindNotTaken("video/mp4"),
            "this kind of file (video/mp4)",
        ),
        (picture_refusals.PictureTooLarge(30 << 20, 20 << 20), "30 MiB of at most 20 MiB. Make it"),
        (picture_refusals.PictureTooLarge(), "too large. Make it"),
        (
            picture_refusals.PictureTooManyPixels(64_000_000, 25_000_000),
            "64 megapixels of at most 25",
        ),
        (
            picture_refusals.PictureMistyped("image/png", "image/jpeg"),
            "claims to be PNG, but is JPEG",
        ),
        (picture_refusals.PictureAnimated(), "animated"),
        (picture_refusals.PictureBroken(), "damaged or incomplete"),
        (picture_refusals.PictureGone(), "Attach it again"),
        (picture_refusals.PictureUnsendable(3 << 20), "no pictures of more than 3 MiB"),
        (refusals.PolicyChanged(), "Try again"),
        (refusals.AgeRestricted(), "age-restricted channels"),
        (refusals.QueueFull("user", 10), "10 images waiting already"),
        (refusals.QueueFull("installation", 500), "500 images are waiting"),
        (refusals.Closing(), "restarting"),
        (refusals.PromptNotTaken("Upscaler"), "**Upscaler** takes no prompt"),
        (refusals.OptionMissing("style", "A"), "needs `style`"),
        (refusals.SafetyUnknown("A"), "cannot be made as strict"),
        (
            refusals.ValueNotTaken("seed", "A", least=0, most=2**32 - 1),
            "from 0 to 4,294,967,295 for",
        ),
        (refusals.ValueNotTaken("scale", "A", least=0.5, most=7), "from 0.5 to 7 for"),
    ],
)
def test_every_refusal_names_what_and_which_limit(refused: Refused, words: str) -> None:
    assert words in reasons.refusal(refused)


def test_a_single_image_is_not_called_all() -> None:
    assert "the one image" in reasons.refusal(exceeded("user", 1))


def test_no_refusal_is_without_its_own_words() -> None:
    arguments = {
        refusals.PromptTooLong: (1, 1),
        refusals.PermissionsMissing: (("attach_files",),),
        refusals.QuotaExceeded: ("user", "images", "day", 1, 1, 1),
        refusals.PriceUnknown: ("a/b",),
        refusals.TooNew: ("account", 1),
        desk_refusals.DeskUnusable: (desk_refusals.DeskTrouble.OPEN,),
        refusals.Paused: ("guild",),
        refusals.QueueFull: ("user", 1),
        refusals.CostNotAccepted: (240_000, 1_100_000, "maker/quick"),
        refusals.TextTooLong: ("style", 2, 1),
        refusals.ModelNotOffered: ("A", ("B",)),
        refusals.PromptNotTaken: ("A",),
        refusals.OptionMissing: ("steps", "A"),
        refusals.SafetyUnknown: ("A",),
        refusals.OptionNotTaken: ("seed", "A", ()),
        refusals.ValueNotTaken: ("seed", "A"),
        refusals.SafetyBelowFloor: ("safety_tolerance", ("1",)),
        refusals.PicturesNotTaken: ("A", 0, ()),
        refusals.PictureMissing: ("A",),
        refusals.TooManyImages: ("A", 5, 4),
        style_refusals.StyleUnknown: ("Noir", ()),
        style_refusals.StyledTooLong: (2100, 2000, 100),
        TooManyImprovements: (20, 1_000),
        AutoModRefused: ("No cats",),
        AutoModUnread: (Trouble.PERMISSION,),
        sanctions.Blocked: (False, None, ""),
        access_refusals.RoleMissing: ((5,),),
        access_refusals.ModelNotAllowed: ("A", ("B",)),
        access_refusals.NotAgeRestricted: ("safety_tolerance", ("1",)),
    }
    fallback = reasons.refusal(Refused())
    silent = refusals.AlreadyRequested  # the first delivery answers
    for kind in set(kinds(Refused)) - {silent}:
        assert reasons.refusal(kind(*arguments.get(kind, ()))) != fallback, kind


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("@everyone", "@\u200beveryone"),
        ("<@123>", "\\<@\u200b123\\>"),
        ("**b** _i_ `c` ~~s~~ ||x||", r"\*\*b\*\* \_i\_ \`c\` \~\~s\~\~ \|\|x\|\|"),
        ("[a](http://x.y)", r"\[a\]\(http\://x.y\)"),
        ("a\n# b\r\n> c", r"a \# b \> c"),
        ("back\\slash", r"back\\slash"),
        ("a\u202eb\u200f\x00c", "ab c"),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_what_was_typed_is_shown_as_it_was_typed(typed: str, shown: str) -> None:
    assert escaped(typed, 280) == shown


@given(st.text(st.sampled_from("a* @🦊\\\n")), st.integers(2, 40))
def test_text_is_cut_after_it_is_escaped_and_only_where_it_must_be(typed: str, most: int) -> None:
    whole, shown = escaped(typed, MESSAGE_LIMIT), escaped_within(typed, most)

    assert units(shown) <= most
    assert shown == whole or (shown.endswith("…") and units(whole) > most)


@pytest.mark.fuzz
@given(st.text(alphabet=st.characters(), max_size=6000))
def test_any_prompt_gives_a_message_and_an_alt_text_within_discords_limits(prompt: str) -> None:
    here = generation(prompt)

    for text in (
        wording.progress(here, Phase.GENERATING, 9.0),
        wording.finished(here, "size"),
        wording.ended(here, errors.SafetyRefused()),
    ):
        assert units(text) <= MESSAGE_LIMIT
        assert len(text.splitlines()) == 3
        text.encode()
    assert units(wording.alt_text(here.request)) <= wording.ALT_TEXT_LIMIT
    wording.alt_text(here.request).encode()


def test_however_much_a_model_was_told_the_message_is_within_discords_limit() -> None:
    told = {f"option_{number}": "*" * 80 for number in range(25)}
    here = generation("*" * 400)
    here = replace(here, request=replace(here.request, options=told))

    for text in (
        wording.finished(here, "size"),
        wording.ended(here, errors.InputInvalid(fields=("*" * 300,) * 3)),
    ):
        assert units(text) <= MESSAGE_LIMIT
        assert re.search("… and [0-9]+ more\n", text)


def test_who_stands_in_is_said_of_a_retired_model_too() -> None:
    here = replace(generation("a fox"), instead_of="maker/retired")

    assert "instead of `maker/retired`, which was not available" in wording.finished(here, "")


def test_a_model_that_is_gone_is_not_always_the_default_one() -> None:
    words = reasons.failure(errors.ModelNotFound(model="maker/retired"))

    assert "Choose another model" in words


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (9.2, "9 s"), (59.6, "1 min"), (65, "1 min 5 s")]
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@given(st.lists(st.text(alphabet=st.characters(), max_size=80), max_size=10))
def test_a_persons_figures_fit_one_message_and_always_end_with_the_price(
    prompts: list[str],
) -> None:
    recent = tuple(
        replace(generation(prompt), message_id=1_456_074_443_980_800_011) for prompt in prompts
    )
    figures = Figures(Usage(images=10), Usage(images=10), Usage(images=10), (), recent)
    price = usage.price_note("owner/name", Price(60_000, "2026-11-01", "provider.example/pricing"))

    text = usage.usage(figures, price)

    assert units(text) <= MESSAGE_LIMIT
    assert text.endswith(price)


@pytest.mark.parametrize("kind", PictureRefused.__subclasses__())
def test_after_a_restart_a_pictures_refusal_is_told_by_its_code_alone(
    kind: type[PictureRefused],
) -> None:
    error = picture_refusals.failure(kind.code)

    words = reasons.failure(error)

    assert type(error) is kind
    assert words.endswith("Nothing was charged.")
    assert "()" not in words
    assert " 0" not in words
