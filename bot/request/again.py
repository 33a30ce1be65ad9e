"""From a request that was made back to what was chosen: the reverse of `input`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.domain.attached import Attached, names, ours
from bot.domain.generation import Generation, Value
from bot.domain.model import Model, Safeguard
from bot.domain.style import Style
from bot.refusals import ModelNotOffered
from bot.request.input import Chosen


def model_of(row: Generation, models: Sequence[Model]) -> Model:
    """The model that was asked for, also where another one stood in. Raises ModelNotOffered."""
    name = row.instead_of or row.request.model
    found = next((each for each in models if each.name == name), None)
    if found is None:
        raise ModelNotOffered(name, tuple(each.title for each in models))
    return found


def chosen(row: Generation, models: Sequence[Model], styles: Sequence[Style]) -> Chosen:
    """What to choose so that the same is made again, but for the seed: that is a new one.

    What a stand-in was sent has other names; what both call the same is kept. The style is
    the server's of that name, as it is now; none where there is none. Raises ModelNotOffered.
    """
    model = model_of(row, models)
    sent = next((each for each in models if each.name == row.request.model), model)
    options = dict(_options(sent, row.request.options))
    taken = {option.name for option in model.options} | {each.input for each in model.safeguards}
    kept = {name: value for name, value in options.items() if name in taken}
    worn = row.request.style
    style = next((each.name for each in styles if worn and each.key == worn.key), None)
    return Chosen(kept, model.name, row.request.asked, style=style)


def pictures(row: Generation) -> tuple[Attached, ...]:
    """What it started from, to be read from our own files."""
    attached = row.request.pictures
    return tuple(
        Attached(each.media_type, each.size, each.width, each.height, ours(name))
        for name, each in zip(names(row.id, attached), attached, strict=True)
    )


def begun_from(row: Generation, ancestors: Sequence[Generation]) -> tuple[Generation | None, bool]:
    """What the picture is of that it starts from, however often that was made again since.

    The row that made it (True), or the one that somebody attached it to; None: that is not on
    record any more. `ancestors`: the nearest first.
    """
    made_of_image = False
    for each in (row, *ancestors):
        if made_of_image or each.request.origin is None:
            return each, made_of_image
        made_of_image = each.request.origin.by.takes_image
    return None, made_of_image


def _options(model: Model, sent: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """What was sent, by Discord's names."""
    for option in model.options:
        if option.input in sent:
            yield option.name, sent[option.input]
    for guard in model.safeguards:
        if guard.input in sent and sent[guard.input] != _left_out(guard):
            yield guard.input, sent[guard.input]


def _left_out(guard: Safeguard) -> Value:
    """What is sent where nobody chose: that is the place's to say, now as then."""
    return guard.values[guard.default].value
