"""The fidelity report: a learned world against recorded truth that was never used for tuning. Imports no simulator.

    main.py evaluate world
    main.py evaluate world --beside runs/without/world.safetensors

Reads the shipped trials (trials.py beside this file) and the simulator's own chaos table; writes a report as
Markdown and JSON, with strips of truth above imagination. A second world, say one trained without failures and
edges, is measured on the same trials and listed in the same tables.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Final

from core.errors import BadConfig
from core.world import World
from models.tasks.push_t import geometry as g
from models.tasks.push_t.evaluation.fidelity_measures import HORIZONS, Figures, Say, horizons, pushes, quiet
from models.tasks.push_t.evaluation.fidelity_report import markdown, reliability_plot
from models.tasks.push_t.evaluation.fidelity_starts import encoder, tracking
from models.tasks.push_t.evaluation.fidelity_trust import trust
from models.tasks.push_t.evaluation.trials import TRIALS, Trials

CHAOS: Final = Path(__file__).resolve().parents[4] / "assets" / "reference" / "chaos.json"


def measure(world: World, trials: Trials, folder: Path | None, say: Say) -> Figures:
    """Every figure of a world; strips of pictures go to `folder`.

    Raises:
        BadConfig: a world of another task than the trials.
    """
    if world.spec.task != g.TASK:
        raise BadConfig(
            f"The trials are of {g.TASK!r}, the world is of {world.spec.task!r}. Choose a world of that task."
        )
    rollouts = [r for r in trials.rollouts() if len(r.object_pose) > max(HORIZONS)]
    figures: Figures = {
        "world": world.spec.identity.to_dict(),
        "kind": world.spec.kind,
        "told": world.spec.training_inputs,
        "horizons": horizons(world, rollouts, folder, say),
    }
    say("pushes, quiet hands, encoder, trust")
    figures["pushes"] = pushes(world, trials.pushes(), folder)
    figures["quiet"] = quiet(world, rollouts)
    figures["encoder"] = encoder(world, rollouts)
    figures["trust"] = trust(world, rollouts, trials.odd_starts())
    return figures


def evaluate(world: World, weights: Path | None, beside: tuple[World, Path] | None, out: Path, say: Say) -> Figures:
    """Measure a world, and one beside it where there is one; write the report to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    began, trials = time.monotonic(), Trials()
    figures = measure(world, trials, out, say)
    reliability_plot(figures["trust"]["reliability"], out / "reliability.png")
    if world.spec.kind == "transport":
        say("tracking")
        figures["tracking"] = tracking(weights, trials.rollouts(), trials.films())
    figures["trials"] = TRIALS.name
    figures["chaos"] = json.loads(CHAOS.read_text()) if CHAOS.is_file() else None
    if beside is not None:
        say(f"the same with {beside[1]}")
        figures["beside"] = measure(beside[0], trials, None, say) | {"left_out": left_out(beside[1])}
    figures["seconds"] = time.monotonic() - began
    (out / "fidelity.json").write_text(json.dumps(figures, indent=1) + "\n")
    (out / "fidelity.md").write_text(markdown(figures))
    return figures


def left_out(weights: Path) -> list[str]:
    """The kinds of episodes that a world was trained without, by its card."""
    from models.worlds.transport.checkpoint import open_checkpoint

    return [str(kind) for kind in open_checkpoint(weights).card.get("data", {}).get("left_out", [])]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py evaluate world`."""
    parser.add_argument("--world", default="transport", help="registry name (default: %(default)s)")
    parser.add_argument("--weights", type=Path, help="another weights file than the shipped one")
    parser.add_argument(
        "--beside", type=Path, help="weights of a second transport world for the same tables, say one that was "
        "trained with --exclude failure edge"
    )  # fmt: skip
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or torch (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("out/fidelity"), help="report and strips (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py evaluate world`."""
    from models import WORLDS

    transport = WORLDS.load("transport")
    options = {} if args.world != "transport" else {"weights": args.weights, "device": args.device}
    world = WORLDS.load(args.world)(**options)
    beside = None if args.beside is None else (transport(weights=args.beside, device=args.device), args.beside)
    figures = evaluate(world, args.weights, beside, args.out, _say)
    sys.stdout.write(json.dumps(figures) + "\n" if args.json else markdown(figures))
    return 0


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()
