"""The fidelity report: a learned world against recorded truth that nobody tuned on. Imports no simulator.

    main.py evaluate world

Reads the shipped trials (models/evaluation/trials.py) and the simulator's own chaos table; writes a report as
Markdown and JSON, with strips of truth above imagination.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import StudioError
from core.observation import Observation
from core.task import Scene
from core.world import World, WorldState
from models.evaluation.fidelity_metrics import (
    Imagined,
    Recorded,
    amount,
    auroc,
    imagine,
    middle,
    object_colour,
    picture_scores,
    pose_errors,
    reliability,
    turned,
    wrapped,
)
from models.evaluation.fidelity_report import markdown, reliability_plot, strip
from models.evaluation.trials import PICTURED, TRIALS, Trials

HORIZONS = (1, 10, 50, 100, 200)
CHAOS = Path(__file__).resolve().parents[2] / "assets" / "reference" / "chaos.json"
TRUST_STEPS = 10
STRIPS = 6

Figures = dict[str, Any]


class Evaluation:
    """One world under test."""

    def __init__(self, world: World, trials: Trials, say: Callable[[str], None]) -> None:
        self.world, self.trials, self._say = world, trials, say
        rollouts = trials.rollouts()
        self.rollouts = [r for r in rollouts if len(r.object_pose) > max(HORIZONS)]
        views = [r.start.frames["top"] for r in self.rollouts]
        self.background = np.median(np.stack(views), axis=0).astype(np.uint8)

    def start(self, observation: Observation) -> WorldState:
        """A state of the world from pictures."""
        return self.world.reset([Scene(self.world.spec.task, 0, {}, observation)], [0])[0]

    def horizons(self, folder: Path) -> Figures:
        """Open loop on the test rollouts."""
        kept: dict[str, list[list[float]]] = {k: [] for k in ("psnr", "ssim", "copy", "cm", "deg", "ee_cm", "left")}
        travel = []
        for i, run in enumerate(self.rollouts):
            made = imagine(self.world, self.start(run.start), run.action)
            row = self._row(run, made)
            for key, values in row.items():
                kept[key].append(values)
            travel.append(float(np.linalg.norm(np.diff(run.object_pose[:, :2], axis=0), axis=1).sum()) * 100)
            if i < STRIPS:
                strip(run, made, self.world, folder / f"rollout_{i:02d}.png")
            self._say(f"rollouts: {i + 1} of {len(self.rollouts)}")
        table = []
        for column, steps in enumerate(HORIZONS):
            entry: Figures = {"steps": steps}
            for key, rows in kept.items():
                entry[key], entry[f"{key}_mean"] = middle([r[column] for r in rows])
            table.append(entry)
        return {"n": len(self.rollouts), "table": table, "travel_cm_mean": float(np.mean(travel))}

    def _row(self, run: Recorded, made: Imagined) -> dict[str, list[float]]:
        apart, turn = pose_errors(made.pose, run.object_pose)
        hands = np.linalg.norm((made.ee_state - run.ee_state).reshape(-1, 2, 7)[..., :3], axis=-1).mean(-1)
        colour = object_colour(run.start.frames["top"], self.background)
        row: dict[str, list[float]] = {k: [] for k in ("psnr", "ssim", "copy", "cm", "deg", "ee_cm", "left")}
        for steps in HORIZONS:
            seen = dict(self.world.observe([made.states[steps]])[0].frames)
            scores = picture_scores(seen, run.frames[steps])
            row["psnr"].append(scores[0])
            row["ssim"].append(scores[1])
            row["copy"].append(picture_scores(dict(run.start.frames), run.frames[steps])[0])
            row["cm"].append(apart[steps] * 100)
            row["deg"].append(float(np.rad2deg(turn[steps])))
            row["ee_cm"].append(float(hands[steps]) * 100)
            row["left"].append(amount(seen["top"], colour) / max(1, amount(dict(run.start.frames)["top"], colour)))
        return row

    def pushes(self, folder: Path) -> Figures:
        """Straight pushes: where the object ends, and which way it turns."""
        cm, deg, moved, turned_by, right = [], [], [], [], []
        for i, run in enumerate(self.trials.pushes()):
            made = imagine(self.world, self.start(run.start), run.action)
            apart, turn = pose_errors(made.pose, run.object_pose)
            cm.append(apart[-1] * 100)
            deg.append(np.rad2deg(turn[-1]))
            truth = float(wrapped(run.object_pose[-1:, 2] - run.object_pose[:1, 2])[0])
            moved.append(float(np.linalg.norm(run.object_pose[-1, :2] - run.object_pose[0, :2])) * 100)
            turned_by.append(abs(np.rad2deg(truth)))
            if abs(truth) > np.deg2rad(5):
                right.append(np.sign(made.pose[-1, 2] - made.pose[0, 2]) == np.sign(truth))
            if i < 3:
                strip(run, made, self.world, folder / f"push_{i:02d}.png")
        return {
            "n": len(cm), "cm_mean": float(np.mean(cm)), "cm": float(np.median(cm)), "deg_mean": float(np.mean(deg)),
            "deg": float(np.median(deg)), "moved_cm_mean": float(np.mean(moved)),
            "turned_deg_mean": float(np.mean(turned_by)), "sign_right": float(np.mean(right)), "sign_n": len(right),
        }  # fmt: skip

    def quiet(self) -> Figures:
        """Raised arm, passing over, nobody moves: the object must stay where it is."""
        found: dict[str, list[tuple[float, float]]] = {"raised_arm": [], "passing_over": [], "nobody_moves": []}
        hands_rest = []
        for run in self.rollouts[:10]:
            start = self.start(run.start)
            for name, actions in _quiet_actions(run).items():
                made = imagine(self.world, start, actions)
                drift = np.linalg.norm(made.pose[:, :2] - made.pose[0, :2], axis=1).max() * 100
                found[name].append((float(drift), float(np.rad2deg(np.abs(made.pose[:, 2] - made.pose[0, 2]).max()))))
                if name == "nobody_moves":
                    hands_rest.append(float(np.abs(made.ee_state[-1] - made.ee_state[0]).max()))
        figures: Figures = {
            name: {"cm_max": max(d[0] for d in rows), "deg_max": max(d[1] for d in rows), "n": len(rows)}
            for name, rows in found.items()
        }
        figures["nobody_moves"]["hands_max"] = max(hands_rest)
        return figures

    def encoder(self) -> Figures:
        """States from pictures in the midst of rollouts: where the object is, and how well it is drawn again."""
        cm, scores = [], []
        for run in self.rollouts:
            for frame in (0, 60, 120, 180):
                state = self.start(Observation(run.frames[frame], run.ee_state[frame]))
                packed = self.world.pack(state)
                pose, shape = packed.arrays["pose"], packed.shared["shape"]
                place = pose[:2] + turned(shape[None, :2].astype(np.float64), np.array([float(pose[2])]))[0]
                cm.append(float(np.linalg.norm(place - run.object_pose[frame, :2])) * 100)
                seen = dict(self.world.observe([state])[0].frames)
                scores.append(picture_scores(seen, run.frames[frame])[0])
        return {
            "n": len(cm),
            "centre_cm": middle(cm)[0],
            "centre_cm_mean": middle(cm)[1],
            "psnr_mean": middle(scores)[1],
        }

    def trust(self, folder: Path) -> Figures:
        """Trust at a step against what the next ten steps did; and whether odd starts lower it."""
        tolerance = self.world.spec.tolerance
        score, good = [], []
        for run in self.rollouts:
            for frame in [f for f in sorted(PICTURED) if f >= 20 and f + TRUST_STEPS < len(run.object_pose)]:
                state = self.start(Observation(run.frames[frame], run.ee_state[frame]))
                made = imagine(self.world, state, run.action[frame : frame + TRUST_STEPS])
                apart, turn = pose_errors(made.pose, run.object_pose[frame : frame + TRUST_STEPS + 1])
                score.append(made.trust[0])
                good.append((apart.max() < tolerance["position_m"]) and (turn.max() < tolerance["angle_rad"]))
        scores, within = np.asarray(score, np.float32), np.asarray(good)
        rows = reliability(scores, within, 8)
        reliability_plot(rows, folder / "reliability.png")
        home, odd = self.world.spec.home, {}
        for kind, starts in self.trials.odd_starts().items():
            states = [self.start(s) for s in starts]
            _, believed = self.world.step(states, np.repeat(home[None, None], len(states), 0), [0] * len(states))
            odd[kind] = float(np.median(believed)) if believed is not None else float("nan")
        return {
            "n": len(scores), "within": float(within.mean()), "auroc": auroc(scores, within), "reliability": rows,
            "brier": float(((scores - within) ** 2).mean()), "odd_starts": odd,
            "tolerance": {k: float(v) for k, v in tolerance.items()},
        }  # fmt: skip


def _quiet_actions(run: Recorded) -> dict[str, NDArray[np.float32]]:
    """Actions (n, 14) that touch nothing."""
    rest = run.ee_state[0]
    object_xy = run.object_pose[0, :2].astype(np.float32)
    raised = np.repeat(rest[None], 100, 0)
    raised[:, 2] = raised[:, 9] = np.clip(np.linspace(rest[2], 0.2, 100), 0, 0.2)
    over = np.repeat(rest[None], 100, 0)
    over[:20, 2] = np.linspace(rest[2], 0.1, 20)
    over[20:, 2] = 0.1
    far = 2 * object_xy - rest[:2]
    over[20:, :2] = rest[:2] + np.linspace(0, 1, 80, dtype=np.float32)[:, None] * (far - rest[:2])
    return {"raised_arm": raised, "passing_over": over, "nobody_moves": np.repeat(rest[None], 300, 0)}


def tracking_error(weights: Path | None, data: Path) -> Figures | None:
    """The trainer's tracker on the test split of recorded play, against the truth; None without that data."""
    if not data.exists():
        return None
    from models.training.world.check import tracking_against_truth

    return tracking_against_truth(weights, data)


