"""`main.py devices replay FILE`: recorded samples through seat and control chain, without a world or a screen."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM, ARMS, ActionLimits, arm_slice
from core.control import ControlOutput, command, start
from core.reading import DeviceReading
from devices.combine import Assignment, seated
from devices.default_assignment import by_itself
from devices.input_log import InputLog, read_tape
from devices.profile import Profile, load

WIDE = ActionLimits(np.full(ACTION_DIM, -10.0, np.float32), np.full(ACTION_DIM, 10.0, np.float32))
"""No workspace: the hand is looked at, not a robot. Speed limits hold."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to replay, and how."""
    parser.add_argument("file", type=Path, help="made by `main.py devices record`")
    parser.add_argument("--dt", type=float, default=0.1, help="seconds of a control step (default: 0.1)")
    parser.add_argument("--profile", type=Path, help="assignment and feel (default: by what was recorded)")
    parser.add_argument("--json", action="store_true", help="one JSON object with every action")


def run(args: argparse.Namespace) -> int:
    """Replay; the exit code."""
    tape = read_tape(args.file)
    profile = load(args.profile) if args.profile is not None else Profile()
    assignment = by_itself(profile, tape.devices)
    commands = list(replayed(tape, assignment, profile, args.dt))
    actions = [out.action for out in commands]
    if args.json:
        print(json.dumps({"dt": args.dt, "actions": [action.tolist() for action in actions]}))
        return 0
    print(f"{len(tape.samples)} samples in {tape.seconds:.1f} s, {len(commands)} control steps of {args.dt:g} s")
    for arm, side in enumerate(ARMS):
        path, end = travelled(actions, arm)
        hits = sum(out.limit_hits[arm] for out in commands)
        print(f"  {side:<5} moved {path:.3f} m, ends at x {end[0]:+.3f} y {end[1]:+.3f} z {end[2]:+.3f} m, {hits} cut")
    return 0


def replayed(tape: InputLog, assignment: Assignment, profile: Profile, dt: float) -> Iterator[ControlOutput]:
    """The commands of a recording, one per control step; the same in every run, bit for bit."""
    if not tape.samples:
        return
    home = np.zeros(ACTION_DIM, np.float32)
    home[[6, 13]] = 1.0
    state, config = start(home, WIDE), Profile(assignment=assignment, feel=profile.feel).control()
    readings: dict[str, DeviceReading | None] = {}
    at, began = 0, tape.samples[0][1].time
    for step in range(int(tape.seconds / dt) + 1):
        while at < len(tape.samples) and tape.samples[at][1].time <= began + step * dt:
            readings[tape.samples[at][0]] = tape.samples[at][1]
            at += 1
        out = command(seated(readings, assignment, profile.first_arm).reading, state, config, WIDE, dt)
        state = out.state
        yield out


def travelled(actions: list[NDArray[np.float32]], arm: int) -> tuple[float, NDArray[np.float32]]:
    """Metres that an arm went, and where it ended (3,) from where it began."""
    if not actions:
        return 0.0, np.zeros(3, np.float32)
    places = np.array([action[arm_slice(arm)][:3] for action in actions])
    return float(np.linalg.norm(np.diff(places, axis=0), axis=1).sum()), places[-1]
