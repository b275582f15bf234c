"""What every benchmark ends with: a readable table, each figure beside its goal, then one JSON object as last line."""

import json
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Sign = Literal["<", "<=", ">=", "=="]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should reach."""

    sign: Sign
    bound: float
    """In the figure's unit."""

    def holds(self, value: float) -> bool:
        """Whether a value reaches it."""
        match self.sign:
            case "<":
                return value < self.bound
            case "<=":
                return value <= self.bound
            case ">=":
                return value >= self.bound
            case "==":
                return value == self.bound

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number."""

    name: str
    """In the JSON object."""
    words: str
    """In the table."""
    value: float
    unit: str
    """"1" for a pure number."""
    goal: Goal | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the unrounded value reaches its goal; None where there is none."""
        return None if self.goal is None else self.goal.holds(self.value)

    def to_dict(self) -> dict[str, object]:
        """The values of the JSON object.

        Raises:
            ValueError: the value is not finite, so nothing was measured.
        """
        if not math.isfinite(self.value):
            raise ValueError(f"The figure {self.name!r} is {self.value}: nothing was measured.")
        plain: dict[str, object] = {"value": rounded(self.value), "unit": self.unit}
        return plain if self.goal is None else {**plain, "goal": str(self.goal), "holds": self.goal.holds(self.value)}


def rounded(value: float) -> float:
    """Five significant digits: more are noise."""
    return float(f"{value:.5g}")


def percentile(values: Sequence[float], q: float) -> float:
    """The q-th percentile, 0..100.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("There is no percentile of nothing: nothing was measured.")
    return float(np.percentile(np.asarray(values), q))


def table(figures: Iterable[Figure]) -> list[str]:
    """Lines of words, value, unit, goal and verdict in columns."""
    verdicts = {None: "", True: "holds", False: "MISSED"}
    rows = [
        (f.words, f"{rounded(f.value):g}", "" if f.unit == "1" else f.unit, str(f.goal or ""), verdicts[f.holds])
        for f in figures
    ]
    if not rows:
        return []
    rows.insert(0, ("", "measured", "", "goal", ""))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return [
        f"  {words:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  {goal:>{widths[3]}}  {verdict}".rstrip()
        for words, value, unit, goal, verdict in rows
    ]


def json_line(benchmark: str, figures: Iterable[Figure]) -> str:
    """The last line of a benchmark."""
    plain = {figure.name: figure.to_dict() for figure in figures}
    return json.dumps({"benchmark": benchmark, "figures": plain}, allow_nan=False)


def report(benchmark: str, title: str, figures: Sequence[Figure], notes: Iterable[str] = ()) -> None:
    """Print title, notes, table and the JSON line."""
    lines = [title, *(f"  {note}" if note else "" for note in notes), "", *table(figures)]
    sys.stdout.write("\n".join([*lines, json_line(benchmark, figures)]) + "\n")
    sys.stdout.flush()
