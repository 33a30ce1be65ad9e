"""A canvas for charts, by matplotlib, on which text means nothing but itself.

Its own dark ground is legible on Discord's dark and light themes alike.
"""

from __future__ import annotations

import logging
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The box in which Discord shows a picture on a large screen, and the unit of all that is drawn.
WIDTH, HEIGHT = 550, 350
#: Pixels of each unit, for sharp screens.
SHARPNESS = 2
#: Letters on a phone, which shows the picture 350 wide, are still 8 high.
SMALL, LARGE = 13, 20
GROUND, TEXT, MUTED = "#1e1f22", "#f2f3f5", "#b9bdc5"
_GRID = "#3d3f45"
NAMELESS = "(no name)"
#: Of a text, characters that are looked at: more than there is room for.
_LONGEST = 80
#: Marks pile up without end; controls and formats have no looks, or change those of others; what
#: stands in the private use area is another picture in each font.
_INVISIBLE = ("Mn", "Me", "Cc", "Cf", "Cs", "Co")

#: matplotlib's caches of fonts and text are not made for several threads.
_DRAWING = Lock()


def is_drawable() -> bool:
    """Whether its library is here: it is an extra."""
    found = find_spec("matplotlib")
    return found is not None and found.origin is not None  # else a folder that was left behind


@contextmanager
def blank() -> Iterator[Canvas]:
    """Hand out an empty canvas, one at a time: whoever draws another one waits.

    Raises OSError where neither the home nor any temporary directory can be written.
    """
    with _DRAWING:
        yield Canvas()


class Canvas:
    """An empty picture, measured from its upper left corner."""

    def __init__(self) -> None:
        # Where the home cannot be written it uses a temporary directory, and would say so.
        logging.getLogger("matplotlib").setLevel(logging.ERROR)
        from matplotlib import get_data_path
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.font_manager import get_font

        # matplotlib measures in points, 72 an inch: here a point is one unit.
        self._figure = Figure((WIDTH / 72, HEIGHT / 72), 72 * SHARPNESS, facecolor=GROUND)
        self._canvas: Any = FigureCanvasAgg(self._figure)  # its types are incomplete
        self._font = f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf"
        self._glyphs = get_font(self._font).get_charmap()
        self._paper = self._axes(0, 0, WIDTH, HEIGHT)
        self._paper.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        self._paper.axis("off")

    def bar(self, x: float, y: float, width: float, height: float, **looks: Any) -> None:
        """Draw a bar from `x` on, around `y`."""
        self._paper.barh(y, width, height, x, **looks)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = SMALL,
        colour: str = TEXT,
        room: float = WIDTH,
        align: Literal["left", "center", "right"] = "left",
    ) -> float:
        """Write one line around `y`, cut short where there is no room, and return its width."""
        from matplotlib.font_manager import FontProperties

        font = FontProperties(fname=self._font, size=size)
        measure = self._canvas.get_renderer().get_text_width_height_descent

        def width(line: str) -> float:
            return float(measure(line, font, False)[0] / SHARPNESS)

        line = _fitting(self._drawable(text), room, width)
        looks: dict[str, Any] = {"color": colour, "ha": align, "va": "center_baseline"}
        self._paper.text(x, y, line, font=font, parse_math=False, **looks)
        return width(line)

    def _drawable(self, text: str) -> str:
        """One line of what the font has glyphs for; a box for each other letter or digit."""
        line = unicodedata.normalize("NFC", " ".join(text[:_LONGEST].split()))
        kept = (
            c if ord(c) in self._glyphs else "□" if c.isalnum() else ""
            for c in line
            if unicodedata.category(c) not in _INVISIBLE
        )
        return " ".join("".join(kept).split()) or NAMELESS

    def panel(self, left: float, top: float, right: float, bottom: float, bars: int) -> Axes:
        """Add axes between these edges, for bars at 0, 1, 2…; their labels are outside."""
        axes = self._axes(left, top, right - left, bottom - top)
        spare = max(0, 7 - bars) / 2  # or a single bar would be a wall
        axes.set(axisbelow=True, xticks=(), xlim=(-0.6 - spare, max(1, bars) - 0.4 + spare))
        axes.spines[["top", "left", "right"]].set_visible(False)
        axes.spines.bottom.set_color(MUTED)
        axes.tick_params(length=0, pad=6, labelsize=SMALL, labelcolor=TEXT)
        axes.grid(axis="y", color=_GRID)
        return axes

    def _axes(self, left: float, top: float, width: float, height: float) -> Axes:
        place = (left / WIDTH, 1 - (top + height) / HEIGHT, width / WIDTH, height / HEIGHT)
        return self._figure.add_axes(place, facecolor="none")

    def png(self) -> bytes:
        file = BytesIO()
        self._canvas.print_png(file)
        return file.getvalue()


def _fitting(text: str, room: float, width: Callable[[str], float]) -> str:
    """As much of the text, from its beginning, as there is room for."""
    if width(text) <= room:
        return text
    cuts = [text[:length].rstrip() + "…" for length in range(len(text))]
    return cuts[max(0, bisect_right(cuts, room, key=width) - 1)]
