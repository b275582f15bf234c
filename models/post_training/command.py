"""`main.py post-train`: a better policy from recorded corrections.

    main.py post-train --sessions sessions/corrections --demos data/push_t/demos --out runs/corrected

begins at the weights of the base, and goes on where it was interrupted.
"""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from models import DEFAULT_TASK, shipped_weights
from models.arguments import positive
from models.datasets.export.command import lower_priority
from models.datasets.export.options import REVIEWS
from models.datasets.provenance import command
from models.post_training.config import CORRECTION_SHARE, OWN_SHARE, PostTrainConfig
from models.post_training.options import CORRECTIONS, PARTS, WEIGHTINGS, Weights


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    default = PostTrainConfig(Path(), Path(), ())
    parser.add_argument("--base", type=Path, help="weights of the policy to begin from (default: the shipped one)")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints, curves and the policy")
    _add_data(parser)
    _add_mixture(parser)
    parser.add_argument("--steps", type=positive, default=default.steps, help="(default: %(default)s)")
    parser.add_argument("--rate", type=float, default=default.rate, help="peak of the learning rate (default: 5e-5)")
    parser.add_argument("--every", type=positive, default=default.every, help="steps between exports (default: 1000)")
    parser.add_argument("--batch", type=positive, default=default.batch, help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--precision", choices=["auto", "float32", "bf16"], default=default.precision)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default=default.device)
    parser.add_argument("--threads", type=positive, default=1, help="of torch (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.add_argument("--progress", choices=("text", "json"), default="text", help=argparse.SUPPRESS)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sessions", type=Path, nargs="*", default=[], help="recorded sessions with corrections")
    parser.add_argument("--demos", type=Path, nargs="+", required=True, help="demonstrations the base was trained on")
    parser.add_argument("--demo-episodes", type=positive, help="how many of them, as `train policy --episodes`")
    parser.add_argument(
        "--own-successes", type=Path, nargs="*", default=[], help="sessions in which the policy solved attempts itself"
    )
    parser.add_argument(
        "--extra-demos", type=Path, nargs="*", default=[], help="demonstrations new to the base: a control"
    )
    parser.add_argument("--most-rows", type=positive, help="of corrections and of further demonstrations, about")
    parser.add_argument("--own-rows", type=positive, help="of own successes, at most about")


def _add_mixture(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--share", type=float, default=CORRECTION_SHARE, help="part of every batch for corrections (default: 0.35)"
    )
    parser.add_argument("--own-share", type=float, default=OWN_SHARE, help="for own successes (default: 0.15)")
    parser.add_argument(
        "--extra-share", type=float, default=CORRECTION_SHARE, help="for further demonstrations (default: 0.35)"
    )
    parser.add_argument("--weighting", choices=WEIGHTINGS, default="uniform", help="of the steps of corrections")
    parser.add_argument("--part", choices=PARTS, default=CORRECTIONS.part, help="what of an attempt is trained on")
    parser.add_argument(
        "--before", type=int, default=CORRECTIONS.before, help="steps before a take-over that are dropped (default: 15)"
    )
    parser.add_argument("--idle", action="store_true", help="keep steps in which the operator's hands rested")
    parser.add_argument(
        "--first-weight", type=float, default=1.0, help="weight of the first steps after a take-over (default: 1)"
    )
    parser.add_argument("--first-steps", type=int, default=Weights().first_steps, help="how many (default: 20)")
    parser.add_argument(
        "--review",
        action="append",
        choices=REVIEWS,
        help="verdict of the branches, may be given again (default: accepted)",
    )


def config_of(args: argparse.Namespace) -> PostTrainConfig:
    """The options as one value."""
    selection = replace(
        CORRECTIONS,
        part=args.part,
        before=args.before,
        idle=args.idle,
        review=tuple(dict.fromkeys(args.review)) if args.review else CORRECTIONS.review,
    )
    return PostTrainConfig(
        base=args.base or shipped_weights("diffusion", DEFAULT_TASK),
        out=args.out,
        demos=tuple(args.demos),
        demo_episodes=args.demo_episodes,
        sessions=tuple(args.sessions),
        own_successes=tuple(args.own_successes),
        extra_demos=tuple(args.extra_demos),
        share=args.share,
        own_share=args.own_share,
        extra_share=args.extra_share,
        most_rows=args.most_rows,
        own_rows=args.own_rows,
        selection=selection,
        weights=Weights(args.weighting, args.first_steps, args.first_weight),
        steps=args.steps,
        rate=args.rate,
        every=args.every,
        seed=args.seed,
        batch=args.batch,
        precision=args.precision,
        device=args.device,
    )


def arguments_of(config: PostTrainConfig) -> list[str]:
    """The command line of a configuration, for a job process; what has no option keeps its default."""
    chosen, weights = config.selection, config.weights
    words = ["post-train", f"--base={config.base}", f"--out={config.out}"]
    for option, folders in (
        ("--sessions", config.sessions),
        ("--demos", config.demos),
        ("--own-successes", config.own_successes),
        ("--extra-demos", config.extra_demos),
    ):
        words += [option, *map(str, folders)] if folders else []
    for option, number in (
        ("--demo-episodes", config.demo_episodes),
        ("--most-rows", config.most_rows),
        ("--own-rows", config.own_rows),
    ):
        words += [option, str(number)] if number is not None else []
    words += [f"--share={config.share!r}", f"--own-share={config.own_share!r}", f"--extra-share={config.extra_share!r}"]
    words += ["--weighting", weights.kind, "--part", chosen.part, f"--before={chosen.before}"]
    words += ["--idle"] * chosen.idle
    words += [f"--first-weight={weights.first_weight!r}", f"--first-steps={weights.first_steps}"]
    words += [word for review in chosen.review for word in ("--review", review)]
    words += ["--steps", str(config.steps), f"--rate={config.rate!r}", "--every", str(config.every)]
    words += ["--batch", str(config.batch), f"--seed={config.seed}", "--precision", config.precision]
    return [*words, "--device", config.device, "--json", "--progress", "json"]


@contextmanager
def _asked_to_stop(listens: bool) -> Iterator[threading.Event]:
    """Set by SIGTERM where this process listens to it: it then saves the training before it ends."""
    asked = threading.Event()
    if not listens:
        yield asked
        return
    before = signal.signal(signal.SIGTERM, lambda *_: asked.set())
    try:
        yield asked
    finally:
        signal.signal(signal.SIGTERM, before)


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py post-train`."""
    import torch

    from models.policies.chunks.checkpoint import policy_kind
    from models.post_training.train import fitted_words, post_train
    from models.training.policy.log import Progress

    torch.set_num_threads(args.threads)
    losses: dict[str, float] = {}

    def say(line: str) -> None:
        print(json.dumps({"said": line}) if args.progress == "json" else line, file=sys.stderr, flush=True)

    def report(progress: Progress) -> None:
        if progress.event == "losses":
            losses.update(progress.figures)
        if args.progress == "json":
            print(json.dumps({"progress": asdict(progress)}), file=sys.stderr, flush=True)
        else:
            say(progress.words())

    if args.progress == "json":
        lower_priority()
    with _asked_to_stop(args.progress == "json") as stopping:
        path = post_train(config_of(args), say, report, stopping.is_set, command())
    if path is None:
        print("stopped; the same command goes on from there", file=sys.stderr)
        return 1
    words = fitted_words(losses)
    if words:
        say(words)
    kind, weights = policy_kind(path), os.fspath(path)
    if args.json:
        print(json.dumps({"policy": weights, "kind": kind, "fitted": words}))
        return 0
    print(f"The policy is {weights}; try it: main.py rollout --policy {kind} --weights {weights}")
    return 0
