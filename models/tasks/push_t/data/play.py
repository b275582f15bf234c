"""The behaviours of the data engine: what both hands do over one episode, in kinds with stated shares."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.action import arm_slice
from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.pusher import best_push, nearer_arm, pinch_and_carry, random_grip
from models.tasks.push_t.data.strokes import (
    LOW_Z,
    OVER_Z,
    ArmTargets,
    Hand,
    PushStyle,
    clear_of_t,
    direction,
    outline_points,
    wrapped,
)

_POINTS, _NORMALS = outline_points(0.01)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of episode."""

    name: str
    share: float
    """Part of all episodes."""
    build: Callable[[Hand, Hand, np.random.Generator], Iterator[None]]
    """Drives both hands: each step of the iterator is one control step."""
    edge: bool = False
    """Whether the T starts near the edge of the table."""


# What one hand does -------------------------------------------------------------------------------------------


def _push_style(random: np.random.Generator) -> PushStyle:
    wide = bool(random.random() < 0.5)
    return PushStyle(
        speed=float(np.exp(random.uniform(np.log(0.006), np.log(0.04)))),
        travel=float(random.uniform(0.035, 0.055)),
        wide=wide,
        opening=float(random.uniform(0.0, 1.0) if wide else random.uniform(0.0, 0.5)),
        z=float(random.uniform(0.01, 0.03)),
        back=float(random.choice([0.0, 0.0, 0.015, 0.04])),
    )


def push_somewhere(
    hand: Hand, off: float = 0.0, slant: float = 0.6, length: tuple[float, float] = (0.03, 0.18)
) -> ArmTargets:
    """A push at a random point of the outline; `off` shifts the line sideways (metres), `slant` tilts it (radians)."""
    random, style = hand.random, _push_style(hand.random)
    for _ in range(12):
        k = int(random.integers(len(_POINTS)))
        pose = hand.sight.object_pose
        inward = float(np.arctan2(-_NORMALS[k][1], -_NORMALS[k][0]) + pose[2])
        heading = inward + random.uniform(-slant, slant)
        side = direction(heading + np.pi / 2) * (off * random.choice([-1.0, 1.0]) + random.normal(0.0, 0.004))
        gap = random.uniform(0.006, 0.02)
        start = g.place(_POINTS[k], pose) - (style.reach() + gap) * direction(heading) + side
        own = (start[1] > -0.12) if hand.arm == 0 else (start[1] < 0.12)
        inside = (start >= g.LIMITS.low[:2]).all() and (start <= g.LIMITS.high[:2]).all()
        yaw = heading + (0.0 if style.wide else np.pi / 2)
        if own and inside and clear_of_t(start, yaw, style.opening, pose):
            yield from hand.push(start, heading, gap + random.uniform(*length), style)
            while style.back == 0.0 and random.random() < 0.6:
                yield from _push_on(hand, style, heading + random.normal(0.0, 0.6), random.uniform(*length))
            return
    yield from wander(hand)


def _push_on(hand: Hand, style: PushStyle, heading: float, length: float) -> ArmTargets:
    """Keep in touch and change direction, as people do."""
    target = hand.command.copy()
    target[:2] += length * direction(heading)
    target[5] = wrapped(target[5] + hand.random.normal(0.0, 0.3))
    yield from hand.go(hand.inside(target), style.speed)


def wander(hand: Hand) -> ArmTargets:
    """A few straight moves at random heights, tilts and openings; may graze or press whatever is there."""
    random, part = hand.random, arm_slice(hand.arm)
    for _ in range(int(random.integers(1, 4))):
        low, high = g.LIMITS.low[part], g.LIMITS.high[part]
        target = random.uniform(low, high)
        target[2] = random.uniform(0.01, 0.05) if random.random() < 0.5 else random.uniform(0.05, 0.2)
        target[3:5] *= float(random.random() < 0.3)
        target[5] = wrapped(hand.command[5] + random.normal(0.0, 0.8))
        yield from hand.go(hand.inside(target), float(np.exp(random.uniform(np.log(0.012), np.log(0.055)))))


