"""The fidelity report as words and pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.world import World
from models.evaluation.fidelity_metrics import Imagined, Recorded

GAP = 3


def strip(run: Recorded, made: Imagined, world: World, file: Path, columns: int = 9) -> None:
    """Truth above imagination for every camera, at frames spread over the run, three times enlarged."""
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
    """The report."""
    table, chaos = figures["horizons"]["table"], figures.get("chaos")
    drift = {r["steps"]: r for r in chaos["rows"]} if chaos else {}
    lines = [
        f"# Fidelity of the {figures['kind']} world",
        "",
        f"Weights `{figures['world']['sha256'][:12]}`, {figures['world']['backend']}. {figures['told']}",
        "",
        f"Open loop on {figures['horizons']['n']} test rollouts that nobody tuned on (mean travel of the T "
        f"{figures['horizons']['travel_cm_mean']:.0f} cm). Medians, means in brackets. Beside them the simulator "
        "itself, started 1 mm and 1 degree off: what no model can beat for long.",
        "",
        "| steps | PSNR dB | copying the start | SSIM | T position cm | T angle deg | simulator cm, deg | hands cm "
        "| amount of T left |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for r in table:
        c = drift.get(r["steps"])
        beside = f"{c['median_cm']:.2f} ({c['mean_cm']:.2f}), {c['median_deg']:.1f} ({c['mean_deg']:.1f})" if c else "-"
        lines.append(
            f"| {r['steps']} | {r['psnr']:.1f} ({r['psnr_mean']:.1f}) | {r['copy']:.1f} | {r['ssim']:.3f} "
            f"| {r['cm']:.2f} ({r['cm_mean']:.2f}) | {r['deg']:.1f} ({r['deg_mean']:.1f}) | {beside} "
            f"| {r['ee_cm']:.2f} ({r['ee_cm_mean']:.2f}) | {r['left']:.2f} |"
        )
    lines += ["", *_contact(figures), "", *_trust(figures)]
    return "\n".join(lines) + "\n"


def _contact(figures: Mapping[str, Any]) -> list[str]:
    push, quiet, encoder, tracking = (figures[k] for k in ("pushes", "quiet", "encoder", "tracking"))
    lines = [
        "## Action faithfulness",
        "",
        f"- 12 cm push ({push['n']} from all sides; the T moves {push['moved_cm_mean']:.1f} cm and turns "
        f"{push['turned_deg_mean']:.0f} degrees on average): error {push['cm_mean']:.2f} cm, {push['deg_mean']:.1f} "
        f"degrees mean, {push['cm']:.2f} cm, {push['deg']:.1f} degrees median; sense of rotation right in "
        f"{100 * push['sign_right']:.0f} % of {push['sign_n']}.",
    ]
    for name, words in (
        ("raised_arm", "raised arms, 100 steps"),
        ("passing_over", "passing over, 100 steps"),
        ("nobody_moves", "nobody moves, 300 steps"),
    ):
        q = quiet[name]
        lines.append(
            f"- {words}: the T drifts {q['cm_max']:.4f} cm, {q['deg_max']:.4f} degrees at most (n = {q['n']})."
        )
    lines += [
        "",
        "## Pictures to states",
        "",
        f"- Encoder ({encoder['n']} pictures in the midst of play): the object's centre is "
        f"{encoder['centre_cm']:.2f} cm off (median; mean {encoder['centre_cm_mean']:.2f}); drawn again "
        f"{encoder['psnr_mean']:.1f} dB.",
    ]
    if tracking:
        lines.append(
            f"- Tracker of the trainer ({tracking['frames']} frames of the test split): {tracking['cm']:.3f} cm, "
            f"{tracking['deg']:.2f} degrees median ({tracking['cm_mean']:.3f}, {tracking['deg_mean']:.2f} mean); "
            f"{100 * tracking['kept']:.1f} % of the frames kept."
        )
    return lines


def _trust(figures: Mapping[str, Any]) -> list[str]:
    trust = figures["trust"]
    limits = trust["tolerance"]
    lines = [
        "## Trust",
        "",
        f"The probability that the next 10 steps stay within {100 * limits['position_m']:.0f} cm and "
        f"{limits['angle_rad']:.2f} rad. {trust['n']} starts in the midst of test rollouts, "
        f"{100 * trust['within']:.1f} % stayed within; AUROC {trust['auroc']:.3f}, Brier score {trust['brier']:.4f}.",
        "",
        "| trust | share within | n |",
        "|---|---|---|",
    ]
    lines += [f"| {r['trust']:.2f} | {r['within']:.2f} | {r['n']:.0f} |" for r in trust["reliability"]]
    odd = ", ".join(f"{k.replace('_', ' ')} {v:.2f}" for k, v in trust["odd_starts"].items())
    lines += ["", f"Median trust by kind of start: {odd}."]
    return lines
