"""From what was chosen to what is sent: the model, its input, and a model that stands in. Pure."""

from __future__ import annotations

import secrets

from bot import policy
from bot.domain.channel import ChannelPolicy
from bot.domain.generation import Request, StandIn
from bot.domain.guild import FALLBACK, GuildPolicy
from bot.domain.model import Model, Number
from bot.domain.offer import Offer, others
from bot.domain.preferences import MODEL
from bot.policy import access, styles
from bot.record import Record, replace
from bot.refusals import Refused
from bot.request.input import Chosen, Plan, completed, plan

#: Seeds of our own: what people can read and type again.
SEEDS = 1_000_000


def _seed(taken: Number) -> int:
    """One that the model takes, and no negative one: to some models that means any."""
    least = min(max(taken.minimum, 0), taken.maximum)
    return least + secrets.randbelow(min(SEEDS, taken.maximum - least + 1))


class Here(Record):
    """What holds where it was asked: of the server, of the channel, and the models for it."""

    place: policy.Place
    guild: GuildPolicy
    channel: ChannelPolicy
    offer: Offer


def preferring(request: Request, chosen: Chosen, here: Here, rules: policy.Rules) -> Chosen:
    """By the model that the person prefers, where they chose none and it can make this here."""
    model = here.offer.named(chosen.preferred.get(MODEL))
    if model is None or chosen.model is not None:
        return chosen
    try:
        screen(request, model, here, rules)
        _plan(request, chosen, model, here)
    except Refused:
        return chosen
    return replace(chosen, model=model.name)


def screen(request: Request, model: Model, here: Here, rules: policy.Rules) -> None:
    """Raises the first `Refused` of what may be said to this model."""
    policy.screen(request.prompt, model, here.place, rules.policy)
    rest = others(here.offer.models, model)
    styles.fit(request, model, rest, rules.policy.prompt_max_length)


def planned(request: Request, chosen: Chosen, model: Model, here: Here) -> Request:
    """The request with the input that this model is sent."""
    made = _plan(request, chosen, model, here)
    return replace(
        request,
        model=model.name,
        prompt_input=model.prompt or "",
        options=made.options,
        images=made.images,
        predictions=made.predictions,
        picture_input=model.pictures.input if model.pictures else "",
        picture_list=model.pictures is not None and model.pictures.is_list,
    )


def _plan(request: Request, chosen: Chosen, model: Model, here: Here) -> Plan:
    floor = here.offer.floor_in(here.guild, request.place_id)
    most_lenient = access.most_lenient(here.place, here.channel)
    chosen = completed(model, chosen)
    made = plan(model, chosen, floor, others(here.offer.models, model), most_lenient)
    if model.seed is None or model.seed.input in made.options:
        return made
    # Ours, so that an unanswered create is found again, and the person can repeat it.
    seed = {model.seed.input: _seed(model.seed)}
    return replace(made, options={**made.options, **seed})


def stand_in(request: Request, chosen: Chosen, here: Here, rules: policy.Rules) -> StandIn | None:
    """The server's stand-in, where it takes what was asked, for no more money."""
    model = here.offer.preset(FALLBACK, here.guild, request.place_id)
    if model is None or model.name == request.model:
        return None
    if model.seed is not None and request.predictions > 1:
        return None  # one stand-in serves all rows, whose images would be the same
    price, most = (rules.price_micros(name) for name in (model.name, request.model))
    if (price is None) != (most is None) or (price or 0) > (most or 0):
        return None
    try:
        screen(request, model, here, rules)
        instead = planned(request, chosen, model, here)
    except Refused:
        return None
    if (instead.predictions, instead.images) != (request.predictions, request.images):
        return None
    return StandIn(
        instead.model,
        instead.prompt_input,
        instead.options,
        price,
        instead.picture_input,
        instead.picture_list,
    )
