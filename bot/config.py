"""Every setting: its key, its meaning, its default, and how all of them are read at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, SecretStr, ValidationError

from bot import values
from bot.errors import ConfigError, Problem

OFFICIAL_API: Final = "https://api.replicate.com/v1"
GATEWAY_API: Final = "https://www.kkiai.com/replicate/v1"

#: Gateways that document no cancel. Elsewhere a refused cancel (404, 405, 501) teaches the same.
_HOSTS_WITHOUT_CANCEL = ("kkiai.com",)
#: Where the list of predictions is this account's alone. A gateway's may be everybody's.
_HOSTS_WITH_LIST = ("replicate.com",)

#: Discord's limit on a string option. Ours is lower because a reply shows at most 2,000 characters.
MOST_PROMPT_CHARACTERS = 6000
#: Replicate's own `Cancel-After` accepts at most 24 h.
LONGEST_GENERATION_S = 24 * 3600

#: A key that begins like this and is nearly one of ours is taken for a slip of the pen.
_OUR_PREFIXES = (
    "AGE_", "ALLOWED_", "DEFAULT_MODEL", "DISCORD_", "GENERATION_", "IMAGE_", "MODEL_", "MONTHLY_",
    "REPLICATE_", "USER_DAILY",
)  # fmt: skip

_LEVELS = {name.lower(): name for name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")}
_AUTO: Mapping[str, bool | None] = {"auto": None, "yes": True, "no": False}


def _key(name: str, about: str, *, default: str | None = None, example: str = "") -> Any:
    """Declare a setting. Without a default it is required; "" means unset, which `about` explains.

    Defaults are written as text and read like any other value, so that documents can show them.
    """
    described: dict[str, Any] = {
        "validation_alias": name,
        "description": about,
        "examples": [example or default],
    }
    if default:
        return Field(default, validate_default=True, **described)
    return Field(**described) if default is None else Field(None, **described)


class StorageSettings(BaseModel):
    """Where things are kept: all that `usage` needs to know."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    data_dir: Annotated[Path, PlainValidator(values.folder)] = _key(
        "DATA_DIR", "Folder for the database, the images and the lock file.", default="data"
    )
    database_file: Annotated[Path | None, PlainValidator(values.database_file)] = _key(
        "DATABASE_URL",
        "The database, a SQLite file. Unset: imagine.db in DATA_DIR.",
        default="",
        example="sqlite:///data/imagine.db",
    )

    @property
    def database_path(self) -> Path:
        return self.database_file or self.data_dir / "imagine.db"

    @classmethod
    def parse(cls, mapping: Mapping[str, str]) -> Self:
        """Read the settings from a mapping such as the environment; empty texts count as unset.

        Raises ConfigError with every problem there is. No problem repeats a value.
        """
        texts = {key: text.strip() for key, text in mapping.items() if text.strip()}
        settings: Self | None = None
        problems: list[Problem] = []
        try:
            settings = cls.model_validate(texts)
        except ValidationError as invalid:
            found = invalid.errors(include_url=False, include_input=False)
            problems = [_problem(str(e["loc"][0]), e.get("ctx", {})) for e in found]
        problems.extend(cls._slips(texts))
        if settings is None or problems:
            # Outside the `except`: a chained pydantic error would carry what was typed.
            raise ConfigError(tuple(problems))
        return settings

    @classmethod
    def _slips(cls, texts: Mapping[str, str]) -> Iterator[Problem]:
        """Find keys that look like a misspelling of one that is not set."""
        unset = [setting.key for setting in reference(cls) if setting.key not in texts]
        for key in texts:
            if key.startswith(_OUR_PREFIXES) and key not in _KEYS:
                meant = difflib.get_close_matches(key.replace("KEY", "TOKEN"), unset, 1, 0.75)
                if meant:
                    yield Problem(key, "is not a setting", f"Did you mean {meant[0]}?")


