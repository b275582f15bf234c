"""The command line. Each command is a module with ``add_arguments(parser)`` and ``run(args) -> int``.

Exit codes: 0 done, 2 wrong use, 1 failure with one line of words on standard error.
"""

import argparse
import difflib
import errno
import importlib
import sys

from core import error_log
from core.errors import StudioError

BY_TASK = ""
"""In place of a module: the row of the task in models/__init__.py names it; such a command takes --task."""
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("app.command.run", "open the application (the default); without a screen, play the demo"),
    "demo": ("app.command.demo", "play the scripted demo on a virtual screen, pictures in out/demo"),
    "doctor": (
        "app.command.doctor",
        "check graphics, libraries and permissions; each problem with the command that fixes it",
    ),
    "devices": ("devices.command.listing", "list the devices that could move the arms; --watch shows them live"),
    "devices calibrate": ("devices.command.calibrate", "calibrate a leader arm: sweep, then centre"),
    "devices record": ("devices.command.record", "record the raw samples of every device"),
    "devices replay": ("devices.command.replay", "play raw samples through the control chain"),
    "verify": ("core.command.verify", "check session folders: sizes, commit record, checksums; reads only"),
    "repair": ("core.command.repair", "mend a session folder; copies of all that it touches are kept beside it"),
    "compact": ("core.command.compact", "make closed sessions smaller, and say what they weighed before and after"),
    "review": ("app.command.review", "judge what was recorded: queue, comparison, curves; needs no world, no device"),
    "sessions": ("app.command.sessions", "list the sessions of a folder: task, operator, outcomes, size; --json"),
    "rollout": ("models.evaluation.rollout", "run a policy in a world: success with its interval, progress, video"),
    "compare-policies": ("models.evaluation.versus", "two policies on the same scenes and seeds: who won where"),
    "find-failures": (
        "models.failures.command",
        "play a policy in a world, record what failed as sessions, list where to correct it",
    ),
    "truth-check": (
        "models.truth.command",
        "replay recorded corrections in the reference world: do they agree, and from where on not",
    ),
    "evaluate world": (
        BY_TASK,
        "compare a learned world with recorded truth, with pictures",
    ),
    "evaluate operator": (
        BY_TASK,
        "run the scripted operator in the simulator",
    ),
    "evaluate judge": (
        BY_TASK,
        "compare the judge's verdicts with the simulator's truth",
    ),
    "correct": (
        "models.post_training.correct_command",
        "let the scripted operator correct failures of a policy in a world, as an ordinary session",
    ),
    "post-train": ("models.post_training.command", "make a policy better with recorded corrections, resumable"),
    "study": ("models.study.command", "the study of a task: base, baselines and corrections, with a report; resumable"),
    "export": ("models.datasets.export.command", "write sessions for LeRobot, diffusion_policy or robomimic"),
    "collect": (BY_TASK, "record play in the reference world, the data of a learned world"),
    "demonstrate": (
        BY_TASK,
        "record demonstrations of the scripted operator for policies",
    ),
    "import": (
        "app.command.import_data",
        "import LeRobot data or a replay buffer, as policy data or starts of a world",
    ),
    "train world": ("models.training.transport.train", "train the learned world, all stages, resumable"),
    "train policy": ("models.training.policy.command", "train a policy on recorded demonstrations, resumable"),
}
"""Command, of one or two words -> the module that carries it out, and one line of help."""


def overview() -> str:
    """What `--help` prints: every command, one line each."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items()]
    head = "usage: main.py [COMMAND] [options]\n\nCorrect a robot policy inside a learned world model.\n\ncommands:"
    return "\n".join([head, *lines, "", "`main.py COMMAND --help` lists the options of a command."])


def chosen(words: list[str]) -> tuple[str, list[str]] | None:
    """The command that the words begin with, and the words behind it; None where there is none."""
    if not words or words[0].startswith("-"):
        return "run", words
    for length in (2, 1):
        name = " ".join(words[:length])
        if len(words) >= length and name in COMMANDS:
            return name, words[length:]
    return None


def wrong_use(words: list[str]) -> int:
    """Say what is known near the words that name no command."""
    group = [name for name in COMMANDS if name.split()[0] == words[0]]
    if group:
        print(f"main.py {words[0]}: say what: {', '.join(group)}.", file=sys.stderr)
        return 2
    near = difflib.get_close_matches(" ".join(words[:2]), COMMANDS, n=1) or difflib.get_close_matches(
        words[0], COMMANDS, n=1
    )
    hint = f"Did you mean {near[0]!r}?" if near else "`main.py --help` lists the commands."
    print(f"main.py: no command is called {words[0]!r}. {hint}", file=sys.stderr)
    return 2


def details(error: Exception) -> str:
    """Write the traceback into the log folder; words that name the file, none where no disk has room."""
    log = error_log.write(error)
    return "" if log is None else f" (details: {log})"


def report_crash(name: str, error: Exception) -> None:
    """One line for the user, the traceback into a file that the line names."""
    text = " ".join(str(error).split()) or "no reason given"
    print(f"main.py {name}: unexpected {type(error).__name__}: {text}{details(error)}", file=sys.stderr)


MENDS = {
    errno.ENOSPC: "Make room there, or name a folder on another disk.",
    errno.EDQUOT: "Make room there, or name a folder on another disk.",
    errno.EROFS: "Name a folder that can be written.",
    errno.EACCES: "Check its permissions, or name another folder.",
    errno.EPERM: "Check its permissions, or name another folder.",
}
"""What helps when the operating system refuses."""


def report_refusal(name: str, error: OSError) -> None:
    """One line for the user about a file or folder that the operating system refused."""
    what = f"{error.filename} cannot be used" if error.filename is not None else "a file or connection failed"
    cause = " ".join((error.strerror or str(error) or type(error).__name__).split())
    mend = MENDS.get(error.errno or 0, "Check the path, or name another one.")
    print(f"main.py {name}: {what}: {cause}. {mend}{details(error)}", file=sys.stderr)


def task_module(name: str, parser: argparse.ArgumentParser, words: list[str]) -> str:
    """The module of a command of a task; adds --task to the parser.

    Raises:
        SystemExit: no task has that name, or it has no such command; code 2 as for any wrong use.
    """
    from models import DEFAULT_TASK, TASKS

    tasks = [task for task, row in TASKS.rows.items() if name in row.commands]
    option = argparse.ArgumentParser(prog=parser.prog, add_help=False, allow_abbrev=False)
    for one in (option, parser):
        one.add_argument("--task", choices=tasks, default=DEFAULT_TASK, help="(default: %(default)s)")
    return TASKS.row(option.parse_known_args(words)[0].task).commands[name]


def main(words: list[str]) -> int:
    """Carry out one command line; the exit code."""
    if words[:1] in (["-h"], ["--help"], ["help"]):
        print(overview())
        return 0
    choice = chosen(words)
    if choice is None:
        return wrong_use(words)
    name, rest = choice
    module_name, text = COMMANDS[name]
    try:
        parser = argparse.ArgumentParser(prog=f"main.py {name}", description=text[0].upper() + text[1:] + ".")
        module = importlib.import_module(module_name or task_module(name, parser, rest))
        module.add_arguments(parser)
        return int(module.run(parser.parse_args(rest)))
    except StudioError as error:
        print(f"main.py {name}: {' '.join(str(error).split())}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"\nmain.py {name}: stopped.", file=sys.stderr)  # the line may hold a ^C or how far it was
    except OSError as error:
        report_refusal(name, error)
    except Exception as error:
        report_crash(name, error)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
