"""A setting: how it is declared, read with all the others at once, and described."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Generic, Self, TypeVar, overload

from bot.errors import ConfigError, Problem
from bot.record import Hidden, Record
from bot.settings.values import Unusable

#: A key that begins like this and is nearly one of ours is taken for a slip of the pen.
_OUR_PREFIXES = (
    "AGE_", "ALLOWED_", "CONFIRM_", "DAILY_", "DEFAULT_MODEL", "DISCORD_", "EDITS_",
    "GENERATION_", "IMAGE_", "LONG_", "MAX_", "MODEL", "MONTHLY_", "NEW_", "OPERATOR_",
    "PRIVACY_", "PROMPT_", "PUBLIC_", "REPLICATE_", "SAFETY_", "TIME_ZONE", "USER_", "WEB_",
)  # fmt: skip


Value = TypeVar("Value")


class _Required:
    """Stands where a setting has nothing to be when it is absent."""


_REQUIRED = _Required()


class Setting(Record, Generic[Value]):
    """One setting, declared as an attribute of a class of settings.

    `default` is text and read like any other, so that documents can show it. Without one the
    setting is required, unless there is something that it is when `absent`.
    """

    key: str
    read: Callable[[str], Value]
    about: str
    default: str | None = None
    absent: Value | _Required = _REQUIRED
    example: str = ""

    @property
    def required(self) -> bool:
        return self.default is None and self.absent is _REQUIRED

    def value(self, text: str | None) -> Value:
        """Read `text`, or what stands for it. Raises Unusable."""
        text = text or self.default
        if text is not None:
            return self.read(text)
        if isinstance(self.absent, _Required):
            raise Unusable("is not set", self.about)
        return self.absent

    @overload
    def __get__(self, settings: None, owner: type) -> Self: ...
    @overload
    def __get__(self, settings: Declared, owner: type) -> Value: ...
    def __get__(self, settings: Declared | None, owner: type) -> Any:
        return self if settings is None else settings._values[self.key]  # noqa: SLF001 - its other half


class Declared(Record):
    """Settings as they were read; `given` are the keys that were set at all."""

    _values: Hidden[Mapping[str, object]]
    given: AbstractSet[str]

    @classmethod
    def parse(cls, mapping: Mapping[str, str]) -> Self:
        """Read the settings from a mapping such as the environment; empty texts count as unset.

        Raises ConfigError with every problem there is. No problem repeats a value.
        """
        texts = {key: text.strip() for key, text in mapping.items() if text.strip()}
        values: dict[str, object] = {}
        problems: list[Problem] = []
        for setting in reference(cls):
            try:
                values[setting.key] = setting.value(texts.get(setting.key))
            except Unusable as error:
                problems.append(Problem(setting.key, error.what, error.remedy))
        problems.extend(_slips(cls, texts))
        problems.extend(cls.contradictions(values))
        if problems:
            # Outside the `except`: a chained error would carry what was typed.
            raise ConfigError(tuple(problems))
        return cls(values, frozenset(texts) & frozenset(values))

    @classmethod
    def contradictions(cls, read: Mapping[str, object]) -> Iterator[Problem]:
        """What is wrong with settings that are fine each by itself; `read` are those that are."""
        del read  # a class may know none
        return iter(())


def reference(of: type[Declared]) -> tuple[Setting[Any], ...]:
    """Every setting, in the order of their declaration, a class's own before what it inherits."""
    declared = (value for kind in of.__mro__ for value in vars(kind).values())
    return tuple(value for value in declared if isinstance(value, Setting))


def _slips(of: type[Declared], texts: Mapping[str, str]) -> Iterator[Problem]:
    """Find keys that look like a misspelling of one that is not set."""
    unset = [setting.key for setting in reference(of) if setting.key not in texts]
    known = {setting.key for kind in _family(Declared) for setting in reference(kind)}
    for key in texts:
        if key.startswith(_OUR_PREFIXES) and key not in known:
            import difflib  # noqa: PLC0415 - only for who mistyped one

            meant = difflib.get_close_matches(key.replace("KEY", "TOKEN"), unset, 1, 0.75)
            if meant:
                yield Problem(key, "is not a setting", f"Did you mean {meant[0]}?")


def _family(kind: type[Declared]) -> Iterator[type[Declared]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _family(below)
