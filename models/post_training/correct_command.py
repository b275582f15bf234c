"""Correct failures of a policy in a world by the scripted operator, recorded as an ordinary session.

    main.py correct --weights runs/base/policy.safetensors --out sessions/corrections --corrections 170

The attempts that the policy solves are in the same session: `main.py post-train --own-successes` reads them. The same
command goes on where it was interrupted.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core import verbs as v
from core.branch_tree import BranchTree
from core.errors import BadConfig
from core.identity import Identity
from core.recorder import Recorder
from core.session import Session
from core.settings import Settings
from core.step_request import Parts
from models import DEFAULT_TASK, POLICIES, TASKS, WORLDS, load_operator, load_policy, load_world
from models.arguments import positive
from models.evaluation.attempts import check
from models.post_training.corrector import Corrected, CorrectionPlan, attempt_and_correct

QUEUED = 64
"""Steps that may wait for the disk before the next one is imagined."""
MEMORY = 256 << 20
"""Bytes of nodes kept in memory."""
OPERATOR = "scripted operator"


@dataclass(frozen=True, slots=True)
class CorrectConfig:
    """Who is corrected where, and how often."""

    out: Path
    world: str = "transport"
    policy: str = "diffusion"
    task: str = DEFAULT_TASK
    weights: Path | None = None
    """Of the policy; None: the shipped ones."""
    world_weights: Path | None = None
    corrections: int = 100
    """Accepted ones after which to stop."""
    successes: int = 0
    """Attempts that the policy solves itself to go on for; failures beyond `corrections` are not corrected."""
    attempts: int = 1000
    """Attempts of the policy after which to stop in any case."""
    first_seed: int = 0
    scenes: int = 128
    """Scenes that the attempts take in turn; a further attempt at a scene has other noise."""
    styles: tuple[int, ...] = (0,)
    """Ways in which the operator corrects each failure."""
    plan: CorrectionPlan = field(default_factory=CorrectionPlan)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a session holds so far."""

    attempts: int = 0
    successes: int = 0
    corrections: int = 0
    given_up: int = 0
    operator_steps: int = 0

    def plus(self, one: Corrected) -> "Tally":
        """With one more attempt."""
        return Tally(
            self.attempts + 1,
            self.successes + (one.ended == "success"),
            self.corrections + len(one.corrections),
            self.given_up + len(one.given_up),
            self.operator_steps + one.operator_steps,
        )


def make_corrections(config: CorrectConfig, say: Callable[[Tally], None] = lambda tally: None) -> Tally:
    """Make what is missing of the corrections.

    Raises:
        StoreBusy: another program records into the session.
        StudioError: parts that are missing or do not belong together, a session of other parts, a full disk.
    """
    world = load_world(config.world, config.task, config.world_weights)
    policy, task = load_policy(config.policy, config.task, config.weights), TASKS.load(config.task)(world.spec.workcell)
    check(world, policy, task)
    operators = [load_operator(config.task)(style) for style in config.styles]
    with closing(Recorder(config.out)) as recorder:
        tally = tally_of(recorder.archive.tree())
        require_same_policy(recorder, policy.spec.identity)
        session: Session | None = None
        while tally.attempts < config.attempts:
            missing = tally.corrections < config.corrections
            if not missing and tally.successes >= config.successes:
                break
            scene = config.first_seed + tally.attempts % config.scenes
            if session is None:
                session = _session(Parts(world, policy, task), recorder, scene)
            if session.head.index or session.tree.branches[session.head.branch].scene_seed != scene:
                session.apply(v.NewEpisode(scene))
            tally = tally.plus(
                attempt_and_correct(session, operators if missing else [], config.plan, lambda: catch_up(recorder))
            )
            say(tally)
    return tally


def _session(parts: Parts, recorder: Recorder, scene: int) -> Session:
    return Session(
        parts.world,
        parts.policy,
        parts.task,
        sink=recorder,
        archive=recorder.archive,
        seed=scene,
        settings=Settings(device="operator", freeze_on_idle=False),
        memory=MEMORY,
        operator=OPERATOR,
    )


def catch_up(recorder: Recorder) -> None:
    """Wait while many steps wait for the disk: nothing else slows this session down."""
    if recorder.waiting >= QUEUED:
        recorder.flush()


