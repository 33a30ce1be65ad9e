"""Pictures that were stored just now and are still in memory, since delivering them comes next."""

from __future__ import annotations

from bot.pictures.spool import Kept

#: Bytes of them at most; what finds no room is read and looked through again for its delivery.
ROOM = 16 << 20


class Tray:
    """Each is held until it is taken, or until nobody is to deliver it any more.

    Where there is no room it is the newcomer that stays outside: the others' turn comes first.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._held: dict[str, tuple[str, Kept]] = {}

    def put(self, of: str, kept: Kept) -> None:
        """`of`: the generation that made it."""
        self.take(kept.stored.name)  # it was fetched again
        if kept.content is not None and kept.stored.size <= self._room:
            self._room -= kept.stored.size
            self._held[kept.stored.name] = of, kept

    def take(self, name: str) -> Kept | None:
        """It is held no more."""
        _, kept = self._held.pop(name, ("", None))
        if kept is not None:
            self._room += kept.stored.size
        return kept

    def forget(self, of: str) -> None:
        """Nobody is to deliver this generation's."""
        for name in [name for name, (maker, _) in self._held.items() if maker == of]:
            self.take(name)