def pass_over(hand: Hand) -> ArmTargets:
    """Across the T with raised fingers: nothing may move."""
    random = hand.random
    angle = random.uniform(-np.pi, np.pi)
    for side in (-1, 1):
        xy = hand.sight.object_pose[:2] + side * 0.13 * direction(angle)
        z = random.uniform(0.055, 0.1)
        target = hand.at(xy, z, random.uniform(-np.pi, np.pi), random.uniform(0, 1))
        yield from hand.lift(0.05, z)
        yield from hand.go(target, random.uniform(0.02, 0.05))


def pinch_somewhere(hand: Hand) -> ArmTargets:
    """Take the T and drag it a little way."""
    random = hand.random
    pose = hand.sight.object_pose
    goal = pose + np.array([*random.uniform(-0.12, 0.12, 2), random.uniform(-1.2, 1.2)])
    goal[:2] = np.clip(goal[:2], [0.30, -0.22], [0.70, 0.22])
    yield from pinch_and_carry(hand, goal, random_grip(random), random.uniform(0.008, 0.03))


def twist_and_grip(hand: Hand) -> ArmTargets:
    """Astride the T: turn on the spot, open, close, tilt."""
    random = hand.random
    grip = random_grip(random)
    pose = hand.sight.object_pose
    xy = g.place(grip[:2], pose) + random.normal(0.0, 0.006, 2)
    yield from hand.travel(hand.at(xy, LOW_Z, pose[2] + grip[2], random.uniform(0.7, 1.0)), 0.045)
    for _ in range(int(random.integers(1, 4))):
        target = hand.command.copy()
        choice = random.integers(4)
        if choice == 0:
            target[5] = wrapped(target[5] + random.uniform(-1.2, 1.2))
        elif choice == 1:
            target[6] = random.uniform(0.0, 1.0)
        elif choice == 2:
            target[:2] += random.normal(0.0, 0.03, 2)
        else:
            target[3:5] = random.uniform(-0.4, 0.4, 2)
        yield from hand.go(hand.inside(target), random.uniform(0.006, 0.025), random.uniform(0.05, 0.2))
    yield from hand.lift(0.04, 0.08)


def gesture(hand: Hand) -> ArmTargets:
    """Away from the T: turn, tilt, open and close in the air."""
    random = hand.random
    yield from hand.lift(0.05, random.uniform(0.06, 0.15))
    for _ in range(int(random.integers(1, 4))):
        target = hand.command + np.array([*random.normal(0.0, 0.03, 3), 0, 0, random.normal(0.0, 0.8), 0])
        target[3:5] = random.uniform(-0.5, 0.5, 2)
        target[5] = wrapped(target[5])
        target[6] = random.uniform(0.0, 1.0)
        yield from hand.go(hand.inside(target), random.uniform(0.01, 0.04), random.uniform(0.06, 0.25))


def level(hand: Hand) -> ArmTargets:
    """Back to level fingers."""
    target = hand.command.copy()
    target[3:5] = 0.0
    yield from hand.go(target, 0.05)


_PLAY: Final = (
    (0.56, push_somewhere),
    (0.14, pinch_somewhere),
    (0.10, twist_and_grip),
    (0.05, wander),
    (0.05, pass_over),
    (0.04, gesture),
)


def play_forever(hand: Hand, busy: float = 1.0) -> ArmTargets:
    """One thing after another; the rest of the time, and `1 - busy` of it, standing still."""
    random = hand.random
    shares = np.array([share for share, _ in _PLAY])
    while True:
        if random.random() > busy * float(shares.sum()):
            yield from hand.rest(int(random.integers(4, 25)))
            continue
        choice = int(random.choice(len(_PLAY), p=shares / shares.sum()))
        yield from _PLAY[choice][1](hand)
        if np.abs(hand.command[3:5]).max() > 0.05:
            yield from level(hand)


