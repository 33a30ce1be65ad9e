"""*Improve prompt* in words: before and after, and why there is no after."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.improvement import SHOWN, ImprovementRefused, NotImproved, TooManyImprovements, Why
from bot.language import N_, _, _n
from bot.text import escaped, escaped_within, when

IMPROVE = N_("Improve prompt")
USE, EDIT, MINE, DISMISS = N_("Use it"), N_("Edit first"), N_("Use mine"), N_("Dismiss")
TITLE = N_("Edit the improved prompt")
QUESTION = N_("Prompt")
DISMISSED = N_("Dismissed. No image was made.")
NO_WORDS = N_("There are no words here (any more) that could be improved.")
#: UTF-16 units shown of the original: whoever wrote it knows it.
_BEFORE = 350

_ABOUT = N_(
    "-# A text model wrote it; nothing is made before you choose. It counts in the budget that "
    "pays for images, not as one of your images."
)
_UNPRICED = N_(
    "Money is limited here, and nobody has said what an improved prompt costs. The operator can "
    "set PROMPT_PRICE."
)
_OWN = N_("You can use your own words as they are.")
_REASONS: Mapping[Why, str] = {
    Why.BUSY: N_("The provider is too busy to improve prompts now. Nothing was charged."),
    Why.REFUSED: N_("The provider did not take the text model's request. Nothing was charged."),
    Why.FAILED: N_("The text model failed."),
    Why.LATE: N_("The text model took longer than a minute, so it was stopped."),
    Why.UNANSWERED: N_(
        "The provider did not answer, and nobody knows whether it has begun: it is not asked again."
    ),
    Why.UNUSABLE: N_("The text model gave nothing usable."),
    Why.SAME: N_("The text model found nothing to improve."),
}


def comparison(before: str, after: str) -> str:
    """Both texts within one message, the new one whole."""
    return "\n".join(
        [
            _("**Before** · {prompt}").format(prompt=escaped_within(before, _BEFORE)),
            _("**After** · {prompt}").format(prompt=escaped_within(after, SHOWN)),
            _(_ABOUT),
        ]
    )


def not_improved(refused: NotImproved, before: str) -> str:
    """Why, and the way on: with one's own words."""
    prompt = escaped(before, _BEFORE)
    return f"{_(_REASONS[refused.why])} {_(_OWN)}\n>>> {prompt}"


def refusal(refused: ImprovementRefused) -> str:
    """Before anything was sent to the text model."""
    if not isinstance(refused, TooManyImprovements):
        return _(_UNPRICED)
    said = _n(
        "You have had {count} prompt improved within an hour; more {when}.",
        "You have had {count} prompts improved within an hour; more {when}.",
        refused.limit,
    )
    return said.format(count=refused.limit, when=when(refused.free_at))
