"""`main.py find-failures`: play a policy in a world, keep what failed as sessions, list where to correct it.

main.py find-failures --attempts 60 --out sessions/failures
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import BadConfig
from core.step_request import Parts
from models import POLICIES, WORLDS
from models.datasets.provenance import command
from models.evaluation.intervals import wilson
from models.evaluation.rollout import RolloutConfig, build
from models.failures.finding import GRADES, KINDS
from models.failures.listing import NAME, Listing
from models.failures.search import KEEP, SearchConfig, search


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py find-failures`."""
    default = SearchConfig(Path("sessions/failures"))
    parser.add_argument("--world", default="transport", help=f"one of: {', '.join(WORLDS)}")
    parser.add_argument("--policy", default="diffusion", help=f"one of: {', '.join(POLICIES)}")
    parser.add_argument("--task", default="", help="the world's own where left away")
    parser.add_argument("--weights", type=Path, help="weights of the policy (default: the shipped ones)")
    parser.add_argument("--world-weights", type=Path, help="weights of the world (default: the shipped ones)")
    parser.add_argument("--out", type=Path, default=default.out, help="folder of sessions and list; gone on with")
    parser.add_argument("--attempts", type=int, default=default.attempts, help="in all, earlier runs included")
    parser.add_argument("--failures", type=int, help="stop once so many are listed")
    parser.add_argument("--first-seed", type=int, help="(default: 100000 in the reference world, else 0)")
    parser.add_argument("--max-steps", type=int, help="control steps of an attempt (default: the task's)")
    parser.add_argument("--keep", choices=KEEP, default=default.keep, help="what is recorded (default: %(default)s)")
    parser.add_argument("--per-session", type=int, default=default.per_session, help="attempts in one session")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.add_argument("--progress", choices=("text", "json"), default="text", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py find-failures`."""
    for name in ("attempts", "failures", "max_steps", "per_session"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise BadConfig(f"--{name.replace('_', '-')} must be at least 1, not {value}.")
    parts = Parts(
        *build(
            RolloutConfig(
                world=args.world, policy=args.policy, task=args.task, weights=args.weights,
                world_weights=args.world_weights,
            )
        )
    )  # fmt: skip
    config = SearchConfig(
        args.out, args.attempts, args.failures, args.first_seed, args.max_steps, args.keep, args.per_session
    )
    if args.progress == "json":  # a job of the application: it may take its time
        from models.datasets.export.command import lower_priority

        lower_priority()
    listing = search(config, parts, _teller(args.progress, args.attempts), command())
    result = summary(listing) | {"list": str(args.out / NAME)}
    if args.json:
        print(json.dumps(result))
        return 0
    low, high = result["wilson_95"]
    how = f": {_words(result['grades'])}; {_words(result['kinds'])}" if any(result["kinds"].values()) else ""
    print(
        f"{result['successes']} of {result['attempts']} attempts succeeded (Wilson 95 % {low:.1%} .. {high:.1%}), "
        f"{result['failures']} failed{how}. {args.out / NAME} lists them."
    )
    return 0


def summary(listing: Listing) -> dict[str, Any]:
    """What `--json` prints, without the path."""
    failures = [one.failure for one in listing.attempts if one.failure is not None]
    successes = sum(one.success for one in listing.attempts)
    interval = wilson(successes, len(listing.attempts))
    kinds, grades = Counter(one.kind for one in failures), Counter(one.grade for one in failures)
    return {
        "attempts": len(listing.attempts),
        "successes": successes,
        "wilson_95": [interval.low, interval.high],
        "failures": len(listing.attempts) - successes,
        "kinds": {kind: kinds[kind] for kind in KINDS},
        "grades": {grade: grades[grade] for grade in GRADES},
    }


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def _teller(form: str, total: int) -> Callable[[Listing], None]:
    """Says how far it is, on standard error."""
    began, first = time.monotonic(), [0]

    def tell(listing: Listing) -> None:
        done = len(listing.attempts)
        failures = sum(not one.success for one in listing.attempts)
        first[0] = first[0] or done - 1
        if form == "json":
            line = json.dumps({"progress": {"attempts": done, "of_attempts": total, "failures": failures}})
        else:
            each = (time.monotonic() - began) / (done - first[0])
            line = f"{done} of at most {total} attempts, {failures} failures, {each:.1f} s each"
        print(line, file=sys.stderr, flush=True)

    return tell