# What both hands do -------------------------------------------------------------------------------------------


def _together(left: ArmTargets, right: ArmTargets) -> Iterator[None]:
    """Both arms at once; an arm that has finished does not move."""
    for _ in zip_longest(left, right):
        yield None


def _play(left: Hand, right: Hand, random: np.random.Generator) -> Iterator[None]:
    busy = (1.0, 1.0) if random.random() < 0.5 else tuple(random.permutation([1.0, random.uniform(0.0, 0.4)]))
    return _together(play_forever(left, busy[0]), play_forever(right, busy[1]))


def _until_done(work: ArmTargets, meanwhile: ArmTargets) -> Iterator[None]:
    """One arm works; the other one does something until it is done."""
    for _ in work:
        next(meanwhile, None)
        yield None


def _alone(commands: ArmTargets) -> Iterator[None]:
    for _ in commands:
        yield None


def _home(hand: Hand) -> ArmTargets:
    """Out of the way, to the resting pose."""
    yield from hand.lift(0.05, 0.09)
    yield from hand.go(hand.inside(g.HOME[arm_slice(hand.arm)].astype(np.float64)), 0.05)


def _goal(left: Hand, right: Hand, random: np.random.Generator) -> Iterator[None]:
    """Bring the T to its target, pause, push it away and start again."""
    hands, last = (left, right), -1
    carries = random.random() < 0.35
    while True:
        pose = left.sight.object_pose
        if g.coverage(pose) > 0.93:
            yield from _together(left.lift(0.05, 0.08), right.lift(0.05, 0.08))
            yield from _alone(left.rest(int(random.integers(1, 6))))
            for _ in range(3):
                yield from _alone(push_somewhere(hands[nearer_arm(pose[:2])]))
            continue
        plan = None if carries else best_push(pose, random, float(random.uniform(0.010, 0.025)))
        arm = nearer_arm(pose[:2] if plan is None else plan.start)
        hand, other = hands[arm], hands[1 - arm]
        if plan is None:
            goal, grip = np.array(g.TARGET_POSE), random_grip(random)
            work = pinch_and_carry(hand, goal, grip, float(random.uniform(0.015, 0.03)))
        else:
            work = hand.push(plan.start, plan.heading, plan.length, plan.style)
        yield from _until_done(work, _home(other) if last == 1 - arm else other.rest(0))
        last = arm


def _noisy_goal(left: Hand, right: Hand, random: np.random.Generator) -> Iterator[None]:
    """The same with a trembling hand, wrong ideas and interruptions."""
    aim = _goal(left, right, random)
    tremble = np.zeros((2, 3))
    while True:
        for _ in range(int(random.integers(15, 50))):
            next(aim)
            for hand, shake in zip((left, right), tremble, strict=True):
                shake *= 0.8
                shake += random.normal(0.0, 0.0035, 3)
                hand.command = hand.inside(
                    hand.command + np.array([*shake[:2], max(shake[2], 0), 0, 0, shake[2] * 8, 0])
                )
            yield None
        hand = (left, right)[int(random.integers(2))]
        yield from _alone(push_somewhere(hand))
        aim = _goal(left, right, random)


def _failures(left: Hand, right: Hand, random: np.random.Generator) -> Iterator[None]:
    """Pushes that miss, slip off or go too far, on the way to the target."""
    while True:
        pose = left.sight.object_pose
        plan = best_push(pose, random, float(random.uniform(0.012, 0.035)))
        hand = (left, right)[nearer_arm(pose[:2] if plan is None else plan.start)]
        how = random.integers(4)
        if how == 0:
            yield from _alone(push_somewhere(hand, off=float(random.uniform(0.03, 0.07)), slant=0.2))
        elif how == 1:
            yield from _alone(push_somewhere(hand, slant=1.15))
        elif how == 2 and plan is not None:
            far = plan.length + random.uniform(0.04, 0.14)
            yield from _alone(hand.push(plan.start, plan.heading, far, plan.style))
        else:
            yield from _alone(_loose_pinch(hand))
        if random.random() < 0.3:
            yield from _alone(_home(hand))