def require_same_policy(recorder: Recorder, policy: Identity) -> None:
    """Refuse to go on with the attempts of another policy.

    Raises:
        BadConfig: the session holds some.
    """
    others = {b.policy for b in recorder.archive.tree().branches.values() if b.policy is not None} - {policy}
    for other in others:
        if (other.name, other.sha256) != (policy.name, policy.sha256):
            raise BadConfig(
                f"The session {recorder.archive.folder} holds attempts of the policy {other.name!r} "
                f"({other.sha256[:12]}), not of {policy.name!r} ({policy.sha256[:12]}). Name a new folder with --out."
            )


def tally_of(tree: BranchTree) -> Tally:
    """What a session holds."""
    branches = [branch for branch in tree.branches.values() if not branch.discarded]
    trunks = [branch for branch in branches if branch.parent is None and branch.length]
    made = [branch for branch in branches if branch.kind == "correction"]
    return Tally(
        len(trunks),
        sum(branch.outcome == "success" for branch in trunks),
        sum(branch.review == "accepted" for branch in made),
        sum(branch.review == "rejected" for branch in made),
        sum(branch.length - branch.fork_step for branch in made),
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    default = CorrectConfig(Path())
    parser.add_argument("--out", type=Path, required=True, help="session folder; one that is there is gone on with")
    parser.add_argument("--world", default=default.world, help=f"one of: {', '.join(WORLDS)}")
    parser.add_argument("--policy", default=default.policy, help=f"one of: {', '.join(POLICIES)}")
    parser.add_argument("--task", choices=list(TASKS), default=default.task, help="(default: %(default)s)")
    parser.add_argument("--weights", type=Path, help="weights of the policy (default: the shipped ones)")
    parser.add_argument("--world-weights", type=Path, help="weights of the world (default: the shipped ones)")
    parser.add_argument(
        "--corrections",
        type=positive,
        default=default.corrections,
        help="accepted ones to stop at (default: %(default)s)",
    )
    parser.add_argument(
        "--successes",
        type=int,
        default=default.successes,
        help="attempts that the policy solves itself to go on for (default: 0)",
    )
    parser.add_argument(
        "--attempts", type=positive, default=default.attempts, help="of the policy, at most (default: %(default)s)"
    )
    parser.add_argument("--first-seed", type=int, default=default.first_seed, help="first scene (default: %(default)s)")
    parser.add_argument(
        "--scenes", type=positive, default=default.scenes, help="scenes that take turns (default: %(default)s)"
    )
    parser.add_argument(
        "--styles", type=int, nargs="+", default=list(default.styles), help="ways to correct each failure (default: 0)"
    )
    parser.add_argument(
        "--points",
        type=positive,
        default=default.plan.points,
        help="of the points that are proposed for a failure, how many are corrected from (default: 1)",
    )
    parser.add_argument(
        "--back",
        type=int,
        nargs="+",
        default=[],
        help="in their place: steps before the failure was noticed at which the operator takes over",
    )
    parser.add_argument(
        "--most-steps", type=positive, default=default.plan.most_steps, help="of a correction (default: %(default)s)"
    )
    parser.add_argument("--threads", type=positive, default=1, help="of torch (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py correct`."""
    if min(args.back, default=0) < 0:
        raise BadConfig(f"--back {min(args.back)}: name steps before the failure, 0 or more.")
    config = CorrectConfig(
        args.out, args.world, args.policy, args.task, args.weights, args.world_weights, args.corrections,
        args.successes, args.attempts,
        args.first_seed, args.scenes, tuple(args.styles),
        CorrectionPlan(args.points, tuple(args.back), args.most_steps),
    )  # fmt: skip
    began = time.monotonic()
    tally = make_corrections(config, lambda tally: print(words(tally), file=sys.stderr, flush=True))
    if args.json:
        print(json.dumps(asdict(tally) | {"out": str(config.out), "seconds": round(time.monotonic() - began, 1)}))
        return 0
    print(f"{config.out}: {words(tally)}")
    return 0


def words(tally: Tally) -> str:
    """What a session holds, in one line."""
    return (
        f"{tally.attempts} attempts, {tally.successes} solved by the policy; {tally.corrections} corrections accepted, "
        f"{tally.given_up} given up, {tally.operator_steps} steps of the operator"
    )
