"""What the stages logged, as one picture."""

import json
from collections.abc import Sequence
from pathlib import Path


def plot(folder: Path, stages: Sequence[str], file: Path) -> None:
    """Draw every logged figure of the stages against minutes."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    rows = {s: _read(folder / f"{s}.jsonl") for s in stages}
    rows = {s: r for s, r in rows.items() if r}
    if not rows:
        return
    names = {s: [n for n in r[0] if n not in ("elapsed", "steps")] for s, r in rows.items()}
    width = max(len(n) for n in names.values())
    figure, axes = plt.subplots(len(rows), width, figsize=(3.2 * width, 2.6 * len(rows)), squeeze=False)
    for line, (stage, found) in zip(axes, rows.items(), strict=True):
        for axis in line[len(names[stage]) :]:
            axis.set_visible(False)
        for axis, name in zip(line, names[stage], strict=False):
            axis.plot([r["elapsed"] / 60 for r in found], [r.get(name, float("nan")) for r in found], lw=1)
            axis.set_title(f"{stage}: {name}", fontsize=9)
            axis.set_xlabel("minutes", fontsize=8)
            axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _read(file: Path) -> list[dict[str, float]]:
    """The log of a stage, without its validation line."""
    if not file.exists():
        return []
    rows = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
    return [r for r in rows if "steps" in r]


def validation(folder: Path, stage: str) -> dict[str, float]:
    """The newest validation figures of a stage."""
    file = folder / f"{stage}.jsonl"
    if not file.exists():
        return {}
    rows = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
    found = [r["validation"] for r in rows if "validation" in r]
    return dict(found[-1]) if found else {}