class Settings(StorageSettings):
    """Everything that the running bot is told from outside."""

    discord_token: Annotated[SecretStr, PlainValidator(values.secret)] = _key(
        "DISCORD_TOKEN",
        "The bot's token, from the Bot page of your application at "
        "https://discord.com/developers/applications.",
        example="your-bot-token",
    )
    discord_api_url: Annotated[str | None, PlainValidator(values.base_url)] = _key(
        "DISCORD_API_URL",
        "A rate-limit proxy or a Discord-compatible server, with the version. Unset: Discord.",
        default="",
        example="http://127.0.0.1:8081/api/v10",
    )
    replicate_api_url: Annotated[str, PlainValidator(values.base_url)] = _key(
        "REPLICATE_API_URL",
        "The predictions API that gets your API token. There is no default: a token must never "
        f"reach the wrong company. Choose {GATEWAY_API} or {OFFICIAL_API}.",
        example=OFFICIAL_API,
    )
    replicate_api_token: Annotated[SecretStr, PlainValidator(values.secret)] = _key(
        "REPLICATE_API_TOKEN",
        "The API token of that provider: r8_… from Replicate, sk-… from the gateway.",
        example="your-api-token",
    )
    provider_cancels: Annotated[bool | None, PlainValidator(values.choice(_AUTO))] = _key(
        "REPLICATE_CAN_CANCEL",
        "Whether the provider can cancel a prediction: auto, yes or no. auto knows the gateway.",
        default="auto",
    )
    provider_lists: Annotated[bool | None, PlainValidator(values.choice(_AUTO))] = _key(
        "REPLICATE_CAN_LIST",
        "Whether the provider lists this account's predictions and nobody else's, so that an "
        "unanswered purchase can be looked up: auto, yes or no. auto: Replicate itself only.",
        default="auto",
    )
    default_model: Annotated[str, PlainValidator(values.model)] = _key(
        "DEFAULT_MODEL", "The model, as owner/name.", default="google/imagen-4-ultra"
    )
    model_prices: Annotated[Mapping[str, int], PlainValidator(values.prices)] = Field(
        default_factory=lambda: values.prices(""),
        validation_alias="MODEL_PRICES",
        description="US dollars an image by model, for estimated costs. Unset: unknown.",
        examples=["google/imagen-4-ultra=0.06"],
    )
    generation_timeout: Annotated[
        float, PlainValidator(values.duration(1, LONGEST_GENERATION_S))
    ] = _key(
        "GENERATION_TIMEOUT",
        "How long a generation may take before it is given up: 600, 600s or 10m.",
        default="600",
    )
    prompt_max_length: Annotated[int, PlainValidator(values.whole(1, MOST_PROMPT_CHARACTERS))] = (
        _key(
            "PROMPT_MAX_LENGTH",
            f"Most characters in a prompt, up to {MOST_PROMPT_CHARACTERS}.",
            default="2000",
        )
    )
    allowed_guilds: Annotated[frozenset[int] | None, PlainValidator(values.guild_ids)] = _key(
        "ALLOWED_GUILDS",
        "Servers that may use the bot: ids separated by commas, or any. Unset: any, and `check` "
        "warns while the application is public.",
        default="",
        example="123456789012345678",
    )
    age_restricted_models: Annotated[frozenset[str], PlainValidator(values.models)] = Field(
        default_factory=lambda: values.models(""),
        validation_alias="AGE_RESTRICTED_MODELS",
        description="Models that only channels marked as age-restricted may use, as owner/name, "
        "separated by commas. Unset: none.",
        examples=["black-forest-labs/flux-dev"],
    )
    user_daily_images: Annotated[int | None, PlainValidator(values.limit)] = _key(
        "USER_DAILY_IMAGES", "Images a person may make a day; none lifts it.", default="20"
    )
    monthly_images: Annotated[int | None, PlainValidator(values.limit)] = _key(
        "MONTHLY_IMAGES",
        "Images the whole installation may make a month; none lifts it.",
        default="500",
    )
    image_retention_days: Annotated[int | None, PlainValidator(values.limit)] = _key(
        "IMAGE_RETENTION_DAYS",
        "Days that stored images are kept for /history; none keeps them for ever.",
        default="30",
    )
    shutdown_grace: Annotated[float, PlainValidator(values.duration(0, 600))] = _key(
        "SHUTDOWN_GRACE",
        "How long a stopping bot waits for generations that are under way.",
        default="20",
    )
    log_level: Annotated[str, PlainValidator(values.choice(_LEVELS))] = _key(
        "LOG_LEVEL", "debug, info, warning, error or critical.", default="info"
    )
    log_format: Annotated[
        Literal["text", "json"], PlainValidator(values.choice({"text": "text", "json": "json"}))
    ] = _key(
        "LOG_FORMAT", "text for people, json for machines (one object a line).", default="text"
    )

    @property
    def provider_can_cancel(self) -> bool:
        """Whether a prediction can be stopped: as set, else as known of the provider's host."""
        if self.provider_cancels is None:
            return not self._provider_in(_HOSTS_WITHOUT_CANCEL)
        return self.provider_cancels

    @property
    def provider_can_list(self) -> bool:
        """Whether its list of predictions is ours alone: as set, else as known of the host."""
        if self.provider_lists is None:
            return self._provider_in(_HOSTS_WITH_LIST)
        return self.provider_lists

    def _provider_in(self, domains: Sequence[str]) -> bool:
        host = "." + (urlsplit(self.replicate_api_url).hostname or "")
        return host.endswith(tuple(f".{name}" for name in domains))

    @property
    def allowed_guilds_set(self) -> bool:
        """Whether somebody decided which servers may use the bot, be it `any`."""
        return "allowed_guilds" in self.model_fields_set


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, for documents: `default` is its text, None where there is none."""

    key: str
    about: str
    default: str | None
    required: bool
    example: str


def reference(of: type[StorageSettings] = Settings) -> tuple[Setting, ...]:
    """Describe every setting, in the order of their declaration."""
    return tuple(
        Setting(
            key=str(field.validation_alias),
            about=str(field.description),
            default=field.default if isinstance(field.default, str) else None,
            required=field.is_required(),
            example=str((field.examples or [""])[0]),
        )
        for field in of.model_fields.values()
    )


_BY_KEY = {setting.key: setting for setting in reference()}
_KEYS = frozenset(_BY_KEY)


def _problem(key: str, context: Mapping[str, Any]) -> Problem:
    """Say what pydantic found, in our words: its own messages repeat what was typed."""
    error = context.get("error")
    if isinstance(error, values.Unusable):
        return Problem(key, error.what, error.remedy)
    return Problem(key, "is not set", _BY_KEY[key].about)
