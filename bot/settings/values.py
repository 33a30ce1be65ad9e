"""From a setting's text to its value. Pure.

No message ever repeats the text: it may be a secret.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date, tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from bot import language
from bot.domain.generation import Price
from bot.windows import zone_named

Value = TypeVar("Value")

#: SQLite's and Discord's ids are signed 64-bit integers.
LARGEST_ID = 2**63 - 1

_TOKEN = re.compile(r"""[!-~]+""")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_COUNT = re.compile(r"[0-9]{1,9}")
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?(s|m|h)?")
_MONEY = re.compile(r"\$?([0-9]{1,6})(?:\.([0-9]{1,6}))?")
_UNIT_SECONDS = {None: 1, "s": 1, "m": 60, "h": 3600}
#: Names that only resolve inside a network of one's own (RFC 6762, RFC 6761, ICANN's .internal).
_PRIVATE_NAMES = (".localhost", ".local", ".internal")


class Secret:
    """A token; only `reveal` shows it, nothing prints it by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def reveal(self) -> str:
        return self._text


class Unusable(ValueError):
    """A setting's text has no meaning: what is wrong with it, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def secret(text: str) -> Secret:
    """Read a token: visible ASCII in one piece, without the clutter that copying adds."""
    if text[0] in "\"'" or text[-1] in "\"'":
        raise Unusable("has quotes around it", "Remove the quotes.")
    scheme, separator, _ = text.partition(" ")
    if separator and scheme.lower() in ("bot", "bearer"):
        raise Unusable(f"begins with “{scheme.capitalize()} ”", "Give the token alone.")
    if any(character.isspace() for character in text):
        raise Unusable("contains white space", "Copy the token again, in one piece.")
    if not _TOKEN.fullmatch(text) or any(character in text for character in "\"'\\"):
        raise Unusable("contains characters that no token has", "Copy the token again.")
    return Secret(text)


def base_url(text: str) -> str:
    """Read the base of an API's addresses, without a trailing slash.

    Only https leaves the machine or its own network, since a token travels with every request.
    """
    parts = _split(text)
    if parts.username is not None or parts.query or parts.fragment or text[-1] in "?#":
        raise Unusable("has a user name, a query or a fragment", "Give the plain base address.")
    if parts.scheme != "https" and not _is_private(parts.hostname or ""):
        raise Unusable("is not https", "Use https:// (http:// is only for your own network).")
    path = parts.path.rstrip("/")
    if path.endswith("/predictions"):
        raise Unusable("goes beyond the base", "End it before /predictions or /models.")
    return f"{parts.scheme}://{parts.netloc}{path}"


def public_url(text: str) -> str:
    """Read the address of a page for everybody."""
    if _split(text).scheme != "https":
        raise Unusable("is not https", "Give the address of a page that everybody can open.")
    return text


def _split(text: str) -> SplitResult:
    """Take an http(s) address apart. `urlsplit` forgives what no HTTP client should be given."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        if ":" in host:
            ipaddress.IPv6Address(host)
            host = "ipv6"
    except ValueError:
        host, port, parts = "", None, SplitResult("", "", "", "", "")
    plain = _TOKEN.fullmatch(text) and "\\" not in text and _HOST.fullmatch(host)
    if not plain or port == 0 or parts.scheme not in ("http", "https"):
        raise Unusable("is not an http(s) address", "Write it like https://host/path.")
    return parts


def _is_private(host: str) -> bool:
    """Tell whether `host` stays on this machine or network; a name without a dot cannot leave."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.lower().endswith(_PRIVATE_NAMES)


def host(text: str) -> str:
    """Read a name or an address to listen at, without a port."""
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        pass
    if not _HOST.fullmatch(text):
        raise Unusable("is not a host", "Write an address such as 127.0.0.1 or 0.0.0.0.")
    return text


def folder(text: str) -> Path:
    """Read a directory's path, relative to where the bot is started."""
    if "\0" in text:
        raise Unusable("contains a null character", "Give the path of a folder.")
    return Path(text)


def model(text: str) -> str:
    """Read `owner/name`; a version is not part of it."""
    if not _MODEL.fullmatch(text):
        raise Unusable("is not owner/name", "Write it like google/imagen-4-ultra, no version.")
    return text


def models(text: str) -> tuple[str, ...]:
    """Read `owner/name`s separated by commas or spaces; the order stays, twins do not."""
    return tuple(dict.fromkeys(model(name) for name in re.split(r"[,\s]+", text) if name))


