"""`main.py study TASK`: print the plan and its cost, run what is missing, write the report.

    main.py study push_t --demos data/push_t/demos --extra-demos data/push_t/more --out runs/study

The same command goes on where it was interrupted. Two processes may share a study: give each its jobs with --only.
"""

import argparse
import sys
import time
from pathlib import Path

from core.errors import BadConfig, StudioError
from models import TASKS, shipped_weights
from models.arguments import positive
from models.datasets.provenance import command
from models.study.cells import CELLS, MAIN
from models.study.config import StudyConfig, require_same
from models.study.plan import Job, jobs_of, planned, words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    default = StudyConfig(Path("runs/study"), (), ())
    parser.add_argument("task", choices=list(TASKS), help="task of the study")
    parser.add_argument(
        "--base", type=Path, nargs="+", default=[], help="base policies, one of each kind (default: shipped)"
    )
    parser.add_argument("--demos", type=Path, nargs="+", required=True, help="demonstrations they were trained on")
    parser.add_argument("--demo-episodes", type=positive, help="how many of them, as `train policy --episodes`")
    parser.add_argument("--extra-demos", type=Path, nargs="*", default=[], help="demonstrations that are new to them")
    parser.add_argument("--world-weights", type=Path, help="weights of the learned world (default: shipped)")
    parser.add_argument("--out", type=Path, default=default.out, help="folder of sessions, policies and results")
    parser.add_argument("--cells", nargs="+", choices=list(CELLS), default=list(MAIN), help="(default: the main five)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of the trainings (default: 0)")
    parser.add_argument("--corrections", type=positive, default=default.corrections, help="(default: %(default)s)")
    parser.add_argument(
        "--scenes", type=positive, default=default.scenes, help="that are corrected (default: %(default)s)"
    )
    parser.add_argument("--steps", type=positive, default=default.steps, help="of a training (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=default.rate, help="peak of its rate (default: 5e-5)")
    parser.add_argument("--batch", type=positive, default=default.batch, help="(default: %(default)s)")
    parser.add_argument("--attempts", type=positive, default=default.attempts, help="in the reference (default: 200)")
    parser.add_argument(
        "--world-attempts", type=int, default=default.world_attempts, help="in the learned world, 0: none (default: 32)"
    )
    parser.add_argument("--max-steps", type=positive, help="of an attempt (default: the task's)")
    parser.add_argument(
        "--also", nargs="*", default=[], metavar="LINEAGE=WEIGHTS", help="further policies, for the correlation only"
    )
    parser.add_argument("--only", nargs="+", default=[], help="run the jobs whose names match one of these patterns")
    parser.add_argument("--minutes", type=float, help="begin no further job after so long")
    parser.add_argument("--plan", action="store_true", help="only print plan, cost and where the report would go")
    parser.add_argument("--report", type=Path, help="page to write (default: docs/study/TASK.md; --quick: in --out)")
    parser.add_argument("--quick", action="store_true", help="a few steps and attempts: whether everything works")
    parser.add_argument("--threads", type=positive, default=1, help="of torch (default: %(default)s)")


QUICK = {"corrections": 2, "steps": 20, "attempts": 4, "world_attempts": 2, "scenes": 4, "batch": 16}
"""What --quick sets, where the option is not given."""


def config_of(args: argparse.Namespace) -> StudyConfig:
    """The options as one value.

    Raises:
        BadConfig: in words.
    """
    pairs = [text.partition("=") for text in args.also]
    wrong = [text for text, (name, _, path) in zip(args.also, pairs, strict=True) if not (name and path)]
    if wrong:
        raise BadConfig(f"--also {wrong[0]}: say LINEAGE=WEIGHTS, for example narrow=runs/narrow/policy.safetensors.")
    defaults = StudyConfig(Path(), (), ())
    chosen = {name: getattr(args, name) for name in QUICK}
    if args.quick:
        chosen = {name: QUICK[name] if value == getattr(defaults, name) else value for name, value in chosen.items()}
    config = StudyConfig(
        out=args.out,
        bases=tuple(args.base) or (shipped_weights("diffusion", args.task),),
        demos=tuple(args.demos),
        demo_episodes=args.demo_episodes,
        extra_demos=tuple(args.extra_demos),
        task=args.task,
        world_weights=args.world_weights,
        cells=tuple(args.cells),
        seeds=tuple(args.seeds),
        rate=args.rate,
        max_steps=args.max_steps,
        also={name: Path(path) for name, _, path in pairs},
        **chosen,
    )
    config.check()
    return config


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py study`."""
    config = config_of(args)
    jobs = jobs_of(config, args.only)
    report = args.report or (config.out / "report.md" if args.quick else Path("docs/study") / f"{config.task}.md")
    for line in words(planned(config, jobs)):
        print(line, file=sys.stderr, flush=True)
    if args.plan:
        print(f"The report would be {report}.")
        return 0
    from models.datasets.export.command import lower_priority
    from models.study.report import write_report

    require_same(config)
    lower_priority()
    began, left = time.monotonic(), 0
    failed: list[str] = []
    for job in jobs:
        if args.minutes is not None and time.monotonic() - began > 60 * args.minutes:
            left += 1
        elif not _carry_out(config, job, args.threads):
            failed.append(job.name)
    write_report(config, report, command())
    rest = f" {left} jobs are left: give the same command again." if left else ""
    print(f"{report} is written.{rest}")
    if failed:
        raise StudioError(f"{', '.join(failed)} failed; the words above say why. The same command tries again.")
    return 0


def _carry_out(config: StudyConfig, job: Job, threads: int) -> bool:
    """Whether it succeeded; a job that fails says why, and the others go on."""
    import torch

    from models.study.carry_out import carry_out

    torch.set_num_threads(threads)
    print(job.name, file=sys.stderr, flush=True)
    try:
        carry_out(config, job, lambda line: print(f"  {line}", file=sys.stderr, flush=True))
    except StudioError as error:
        print(f"  {job.name} failed: {error}", file=sys.stderr, flush=True)
        return False
    return True
