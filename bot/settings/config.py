"""Every setting: its key, its meaning, its default, and how all of them are read at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.settings import values
from bot.settings.address import Address, located
from bot.settings.gateway import GatewaySettings
from bot.settings.limits import LimitSettings
from bot.settings.setting import Declared, Setting
from bot.settings.web import WebSettings

OFFICIAL_API: Final = "https://api.replicate.com/v1"
GATEWAY_API: Final = "https://www.kkiai.com/replicate/v1"

#: Gateways that document no cancel. Elsewhere a refused cancel (404, 405, 501) teaches the same.
_HOSTS_WITHOUT_CANCEL = ("kkiai.com",)
#: Where the list of predictions is this account's alone. A gateway's may be everybody's.
_HOSTS_WITH_LIST = ("replicate.com",)

#: Where inputs may be handed over as files. A gateway's documentation names no such route.
_HOSTS_WITH_FILES = ("replicate.com",)

#: Where predictions tell their end. A gateway may refuse to, or take the wish and not pass it on.
_HOSTS_WITH_WEBHOOKS = ("replicate.com",)

#: Discord's limit on a string option. Ours is lower because a reply shows at most 2,000 characters.
MOST_PROMPT_CHARACTERS = 6000
#: Replicate's own `Cancel-After` accepts at most 24 h.
LONGEST_GENERATION_S = 24 * 3600
#: Replicate's largest accounts have 60,000 calls a minute; a server of one's own has no limit.
MOST_A_MINUTE = 1_000_000

_LEVELS = {name.lower(): name for name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")}
_AUTO: Mapping[str, bool | None] = {"auto": None, "yes": True, "no": False}


class StorageSettings(Declared):
    """Where things are kept: all that `usage` needs to know."""

    data_dir = Setting(
        "DATA_DIR",
        values.folder,
        "Folder for the database, the images and the lock file.",
        default="data",
    )
    database = Setting(
        "DATABASE_URL",
        located,
        "The database: a SQLite file, or a PostgreSQL server's, which several processes may share. "
        "Unset: imagine.db in DATA_DIR.",
        absent=None,
        example="sqlite:///data/imagine.db",
    )

    models_folder = Setting(
        "MODELS_DIR",
        values.folder,
        "Folder of the model files that `python -m bot models add` writes; they go before those "
        "that are shipped. Unset: models in DATA_DIR.",
        absent=None,
        example="models",
    )

    @property
    def models_dir(self) -> Path:
        return self.models_folder or self.data_dir / "models"

    @property
    def address(self) -> Address:
        return self.database or self.data_dir / "imagine.db"


class Settings(LimitSettings, WebSettings, GatewaySettings, StorageSettings):
    """Everything that the running bot is told from outside."""

    discord_token = Setting(
        "DISCORD_TOKEN",
        values.secret,
        "The bot's token, from the Bot page of your application at "
        "https://discord.com/developers/applications.",
        example="your-bot-token",
    )
    discord_api_url = Setting(
        "DISCORD_API_URL",
        values.base_url,
        "A rate-limit proxy or a Discord-compatible server, with the version. Unset: Discord.",
        absent=None,
        example="http://127.0.0.1:8081/api/v10",
    )
    replicate_api_url = Setting(
        "REPLICATE_API_URL",
        values.base_url,
        "The predictions API that gets your API token. There is no default: a token must never "
        f"reach the wrong company. Choose {GATEWAY_API} or {OFFICIAL_API}.",
        example=OFFICIAL_API,
    )
    replicate_api_token = Setting(
        "REPLICATE_API_TOKEN",
        values.secret,
        "The API token of that provider: r8_… from Replicate, sk-… from the gateway.",
        example="your-api-token",
    )
    provider_cancels = Setting(
        "REPLICATE_CAN_CANCEL",
        values.choice(_AUTO),
        "Whether the provider can cancel a prediction: auto, yes or no. auto knows the gateway.",
        default="auto",
    )
    provider_lists = Setting(
        "REPLICATE_CAN_LIST",
        values.choice(_AUTO),
        "Whether the provider lists this account's predictions and nobody else's, so that an "
        "unanswered purchase can be looked up: auto, yes or no. auto: Replicate itself only.",
        default="auto",
    )
    provider_uploads = Setting(
        "REPLICATE_CAN_UPLOAD",
        values.choice(_AUTO),
        "Whether the provider takes files (POST /files), so that large pictures need not be sent "
        "in the input itself: auto, yes or no. auto: Replicate itself only.",
        default="auto",
    )
    provider_webhooks = Setting(
        "REPLICATE_HAS_WEBHOOKS",
        values.choice(_AUTO),
        "Whether the provider sends signed webhooks (Standard Webhooks) to PUBLIC_URL: auto, yes "
        "or no. auto: Replicate itself only.",
        default="auto",
    )
    requests_per_minute = Setting(
        "REPLICATE_REQUESTS_PER_MINUTE",
        values.whole(1, MOST_A_MINUTE),
        "Calls a minute that the provider takes from this account, creates apart.",
        default="3000",
    )
    creates_per_minute = Setting(
        "REPLICATE_CREATES_PER_MINUTE",
        values.whole(1, MOST_A_MINUTE),
        "Predictions a minute that the provider lets this account create. Fewer are used as soon "
        "as it says so.",
        default="600",
    )
    generation_timeout = Setting(
        "GENERATION_TIMEOUT",
        values.duration(1, LONGEST_GENERATION_S),
        "How long a generation may take before it is given up: 600, 600s or 10m.",
        default="600",
    )
    prompt_max_length = Setting(
        "PROMPT_MAX_LENGTH",
        values.whole(1, MOST_PROMPT_CHARACTERS),
        f"Most characters in a prompt, up to {MOST_PROMPT_CHARACTERS}.",
        default="2000",
    )
    operator_id = Setting(
        "OPERATOR_ID",
        values.user_id,
        "Your own user id in Discord: whom the bot tells, once and in a direct message, that the "
        "provider's account is in trouble or a budget is nearly spent. Unset: the log only.",
        absent=None,
        example="123456789012345678",
    )
    privacy_url = Setting(
        "PRIVACY_URL",
        values.public_url,
        "Your privacy policy's address; /me links it. Unset: none.",
        absent=None,
        example="https://example.com/privacy",
    )
    image_retention_days = Setting(
        "IMAGE_RETENTION_DAYS",
        values.limit,
        "Days that stored images are kept for /history; none keeps them for ever.",
        default="30",
    )
    prompt_retention_days = Setting(
        "PROMPT_RETENTION_DAYS",
        values.limit,
        "Days that prompts are kept with the records; none keeps them for ever.",
        default="90",
    )
    shutdown_grace = Setting(
        "SHUTDOWN_GRACE",
        values.duration(0, 600),
        "How long a stopping bot waits for generations that are under way.",
        default="20",
    )
    long_wait_mention = Setting(
        "LONG_WAIT_MENTION",
        values.duration_or_none(1, LONGEST_GENERATION_S),
        "After how long a wait the person is mentioned once the image is there, since an edit "
        "notifies nobody; none: never.",
        default="60",
    )
    edits_per_second = Setting(
        "EDITS_PER_SECOND",
        values.whole(1, 1000),
        "Edits a second that show progress, in all messages together; finished images never wait.",
        default="30",
    )
    log_level = Setting(
        "LOG_LEVEL",
        values.choice(_LEVELS),
        "debug, info, warning, error or critical.",
        default="info",
    )
    log_format = Setting(
        "LOG_FORMAT",
        values.choice({"text": "text", "json": "json"}),
        "text for people, json for machines (one object a line).",
        default="text",
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

    @property
    def provider_can_upload(self) -> bool:
        """Whether it takes files: as set, else as known of the host."""
        if self.provider_uploads is None:
            return self._provider_in(_HOSTS_WITH_FILES)
        return self.provider_uploads

    @property
    def webhooks_url(self) -> str | None:
        """Where webhooks are to come; None: the provider has none, or they have no way to us."""
        has = self.provider_webhooks
        if has is None:
            has = self._provider_in(_HOSTS_WITH_WEBHOOKS)
        return self.public_url if has else None

    def _provider_in(self, domains: Sequence[str]) -> bool:
        host = "." + (urlsplit(self.replicate_api_url).hostname or "")
        return host.endswith(tuple(f".{name}" for name in domains))


class ProviderSettings(StorageSettings):
    """The provider and the model files: all that `models` needs to know."""

    replicate_api_url = Settings.replicate_api_url
    replicate_api_token = Settings.replicate_api_token