def whole(least: int, most: int) -> Callable[[str], int]:
    """Read whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        if not _COUNT.fullmatch(text) or not least <= int(text) <= most:
            form = language._("Give a whole number from {least} to {most}.")
            remedy = form.format(least=least, most=most)
            raise Unusable("is not usable", remedy)
        return int(text)

    return read


def limit(text: str) -> int | None:
    """Read a positive number of images, or `none` for no limit."""
    if text.lower() == "none":
        return None
    if not _COUNT.fullmatch(text) or int(text) == 0:
        raise Unusable(
            "is not a limit", language.N_("Give a number from 1 up, or `none` for no limit.")
        )
    return int(text)


def duration(least: float, most: float) -> Callable[[str], float]:
    """Read `600`, `600s`, `10m` or `1h` as seconds, from `least` to `most`."""

    def read(text: str) -> float:
        match = _DURATION.fullmatch(text.lower())
        seconds = float(match[1]) * _UNIT_SECONDS[match[2]] if match else -1.0
        if not least <= seconds <= most:
            remedy = f"Give seconds from {least:g} to {most:g}, like 600, 600s or 10m."
            raise Unusable("is not a usable time", remedy)
        return seconds

    return read


def duration_or_none(least: float, most: float) -> Callable[[str], float | None]:
    """As `duration`, or `none`."""
    read = duration(least, most)
    return lambda text: None if text.lower() == "none" else read(text)


def guild_ids(text: str) -> frozenset[int] | None:
    """Read server ids separated by commas or spaces; `any` is None."""
    if text.lower() == "any":
        return None
    words = [word for word in re.split(r"[,\s]+", text) if word]
    usable = all(re.fullmatch(r"[0-9]{1,19}", w) and 0 < int(w) <= LARGEST_ID for w in words)
    if not words or not usable:
        raise Unusable("is not a list of server ids", "Give ids separated by commas, or `any`.")
    return frozenset(map(int, words))


def prices(text: str) -> Mapping[str, Price]:
    """Read `owner/name=0.06[@2026-11-01[@source]],…`: US dollars an image, by model."""
    found: dict[str, Price] = {}
    for entry in filter(None, re.split(r"[,\s]+", text)):
        name, _, said = entry.partition("=")
        amount, _, origin = said.partition("@")
        as_of, _, source = origin.partition("@")
        usable = _MODEL.fullmatch(name) and _MONEY.fullmatch(amount) and name not in found
        if not usable or (origin and not _is_date(as_of)):
            remedy = "Write owner/name=0.06, or owner/name=0.06@2026-11-01@source; one a model."
            raise Unusable("is not a list of prices", remedy)
        found[name] = Price(money(amount), as_of, source)
    return MappingProxyType(found)


def money(text: str) -> int:
    """Read US dollars, to a millionth, as micro-dollars."""
    match = _MONEY.fullmatch(text)
    if not match:
        raise Unusable("is not an amount of money", language.N_("Give US dollars, like 25 or 0.5."))
    return int(match[1] + (match[2] or "").ljust(6, "0"))


def budget(text: str) -> int | None:
    """Read a positive amount of US dollars as micro-dollars, or `none` for no limit."""
    if text.lower() == "none":
        return None
    amount = money(text)
    if amount == 0:
        remedy = language.N_("Give US dollars, like 25 or 0.5, or `none` for no limit.")
        raise Unusable("is nothing", remedy)
    return amount


def zone(text: str) -> tzinfo:
    """Read the name of an IANA time zone."""
    try:
        return zone_named(text)
    except ValueError:
        raise Unusable(
            "is not a time zone", language.N_("Give a name like UTC or Europe/Berlin.")
        ) from None


def user_id(text: str) -> int:
    """Read one id of Discord's."""
    if not re.fullmatch(r"[0-9]{1,19}", text) or not 0 < int(text) <= LARGEST_ID:
        raise Unusable("is not a user id", "Copy it from Discord (with its Developer Mode on).")
    return int(text)


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def choice(words: Mapping[str, Value]) -> Callable[[str], Value]:
    """Read one of a few words, in any case."""

    def read(text: str) -> Value:
        if text.lower() not in words:
            raise Unusable("is not one of the choices", f"Use one of: {', '.join(words)}.")
        return words[text.lower()]

    return read
