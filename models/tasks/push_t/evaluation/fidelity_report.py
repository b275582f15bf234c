"""The fidelity report as words and pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.world import World
from models.tasks.push_t.evaluation.fidelity_metrics import Imagined, Recorded

GAP = 3


def strip(run: Recorded, made: Imagined, world: World, file: Path, columns: int = 9) -> None:
    """Truth above imagination for every camera, at frames spread over the run, twice enlarged."""
    frames = sorted(run.frames)
    frames = [frames[i] for i in np.unique(np.linspace(0, len(frames) - 1, columns).astype(int))]
    imagined = {f: world.observe([made.states[f]])[0].frames for f in frames}
    rows = []
    for camera in world.spec.cameras:
        for source in (run.frames, imagined):
            edge = ((0, GAP), (0, GAP), (0, 0))
            cells = [np.pad(source[f][camera.name], edge, constant_values=255) for f in frames]
            rows.append(np.concatenate(cells, 1))
    picture = np.concatenate(rows)
    Image.fromarray(picture).resize((picture.shape[1] * 2, picture.shape[0] * 2), Image.Resampling.NEAREST).save(file)


def reliability_plot(rows: Sequence[Mapping[str, float]], file: Path) -> None:
    """Trust against the share of cases that really stayed within the tolerance."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(4, 4))
    axis.plot([0, 1], [0, 1], color="grey", lw=1, ls="--")
    axis.plot([r["trust"] for r in rows], [r["within"] for r in rows], marker="o")
    axis.set_xlabel("trust")
    axis.set_ylabel("share within the tolerance, next 10 steps")
    axis.set_xlim(0, 1)
    axis.set_ylim(0, 1.02)
    axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)


def markdown(figures: Mapping[str, Any]) -> str:
    """The report; figures that are absent are shown as a dash."""
    parts = [_head(figures), _horizons(figures), _contact(figures), _starts(figures), _trust(figures)]
    if "beside" in figures:
        parts.append(_beside(figures, figures["beside"]))
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def number(value: float | None, digits: int) -> str:
    """A figure as text."""
    return "-" if value is None else f"{value:.{digits}f}"


def _both(row: Mapping[str, Any], key: str, digits: int) -> str:
    """Median, and the mean in brackets."""
    return f"{number(row[key], digits)} ({number(row[f'{key}_mean'], digits)})"


def _head(figures: Mapping[str, Any]) -> list[str]:
    world = figures["world"]
    return [
        f"# Fidelity of the {figures['kind']} world",
        "",
        f"Weights `{world['sha256'][:12]}`, {world['backend']}. {figures['told']}",
    ]


