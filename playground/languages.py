"""In which languages people's clients and the server are: what each interaction tells the bot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.backend import PlaygroundBackend
from playground.errors import WorldError

#: Discord's locales of which the bot may know the language, by their own names.
LANGUAGES: Mapping[str, str] = {
    "en-US": "English",
    "de": "Deutsch",
    "es-ES": "Español",
    "fr": "Français",
    "ja": "日本語",
}


class Languages:
    """The backend's until somebody chooses; raises WorldError for a language that is not listed."""

    def __init__(self, backend: PlaygroundBackend, guild_id: int) -> None:
        self._backend = backend
        self._guild_id = guild_id
        self._people: dict[str, str] = {}

    def of(self, person_id: str) -> str:
        return self._people.get(person_id, self._backend.locale)

    @property
    def server(self) -> str:
        return str(self._backend.get_guild(self._guild_id).preferred_locale)

    def speak(self, person_id: str, locale: str) -> None:
        """Set one person's client."""
        self._people[person_id] = _known(locale)

    def set_server(self, locale: str) -> None:
        """Set the server's, as its owner would."""
        self._backend.edit_guild(self._guild_id, {"preferred_locale": _known(locale)})

    def state(self, person_id: str) -> dict[str, Any]:
        """What the page shows."""
        return {"offered": LANGUAGES, "person": self.of(person_id), "server": self.server}

    def shown(self, person_id: str, declared: Any) -> Any:
        """A command as this person's client shows it: in their language where it has one.

        Names of commands and options stay what is sent; what is shown of a menu's or a choice's
        name is its `shown`.
        """
        if isinstance(declared, list):
            return [self.shown(person_id, each) for each in declared]
        if not isinstance(declared, dict):
            return declared
        locale = self.of(person_id)
        found = {key: self.shown(person_id, value) for key, value in declared.items()}
        about = (declared.get("description_localizations") or {}).get(locale)
        named = (declared.get("name_localizations") or {}).get(locale)
        return (
            found | ({"description": about} if about else {}) | ({"shown": named} if named else {})
        )


def _known(locale: str) -> str:
    if locale not in LANGUAGES:
        raise WorldError(f"Nobody here speaks “{locale}”.")
    return locale