def _loose_pinch(hand: Hand) -> ArmTargets:
    """A grip that does not hold: too open, then dragged away."""
    random, grip = hand.random, random_grip(hand.random)
    pose = hand.sight.object_pose
    yield from hand.travel(hand.at(g.place(grip[:2], pose), LOW_Z, pose[2] + grip[2], 0.9), 0.045)
    target = hand.command.copy()
    target[6] = random.uniform(0.49, 0.6)
    target[:2] += random.uniform(0.05, 0.14) * direction(random.uniform(-np.pi, np.pi))
    yield from hand.go(hand.inside(target), random.uniform(0.01, 0.03))
    yield from hand.lift(0.04, OVER_Z)


def _edges(left: Hand, right: Hand, random: np.random.Generator) -> Iterator[None]:
    """The T and the hands at edges and corners: pushed out, pulled in, sweeps along the border."""
    return _together(_edge_hand(left), _edge_hand(right))


def _edge_hand(hand: Hand) -> ArmTargets:
    random = hand.random
    x, y = (g.LIMITS.low[0], g.LIMITS.high[0]), (g.LIMITS.low[1], g.LIMITS.high[1])
    while True:
        choice = random.random()
        if choice < 0.6:
            yield from push_somewhere(hand, length=(0.05, 0.2))
        elif choice < 0.72:
            yield from pinch_somewhere(hand)
        elif choice < 0.88:
            corner = np.array([random.choice(x), random.choice(y)])
            other = np.array([random.choice(x), corner[1]]) if random.random() < 0.5 else np.array([corner[0], 0.0])
            z, yaw = random.uniform(0.01, 0.04), random.uniform(-np.pi, np.pi)
            opening = random.uniform(0, 1)
            yield from hand.travel(hand.at(corner, z, yaw, opening), 0.05)
            yield from hand.go(hand.at(other, z, yaw, opening), random.uniform(0.015, 0.05))
        else:
            yield from hand.rest(int(random.integers(3, 15)))


KINDS: Final = (
    Kind("goal", 0.18, _goal),
    Kind("noisy_goal", 0.15, _noisy_goal),
    Kind("play", 0.42, _play),
    Kind("failure", 0.12, _failures),
    Kind("edge", 0.13, _edges, edge=True),
)


def kind_of(random: np.random.Generator) -> int:
    """A kind, drawn by its share."""
    return int(random.choice(len(KINDS), p=[kind.share for kind in KINDS]))


def start_pose(kind: Kind, random: np.random.Generator) -> NDArray[np.float64]:
    """Where the T starts: anywhere within reach, or near the edge."""
    yaw = random.uniform(-np.pi, np.pi)
    if not kind.edge:
        return np.array([random.uniform(0.30, 0.70), random.uniform(-0.22, 0.22), yaw])
    along, side = random.uniform(-0.24, 0.24), random.choice([-1.0, 1.0])
    out = side * random.uniform(0.16, 0.26)
    return np.array([0.5 + out, along, yaw] if random.random() < 0.5 else [0.5 + along, out, yaw])


def start_hands(random: np.random.Generator, object_pose: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measured end effectors (14,) at the start: resting, or at random above the height of the T on their side."""
    ee = g.HOME.astype(np.float64)
    for arm in range(2):
        part = arm_slice(arm)
        if random.random() < 0.5:
            ee[part] += random.uniform(-1, 1, 7) * np.array([0.02, 0.02, 0.015, 0.03, 0.03, 0.1, 0.1])
            continue
        side = 1 if arm == 0 else -1
        ee[part] = [
            random.uniform(0.24, 0.76),
            side * random.uniform(0.06, 0.27),
            random.uniform(OVER_Z, 0.18),
            0.0,
            0.0,
            random.uniform(-np.pi, np.pi),
            random.uniform(0.0, 1.0),
        ]
    return ee