def _horizons(figures: Mapping[str, Any]) -> list[str]:
    found, chaos = figures["horizons"], figures.get("chaos")
    drift = {r["steps"]: r for r in chaos["rows"]} if chaos else {}
    lines = [
        f"Open loop on {found['n']} test rollouts that were never used for tuning (mean travel of the T "
        f"{found['travel_cm_mean']:.0f} cm). Medians, means in brackets. Beside them the simulator itself, started "
        "1 mm and 1 degree off: what no model can beat for long.",
        "",
        "| steps | PSNR dB | copying the start | SSIM | T position cm | T angle deg | simulator cm | simulator deg "
        "| hands cm | amount of T left |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in found["table"]:
        c = drift.get(r["steps"])
        off = [f"{c[f'median_{u}']:.{d}f} ({c[f'mean_{u}']:.{d}f})" if c else "-" for u, d in (("cm", 2), ("deg", 1))]
        lines.append(
            f"| {r['steps']} | {_both(r, 'psnr', 1)} | {_both(r, 'copy', 1)} | {_both(r, 'ssim', 3)} "
            f"| {_both(r, 'cm', 2)} | {_both(r, 'deg', 1)} | {off[0]} | {off[1]} | {_both(r, 'ee_cm', 2)} "
            f"| {r['left']:.2f} |"
        )
    return lines


def _contact(figures: Mapping[str, Any]) -> list[str]:
    push, quiet = figures["pushes"], figures["quiet"]
    sense = "-" if push["sign_right"] is None else f"{100 * push['sign_right']:.0f} %"
    lines = [
        "## Action faithfulness",
        "",
        f"- 12 cm push ({push['n']} from all sides; the T moves {push['moved_cm_mean']:.1f} cm and turns "
        f"{push['turned_deg_mean']:.0f} degrees on average): error {_both(push, 'cm', 2)} cm, "
        f"{_both(push, 'deg', 1)} degrees, median (mean); sense of rotation right in {sense} of {push['sign_n']}.",
    ]
    for name, words in (
        ("raised_arm", "raised arms, 100 steps"),
        ("passing_over", "passing over, 100 steps"),
        ("nobody_moves", "nothing moves, 300 steps"),
    ):
        q = quiet[name]
        rest = f"; the hands {q['hands_cm_max']:.4f} cm" if "hands_cm_max" in q else ""
        lines.append(
            f"- {words}: the T drifts {q['cm_max']:.4f} cm and {q['deg_max']:.4f} degrees at most{rest} (n = {q['n']})."
        )
    return lines


def _starts(figures: Mapping[str, Any]) -> list[str]:
    found, tracking = figures["encoder"], figures.get("tracking")
    lines = [
        "## Pictures to states",
        "",
        f"- Encoder ({found['n']} picture pairs in the midst of play, hands in the way): read out of what it draws "
        f"with the hands aside, the T lies {_both(found, 'cm', 2)} cm and {_both(found, 'deg', 1)} degrees off, "
        f"median (mean), found in {100 * found['found']:.0f} %; the same reading of recorded pictures where the T "
        f"is in sight: {_both(found, 'floor_cm', 2)} cm, {_both(found, 'floor_deg', 1)} degrees. The centre of the "
        f"mask is {_both(found, 'centre_cm', 2)} cm off. Drawn again: {found['psnr_mean']:.1f} dB.",
    ]
    if tracking:
        lines.append(
            f"- Tracker of the trainer ({tracking['frames']} filmed frames, {100 * tracking['kept']:.1f} % of them "
            f"kept): {_both(tracking, 'cm', 3)} cm, {_both(tracking, 'deg', 2)} degrees, median (mean)."
        )
    return lines


def _trust(figures: Mapping[str, Any]) -> list[str]:
    trust = figures["trust"]
    limits = trust["tolerance"]
    lines = [
        "## Trust",
        "",
        f"The probability that the next 10 steps stay within {100 * limits['position_m']:.1f} cm and "
        f"{limits['angle_rad']:.2f} rad. {trust['n']} starts in the midst of test rollouts, "
        f"{100 * trust['within']:.1f} % stayed within; AUROC {number(trust['auroc'], 3)}, Brier score "
        f"{trust['brier']:.4f}.",
        "",
        "| trust | share within | n |",
        "|---|---|---|",
    ]
    lines += [f"| {r['trust']:.2f} | {r['within']:.2f} | {r['n']:.0f} |" for r in trust["reliability"]]
    odd = ", ".join(f"{k.replace('_', ' ')} {v:.2f}" for k, v in trust["odd_starts"].items())
    return [*lines, "", f"Median trust by kind of start: {odd}."]


def _beside(this: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Two worlds on the same trials."""
    kinds = " and ".join(other["left_out"])
    lines = [
        f"## Beside it: a world trained without {kinds} data" if kinds else "## Beside it: another world",
        "",
        f"Weights `{other['world']['sha256'][:12]}`, the same trials. Medians, means in brackets.",
        "",
        "| | this world | the other |",
        "|---|---|---|",
    ]
    for a, b in zip(this["horizons"]["table"], other["horizons"]["table"], strict=True):
        cells = [f"{_both(r, 'psnr', 1)} dB, {_both(r, 'cm', 2)} cm, {_both(r, 'deg', 1)} deg" for r in (a, b)]
        lines.append(f"| {a['steps']} steps | {cells[0]} | {cells[1]} |")
    for kind, a in this["horizons"]["by_kind"].items():
        b = other["horizons"]["by_kind"][kind]
        cells = [f"{r['cm']:.2f} cm, {r['deg']:.1f} deg" for r in (a, b)]
        lines.append(f"| 50 steps of {kind.replace('_', ' ')} (n = {a['n']}) | {cells[0]} | {cells[1]} |")
    both = this, other
    cells = [f"{_both(f['pushes'], 'cm', 2)} cm, {_both(f['pushes'], 'deg', 1)} deg" for f in both]
    lines.append(f"| 12 cm push | {cells[0]} | {cells[1]} |")
    cells = [f"{_both(f['encoder'], 'cm', 2)} cm, {_both(f['encoder'], 'deg', 1)} deg" for f in both]
    lines.append(f"| encoder | {cells[0]} | {cells[1]} |")
    cells = [f"{number(f['trust']['auroc'], 3)}, {100 * f['trust']['within']:.1f} % within" for f in both]
    return [*lines, f"| trust: AUROC | {cells[0]} | {cells[1]} |"]
