"""The history of a training: one JSON object a line, and a picture of it."""

import json
from pathlib import Path
from typing import Any

Row = dict[str, float]


def append(path: Path, row: Row) -> None:
    """Add one line."""
    with path.open("a") as file:
        file.write(json.dumps({name: round(value, 6) for name, value in row.items()}) + "\n")


def read(path: Path, until: int) -> list[Row]:
    """All whole lines up to a step; a line that was cut off is dropped."""
    rows = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            row: Any = json.loads(line)
        except ValueError:
            continue
        if row["step"] <= until:
            rows.append(row)
    return rows


def rewrite(path: Path, rows: list[Row]) -> None:
    """Keep these lines only: after a resume the history continues from the step of the checkpoint."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def draw(history: list[Row], path: Path) -> None:
    """One panel per figure against the step."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = sorted({name for row in history for name in row} - {"step", "rate", "seconds"})
    figure = Figure(figsize=(4 * max(len(names), 1), 3), layout="constrained")
    FigureCanvasAgg(figure)
    for panel, name in enumerate(names):
        axes = figure.add_subplot(1, len(names), panel + 1)
        points = [(row["step"], row[name]) for row in history if name in row]
        axes.plot([x for x, _ in points], [y for _, y in points])
        if min(y for _, y in points) > 0:
            axes.set_yscale("log")
        axes.set_title(name)
        axes.set_xlabel("step")
    figure.savefig(path, dpi=110)
