"""What the frozen values of this program are made of.

A dataclass compiles its methods each time Python starts, and makes its class twice: for all of
ours that is a tenth of a second. A struct has them in C, and is made and copied ten times as fast.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar, dataclass_transform

from msgspec import Struct, field
from msgspec.structs import asdict, astuple, replace

__all__ = ["Hidden", "Record", "asdict", "astuple", "field", "replace"]

T = TypeVar("T")

#: The type of a field that must not be read by chance: no `repr` shows it.
Hidden = Annotated[T, "hidden"]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record(Struct, frozen=True):
    """A frozen value: only one of the same class, with the same in each field, equals it."""

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__qualname__}({shown})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """What may be seen of it; rich asks for it when a traceback shows local variables."""
        hidden = _hidden(type(self))
        return [(name, value) for name, value in asdict(self).items() if name not in hidden]


def _hidden(kind: type) -> set[str]:
    """As written: to resolve an annotation, everything that it names would have to be loaded."""
    written = (getattr(each, "__annotations__", {}) for each in kind.__mro__)
    return {name for each in written for name, text in each.items() if text.startswith("Hidden[")}