def evaluate(world: World, out: Path, data: Path, weights: Path | None, say: Callable[[str], None]) -> Figures:
    """Every figure of a world, written to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    test = Evaluation(world, Trials(), say)
    figures: Figures = {
        "world": world.spec.identity.to_dict(),
        "kind": world.spec.kind,
        "told": world.spec.told,
        "trials": str(TRIALS.name),
        "horizons": test.horizons(out),
        "chaos": json.loads(CHAOS.read_text()) if CHAOS.is_file() else None,
    }
    figures["pushes"] = test.pushes(out)
    figures["quiet"] = test.quiet()
    figures["encoder"] = test.encoder()
    say("pushes, quiet tests and encoder: done")
    figures["trust"] = test.trust(out)
    say("trust: done")
    figures["tracking"] = tracking_error(weights, data)
    figures["seconds"] = time.monotonic() - began
    (out / "fidelity.json").write_text(json.dumps(figures, indent=1) + "\n")
    (out / "fidelity.md").write_text(markdown(figures))
    return figures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py evaluate world`."""
    parser.add_argument("--world", default="transport", help="registry name (default: %(default)s)")
    parser.add_argument("--weights", type=Path, help="another weights file than the shipped one")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or torch (default: %(default)s)")
    parser.add_argument("--data", type=Path, default=Path("data/push_t/play"), help="for the tracking error, if there")
    parser.add_argument("--out", type=Path, default=Path("out/fidelity"), help="report and strips (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py evaluate world`."""
    from models import WORLDS

    options = {} if args.world != "transport" else {"weights": args.weights, "device": args.device}
    world = WORLDS.load(args.world)(**options)
    figures = evaluate(world, args.out, args.data, args.weights, _say)
    sys.stdout.write(json.dumps(figures) + "\n" if args.json else markdown(figures))
    return 0


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def main(words: list[str]) -> int:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_arguments(parser)
    try:
        return run(parser.parse_args(words))
    except StudioError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
