"""What the values of this program are made of.

A dataclass compiles its methods each time Python starts, and makes its class twice: for all of
ours that is a tenth of a second. A struct has them in C, and is made and copied ten times as fast.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Never, TypeVar, dataclass_transform

from msgspec import Struct, field
from msgspec.structs import asdict, astuple, replace

__all__ = ["Hidden", "Raisable", "Record", "State", "asdict", "astuple", "field", "replace"]

T = TypeVar("T")

#: Type of a field that must not be read by chance: no `repr` shows it.
Hidden = Annotated[T, "hidden"]


class _Shown:
    """What may be seen of it is shown: each field that is not hidden."""

    __slots__ = ()
    __struct_fields__: ClassVar[tuple[str, ...]]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__qualname__}({shown})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """What rich asks for when a traceback shows local variables."""
        hidden = _hidden(type(self))
        names = [name for name in type(self).__struct_fields__ if name not in hidden]
        return [(name, getattr(self, name)) for name in names]


def _hidden(kind: type) -> set[str]:
    """As written: to resolve an annotation, everything that it names would have to be loaded."""
    written = (getattr(each, "__annotations__", {}) for each in kind.__mro__)
    return {name for each in written for name, text in each.items() if text.startswith("Hidden[")}


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record(_Shown, Struct, frozen=True):
    """A frozen value: only one of the same class, with the same in each field, equals it."""


@dataclass_transform(eq_default=False, field_specifiers=(field,))
class State(_Shown, Struct, eq=False):
    """Fields that change: it equals only itself."""


@dataclass_transform(eq_default=False)
class Raisable(_Shown, Exception):
    """What can be raised, with what its class annotates as fields: in their order, or by name."""

    __struct_fields__: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = vars(cls).get("__annotations__", {})
        cls.__struct_fields__ = tuple(dict.fromkeys((*cls.__struct_fields__, *own)))

    # Never: mypy knows what a class with fields takes, and that one without any takes nothing.
    def __init__(self, *values: Never, **named: Never) -> None:
        names = type(self).__struct_fields__
        given = dict(zip(names, values, strict=False)) | named
        needed = {name for name in names if not hasattr(type(self), name)}
        if len(values) > len(names) or not needed <= given.keys() <= {*names}:
            raise TypeError(f"{type(self).__qualname__} takes: {', '.join(names)}")
        vars(self).update(given)
