"""What a server's style makes of a request. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.command import STYLE
from bot.domain.generation import Request, Value
from bot.domain.model import Model
from bot.domain.style import Style, key_of
from bot.policy.screening import free_texts
from bot.refusals import OptionNotTaken
from bot.refusals.styles import StyledTooLong, StyleUnknown

#: What a person typed themselves, among a request's texts: no option can be called so.
TYPED = "as typed"


def chosen(name: str | None, styles: Sequence[Style]) -> Style | None:
    """The server's style of that name, as it is now. Raises StyleUnknown."""
    if name is None or not name.strip():
        return None
    found = {style.key: style for style in styles}.get(key_of(name))
    if found is None:
        raise StyleUnknown(name, tuple(style.name for style in styles))
    return found


def fit(request: Request, model: Model, others: Sequence[Model], most: int) -> None:
    """Raise what keeps the model from taking the prompt in its style.

    OptionNotTaken of one without prompts (`others` are named that have them), StyledTooLong of
    more than `most` characters, or than the model itself takes.
    """
    if request.style is None:
        return
    if model.prompt is None:
        having = tuple(other.title for other in others if other.prompt is not None)
        raise OptionNotTaken(STYLE, model.title, having)
    limit = min(most, model.longest_prompt or most)
    if (length := len(request.styled_prompt)) > limit:
        raise StyledTooLong(length, limit, length - len(request.prompt))


def texts(request: Request, model: Model, options: Mapping[str, Value]) -> dict[str, str]:
    """All that is judged: what is sent, whole, and, within a style, what was typed by itself."""
    found = free_texts(request.styled_prompt, model, options)
    return found if request.style is None else found | {TYPED: request.prompt}
