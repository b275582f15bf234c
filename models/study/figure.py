"""The picture of a study: success with intervals, success against time, learned world against reference."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.study.analysis import Row, WorldAgreement
from models.study.results import Result


def draw(results: Sequence[Result], rows: Sequence[Row], worlds: WorldAgreement | None, path: Path) -> None:
    """Write it as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    bars, times, scatter = figure.subplots(1, 3)
    _bars(bars, rows)
    _times(times, results, rows)
    _scatter(scatter, worlds)
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, dpi=110, format="png")
    partial.replace(path)


def _named(row: Row, rows: Sequence[Row]) -> str:
    """The cell, with its backbone where there are several."""
    several = len({other.backbone for other in rows}) > 1
    return f"{row.cell}\n{row.backbone}" if several else row.cell


def _bars(axes: Any, rows: Sequence[Row]) -> None:
    """First-try and later success of each cell, with the interval of their sum."""
    place, first = np.arange(len(rows)), [100 * row.first_try for row in rows]
    axes.bar(place, first, color="#4878a8", label="first try")
    axes.bar(place, [100 * row.late for row in rows], bottom=first, color="#e0913a", label="later")
    rates = [100 * row.success for row in rows]
    low = [rate - 100 * row.interval.low for rate, row in zip(rates, rows, strict=True)]
    high = [100 * row.interval.high - rate for rate, row in zip(rates, rows, strict=True)]
    axes.errorbar(place, rates, yerr=[low, high], fmt="none", ecolor="black", capsize=4)
    axes.set_xticks(place, [_named(row, rows) for row in rows], rotation=30, ha="right")
    axes.set_ylim(0, 100)
    axes.set_ylabel("success in the reference world, %")
    axes.set_title("success, 95 % intervals")
    axes.legend()


def _times(axes: Any, results: Sequence[Result], rows: Sequence[Row]) -> None:
    """Share of attempts that are solved by each step."""
    for row in rows:
        attempts = [
            attempt
            for result in results
            if (result.backbone, result.cell) == (row.backbone, row.cell)
            for attempt in result.reference
        ]
        steps = np.sort([attempt.steps for attempt in attempts if attempt.success])
        share = 100 * np.arange(len(steps) + 1) / len(attempts)
        end = max(attempt.steps for attempt in attempts)
        axes.step([0, *steps, end], [*share, share[-1]], where="post", label=_named(row, rows).replace("\n", ", "))
    axes.set_xlabel("control steps")
    axes.set_ylabel("solved by then, %")
    axes.set_ylim(0, 100)
    axes.set_title("time to success")
    axes.legend(fontsize="small")


def _scatter(axes: Any, worlds: WorldAgreement | None) -> None:
    """Success of each policy in both worlds."""
    axes.plot([0, 100], [0, 100], color="#bbbbbb", linewidth=1)
    if worlds is not None:
        for name, seen, true in worlds.points:
            axes.plot(100 * seen, 100 * true, "o", color="#4878a8")
            axes.annotate(name, (100 * seen, 100 * true), xytext=(4, 4), textcoords="offset points", fontsize="x-small")
        figure = f"r = {worlds.agreement.pearson:.2f}" if worlds.agreement.enough else "too few lineages for r"
        axes.set_title(f"world against reference, {figure}")
    else:
        axes.set_title("world against reference: not evaluated")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.set_xlabel("success in the learned world, %")
    axes.set_ylabel("success in the reference world, %")
