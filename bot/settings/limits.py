"""Settings: which models, for whom, and how much; what an image costs."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from bot.domain.model import Level
from bot.errors import Problem
from bot.settings import values
from bot.settings.setting import Declared, Setting

#: Measured up to 2,000 (docs/performance.md); beyond this another process is wanted, not a number.
MOST_AT_ONCE = 100_000
#: Of these there must be one each before people may use the bot outside servers.
_OF_PERSON = ("USER_DAILY_IMAGES", "USER_MONTHLY_IMAGES")
_OF_ALL = ("DAILY_IMAGES", "MONTHLY_IMAGES", "DAILY_BUDGET", "MONTHLY_BUDGET")


class LimitSettings(Declared):
    """What the operator allows."""

    max_running = Setting(
        "MAX_RUNNING",
        values.whole(1, MOST_AT_ONCE),
        "Images being generated at once; further ones wait in line.",
        default="50",
    )
    max_waiting = Setting(
        "MAX_WAITING",
        values.whole(1, MOST_AT_ONCE),
        "Images waiting in line at once; further ones are refused.",
        default="500",
    )
    user_max_running = Setting(
        "USER_MAX_RUNNING",
        values.whole(1, MOST_AT_ONCE),
        "As MAX_RUNNING, for each person.",
        default="3",
    )
    user_max_waiting = Setting(
        "USER_MAX_WAITING",
        values.whole(1, MOST_AT_ONCE),
        "As MAX_WAITING, for each person.",
        default="10",
    )
    default_model = Setting(
        "DEFAULT_MODEL",
        values.model,
        "The model where nobody chooses one, as owner/name.",
        default="google/imagen-4-ultra",
    )
    further_models = Setting(
        "MODELS",
        values.models,
        "Further models that people may choose, separated by commas; `python -m bot models list` "
        "shows all that are known. Unset: none.",
        absent=values.models(""),
        example="black-forest-labs/flux-schnell,google/nano-banana",
    )
    safety_floor = Setting(
        "SAFETY_FLOOR",
        values.choice({level.name.lower(): level for level in Level}),
        "How lenient a model's own safety may be set, at most: strict, medium or lenient. Servers "
        "and channels may be stricter.",
        default="lenient",
    )
    model_prices = Setting(
        "MODEL_PRICES",
        values.prices,
        "US dollars an image by model; the date and the source may stand behind it, as in "
        "owner/name=0.06@2026-11-01@provider.example/pricing. Unset: the catalogue's.",
        absent=values.prices(""),
        example="google/imagen-4-ultra=0.06",
    )
    allowed_guilds = Setting(
        "ALLOWED_GUILDS",
        values.guild_ids,
        "Servers that may use the bot: ids separated by commas, or any. Unset: any, and `check` "
        "warns while the application is public.",
        absent=None,
        example="123456789012345678",
    )
    asks_new_servers = Setting(
        "NEW_SERVERS",
        values.choice({"ask": True, "open": False}),
        "What happens in a server that is new: ask, whoever manages it and asks for an image first "
        "is asked where and how they are made; open, everybody makes some at once.",
        default="ask",
    )
    age_restricted_models = Setting(
        "AGE_RESTRICTED_MODELS",
        values.models,
        "Models that only channels marked as age-restricted may use, as owner/name, "
        "separated by commas. Unset: none.",
        absent=values.models(""),
        example="black-forest-labs/flux-dev",
    )
    user_daily_images = Setting(
        "USER_DAILY_IMAGES",
        values.limit,
        "Images a person may make a day, in all servers; none lifts it.",
        default="20",
    )
    user_monthly_images = Setting(
        "USER_MONTHLY_IMAGES",
        values.limit,
        "Images a person may make a month, in all servers; none lifts it.",
        default="none",
    )
    daily_images = Setting(
        "DAILY_IMAGES",
        values.limit,
        "Images the whole installation may make a day; none lifts it.",
        default="none",
    )
    monthly_images = Setting(
        "MONTHLY_IMAGES",
        values.limit,
        "Images the whole installation may make a month; none lifts it.",
        default="500",
    )
    daily_budget = Setting(
        "DAILY_BUDGET",
        values.budget,
        "US dollars the whole installation may spend a day; none lifts it. "
        "Needs all models' prices.",
        default="none",
    )
    monthly_budget = Setting(
        "MONTHLY_BUDGET",
        values.budget,
        "US dollars the whole installation may spend a month; none lifts it. "
        "Needs all models' prices.",
        default="none",
    )
    confirm_above = Setting(
        "CONFIRM_ABOVE",
        values.budget,
        "A request that costs more than so many US dollars is asked about first; none: never.",
        default="0.20",
    )
    prompt_model = Setting(
        "PROMPT_MODEL",
        values.model,
        "A text model at the same provider, as owner/name, that improves prompts where somebody "
        "asks for it. Unset: prompts are not improved.",
        absent=None,
        example="meta/meta-llama-3-8b-instruct",
    )
    prompt_price = Setting(
        "PROMPT_PRICE",
        values.budget,
        "US dollars that one improved prompt costs, about. Needed with PROMPT_MODEL as soon as "
        "there is a limit of money. Unset: unknown.",
        absent=None,
        example="0.0005",
    )
    user_install = Setting(
        "USER_INSTALL",
        values.choice({"on": True, "off": False}),
        "on: people may add the bot to their own account and use it in direct messages, and in "
        "servers where it is no member. Needs a limit for each person and one for all together.",
        default="off",
    )
    time_zone = Setting(
        "TIME_ZONE",
        values.zone,
        "When the installation's days and months begin, and those of servers that set no zone of "
        "their own: a name like Europe/Berlin.",
        default="UTC",
    )

    @classmethod
    def contradictions(cls, read: Mapping[str, object]) -> Iterator[Problem]:
        """Outside servers no manager limits anybody: the operator has to."""
        yield from super().contradictions(read)
        if not read.get("USER_INSTALL"):
            return
        for keys in (_OF_PERSON, _OF_ALL):
            if all(read.get(key, 0) is None for key in keys):
                remedy = f"Set {' or '.join(keys)}, or USER_INSTALL to off."
                yield Problem("USER_INSTALL", f"needs one of {', '.join(keys)}", remedy)

    def not_kept(self, priced: Container[str]) -> Iterator[Problem]:
        """Budgets in money that could not be kept: not every model on offer is `priced`."""
        unknown = [name for name in self.models if name not in priced]
        budgets = {"DAILY_BUDGET": self.daily_budget, "MONTHLY_BUDGET": self.monthly_budget}
        for key, budget in budgets.items():
            if unknown and budget is not None:
                remedy = "Set it in MODEL_PRICES, or the budget to none."
                yield Problem(key, f"needs the price of {', '.join(unknown)}", remedy)
            if budget is not None and self.prompt_model and self.prompt_price is None:
                remedy = "Set PROMPT_PRICE, or the budget to none."
                yield Problem(key, "needs the price of an improved prompt", remedy)

    @property
    def models(self) -> tuple[str, ...]:
        """All on offer, the default one first."""
        return tuple(dict.fromkeys((self.default_model, *self.further_models)))

    @property
    def allowed_guilds_set(self) -> bool:
        """Whether somebody decided which servers may use the bot, be it `any`."""
        return "ALLOWED_GUILDS" in self.given
