"""The report of a study: one Markdown page and one picture, from the result files alone."""

import math
import os
from collections.abc import Sequence
from pathlib import Path

from models.evaluation.paired import Comparison
from models.study import analysis
from models.study.analysis import FIRST_TRY, Row, WorldAgreement
from models.study.cells import CELLS
from models.study.config import StudyConfig
from models.study.figure import draw
from models.study.results import Result, read_results
from models.study.volume import Volume, read_volume, volume_path

GAIN_AIM = 0.35
"""Gain of corrections over the base that the study aims at."""
CLOSED_LOOP_AIM = 0.15
"""Gain of corrections over the closed loop without an operator that it aims at."""


def write_report(config: StudyConfig, path: Path, command: str) -> None:
    """Write the page and, beside it, the picture.

    Raises:
        BadStore: a result is torn.
    """
    results = sorted(read_results(config.out), key=lambda result: _place(result, config))
    rows, worlds = analysis.rows(results), analysis.world_agreement(results)
    picture = path.with_suffix(".png")
    path.parent.mkdir(parents=True, exist_ok=True)
    if rows:
        draw(results, rows, worlds, picture)
    volumes = {
        kind: read_volume(config.out, kind) for kind in config.backbones if volume_path(config.out, kind).exists()
    }
    lines = page(config, results, rows, worlds, volumes, picture.name, command)
    partial = path.with_name(path.name + ".partial")
    partial.write_text("\n".join(lines) + "\n")
    os.replace(partial, path)


def _place(result: Result, config: StudyConfig) -> tuple[int, str, int, int]:
    order = list(CELLS)
    return (
        result.backbone == "also",
        result.backbone,
        order.index(result.cell) if result.cell in order else 0,
        result.seed,
    )


def page(
    config: StudyConfig,
    results: Sequence[Result],
    rows: Sequence[Row],
    worlds: WorldAgreement | None,
    volumes: dict[str, Volume],
    picture: str,
    command: str,
) -> list[str]:
    """The lines of the page."""
    commits = sorted({result.commit[:12] for result in results})
    lines = [
        f"# Study: {config.task}",
        "",
        f"Written by `{command}` from the result files of the study; commits {', '.join(commits) or 'none'}.",
        "",
    ]
    if not rows:
        return [*lines, "Nothing is evaluated yet."]
    lines += [
        f"![success, time to success, world against reference]({picture})",
        "",
        "## Success in the reference world",
        "",
    ]
    lines += _rate_table(rows)
    lines += ["", *_setting(config, rows), "", "## Comparisons on the same seeds", "", *_comparison_table(rows), ""]
    lines += ["## Aims", "", *_aims(rows), "", "## Corrections", "", *_volume_table(volumes), ""]
    lines += ["## Agreement of the learned world with the reference", "", *_agreement(worlds), ""]
    return [*lines, "## Cost", "", *_cost_table(results)]


def _rate_table(rows: Sequence[Row]) -> list[str]:
    lines = [
        f"| backbone | cell | trained on | trainings | attempts | success | 95 % | first try (<= {FIRST_TRY} steps) | "
        "later | median steps | final progress |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        median = "-" if math.isnan(row.median_steps) else f"{row.median_steps:.0f}"
        words = CELLS[row.cell].words if row.cell in CELLS else ""
        lines.append(
            f"| {row.backbone} | {row.cell} | {words} | {row.trainings} | {row.attempts} | {row.success:.1%} | "
            f"{row.interval.low:.1%} .. {row.interval.high:.1%} | {row.first_try:.1%} | {row.late:.1%} | {median} | "
            f"{row.progress:.2f} |"
        )
    return lines


def _setting(config: StudyConfig, rows: Sequence[Row]) -> list[str]:
    return [
        f"Every trained cell begins at the base's weights and takes {config.steps} steps at a peak rate of "
        f"{config.rate:g} with a frozen picture encoder. Intervals are Wilson's; where a cell has several trainings "
        "they are counted as if independent. Final progress is the judge's at the end of an attempt.",
    ]


def _comparison_table(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| backbone | cell | against | gain, points | 95 % (paired bootstrap) | won | lost | p (exact McNemar) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        for name, found in row.against.items():
            lines.append(f"| {row.backbone} | {row.cell} | {name} | {_gain(found)} |")
    return lines


def _gain(found: Comparison) -> str:
    low, high = found.interval.low * 100, found.interval.high * 100
    return f"{found.gain * 100:+.1f} | {low:+.1f} .. {high:+.1f} | {found.won} | {found.lost} | {found.p:.3g}"


def _aims(rows: Sequence[Row]) -> list[str]:
    lines = []
    for row in rows:
        if row.cell != "hi_wm":
            continue
        for name, aim in (("base", GAIN_AIM), ("closed_loop", CLOSED_LOOP_AIM)):
            if name in row.against:
                gain = row.against[name].gain
                verdict = "reached" if gain >= aim else "missed"
                lines.append(
                    f"- {row.backbone}: corrections against {name} {gain * 100:+.1f} points, "
                    f"aim {aim * 100:+.0f}: {verdict}."
                )
    return lines or ["- The cell hi_wm is not evaluated yet."]


def _volume_table(volumes: dict[str, Volume]) -> list[str]:
    if not volumes:
        return ["None were made yet."]
    lines = [
        "| backbone | attempts in the learned world | solved by the policy | accepted | given up | steps of the "
        "operator | steps of own successes | seconds of computing a correction |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for backbone, held in volumes.items():
        each = held.seconds / max(held.corrections, 1)
        lines.append(
            f"| {backbone} | {held.attempts} | {held.successes} | {held.corrections} | {held.given_up} | "
            f"{held.correction_rows} | {held.own_rows} | {each:.1f} |"
        )
    return [
        *lines,
        "",
        "Made by the scripted operator of the task through a device, from pictures of the learned world alone. The "
        "seconds contain the attempts that had to fail first.",
    ]


def _agreement(found: WorldAgreement | None) -> list[str]:
    if found is None:
        return ["Fewer than two policies were evaluated in both worlds."]
    values = found.agreement
    lines = [
        "| policies | lineages | Pearson | 95 % | Spearman | MMRV | without one lineage, lowest .. highest | ceiling |",
        "|---|---|---|---|---|---|---|---|",
    ]
    left = [value for value in values.leave_one_out if not math.isnan(value)]
    spread = f"{min(left):.2f} .. {max(left):.2f}" if left else "-"
    lines.append(
        f"| {values.policies} | {values.lineages} | {values.pearson:.3f} | {values.interval.low:.2f} .. "
        f"{values.interval.high:.2f} | {values.spearman:.3f} | {values.mmrv:.3f} | {spread} | {found.ceiling:.3f} |"
    )
    lines += [
        "",
        "A lineage is a backbone with its training data; all cells begin at the weights of one base, so that they are "
        "less independent than policies trained from nothing. The ceiling is what two halves of the reference "
        "evaluation reach against each other.",
    ]
    if not values.enough:
        lines.append(f"{values.lineages} lineages are too few for a statement.")
    return lines


def _cost_table(results: Sequence[Result]) -> list[str]:
    lines = ["| job | training, min | reference, min | world, min |", "|---|---|---|---|"]
    for result in results:
        minutes = [result.seconds.get(part, 0.0) / 60 for part in ("training", "reference", "world")]
        lines.append(f"| {result.name} | " + " | ".join(f"{value:.1f}" for value in minutes) + " |")
    return lines
