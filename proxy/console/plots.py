"""Time-lines as SVG, drawn here so that a page without a script has them, too.

A plot is never the only place where a figure is told: its label says the last and the highest value
of each line, and lines differ in their strokes, not in colour alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

WIDTH, HEIGHT = 600, 120
"""Units of the drawing, which is stretched to the place that it gets."""
_STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Line:
    """`name` is also the class that gives it its stroke. A value of None is a gap."""

    name: str
    values: Sequence[float | None]

    @property
    def last(self) -> float | None:
        return self.values[-1] if self.values else None

    @property
    def highest(self) -> float | None:
        return max((value for value in self.values if value is not None), default=None)


@dataclass(frozen=True, slots=True)
class Plot:
    """`span` is how far it reaches back, for a person. `marks` are places of changes, 0 to 1."""

    title: str
    span: str
    lines: tuple[Line, ...]
    shown: Callable[[float | None], str]
    least: float
    marks: tuple[float, ...] = ()

    @property
    def top(self) -> float:
        """The value at the upper edge: a round one, `least` or more."""
        highest = max((line.highest or 0.0 for line in self.lines), default=0.0)
        return rounded_up(max(highest, self.least))

    @property
    def told(self) -> str:
        """For who does not see it."""
        lines = "; ".join(
            f"{line.name} now {self.shown(line.last)}, at most {self.shown(line.highest)}"
            for line in self.lines
        )
        return f"{self.title}, last {self.span}: {lines}"

    @property
    def svg(self) -> Markup:
        parts = [Markup('<path class="grid" d="M0 {0}H{1}M0 1H{1}"/>').format(HEIGHT // 2, WIDTH)]
        parts += [
            Markup('<path class="mark" d="M{0} 0V{1}"/>').format(round(place * WIDTH), HEIGHT)
            for place in self.marks
        ]
        for line in reversed(self.lines):
            parts += [
                Markup('<path class="line {}" d="{}"/>').format(line.name, path)
                for path in paths(line.values, self.top)
            ]
        return Markup(
            '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"'
            ' aria-label="{}">{}</svg>'
        ).format(WIDTH, HEIGHT, self.told, Markup("").join(parts))


def rounded_up(value: float) -> float:
    """To 1, 2 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(value))
    return power * next(step for step in _STEPS if round(value / power, 9) <= step)


def paths(values: Sequence[float | None], top: float) -> list[str]:
    """One for each stretch without a gap. A single value becomes a short line."""
    if not values:
        return []
    apart = WIDTH / max(1, len(values) - 1)
    found: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            found.append([])
            continue
        height = HEIGHT - (HEIGHT - 2) * min(value / top, 1.0) - 1
        found[-1].append(f"{number * apart:.1f} {height:.1f}")
    return [_path(points, apart) for points in found if points]


def _path(points: list[str], apart: float) -> str:
    if len(points) == 1:
        return f"M{points[0]}h{ceil(apart / 2)}"
    return f"M{'L'.join(points)}"
