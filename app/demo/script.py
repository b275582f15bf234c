"""What happens in the demo: a policy fails, the scripted operator corrects it three times, everything is on disk."""

from dataclasses import dataclass, field

from app.demo.driver import DemoDriver, DemoFailed
from core.branch_tree import Head
from core.reading import Device
from models import load_operator

MOST_SCENES = 8
"""Scenes that are tried until the policy fails in one."""
STALLED = 60
"""Steps without progress after which the attempt counts as failed."""
GAINED = 0.03
"""Progress that counts as progress."""
MOST_CORRECTION = 250
"""Steps of the operator after which a correction is given up."""
HAND_BACK_AFTER = 30
"""Steps of the last correction before the policy drives again."""
AFTER_HAND_BACK = 60
"""Steps that the policy then gets; where they do not do it, the operator takes over once more."""
ORDINALS = ("first", "second", "third")


@dataclass(slots=True)
class DemoResult:
    """What the demo saw while it ran, for the summary."""

    scenes_tried: int = 0
    failure: Head | None = None
    failure_reason: str = ""
    fork: Head | None = None
    corrections: list[int] = field(default_factory=list)
    """Branch ids."""
    replayed_exactly: bool | None = None
    """None where nothing was replayed."""


def play(hand: DemoDriver, operators: list[Device]) -> DemoResult:
    """Play the whole story on a session that just opened."""
    result = DemoResult()
    hand.picture("ready")
    let_it_fail(hand, result)
    hand.say("Roll back to the failure.")
    hand.command("to_failure")
    hand.until(lambda: hand.status.head != result.failure, "the head to move back")
    result.fork = hand.status.head
    hand.picture("rolled-back")
    for number, operator in enumerate(operators):
        correct(hand, result, operator, number, last=number == len(operators) - 1)
    hand.picture("three-corrections")
    replay_best(hand, result)
    return result


def let_it_fail(hand: DemoDriver, result: DemoResult) -> None:
    """Run the policy, scene after scene, until it fails; mark the failure.

    Raises:
        DemoFailed: it succeeds everywhere.
    """
    for _ in range(MOST_SCENES):
        result.scenes_tried += 1
        hand.say(f"The policy runs (scene {hand.branch.scene_seed}).")
        reason = run_policy(hand, picture=not result.scenes_tried > 1)
        if reason:
            hand.say(f"It failed: {reason}.")
            result.failure, result.failure_reason = hand.status.head, reason
            hand.command("mark_failure")
            hand.until(lambda: any(m.kind == "failure" for m in hand.branch.markers), "the failure marker")
            hand.picture("failure-marked")
            return
        hand.say("It succeeded; next scene.")
        next_scene(hand)
    raise DemoFailed(f"The policy succeeded in {MOST_SCENES} scenes in a row: there is nothing to correct. Try --seed.")


def next_scene(hand: DemoDriver) -> None:
    """Start the next scene."""
    before = hand.status.head.branch
    hand.command("next_scene")
    hand.until(lambda: hand.status.head.branch != before, "the next scene")


def run_policy(hand: DemoDriver, *, picture: bool) -> str:
    """Let the policy drive until it succeeds ("") or fails (why)."""
    hand.command("run")
    hand.until(lambda: hand.status.phase == "AUTONOMOUS", "the policy to drive")
    best, best_at, shot = 0.0, hand.status.head.index, not picture
    while hand.status.phase == "AUTONOMOUS":
        head = hand.status.head
        hand.until(lambda head=head: hand.status.head != head or done(hand), "the policy's next step", 60.0)  # type: ignore[misc]
        status = hand.status
        if status.progress > best + GAINED:
            best, best_at = status.progress, status.head.index
        if not shot and status.head.index >= 25:
            hand.picture("policy-drives")
            shot = True
        if status.head.index - best_at > STALLED:
            pause(hand)
            return "" if hand.status.success else f"no progress for {STALLED} steps"
    if hand.branch.outcome == "timeout":
        return "timed out"
    return "" if hand.status.success else "it stopped without success"


def correct(hand: DemoDriver, result: DemoResult, operator: Device, number: int, *, last: bool) -> None:
    """One correction from the fork, as a separate branch."""
    ordinal, fork = ORDINALS[number % len(ORDINALS)], result.fork
    if fork is None:
        raise DemoFailed("There is no place to correct from.")
    if hand.status.head != fork:
        hand.studio.timeline.timeline.seek_requested.emit(fork.branch, fork.index)
        hand.until(lambda: hand.status.head == fork, "the timeline to lead back to the fork")
    hand.say(f"The operator takes over: {ordinal} correction.")
    hand.studio.hands.add("operator", operator)
    hand.studio.input_controller.choose_device("operator")
    hand.until(lambda: hand.status.device == "operator" and hand.status.device_connected, "the operator at the device")
    hand.command("take_over")
    hand.until(lambda: hand.status.head.branch != fork.branch, "the correction to begin")
    result.corrections.append(hand.status.head.branch)
    let_drive(hand, fork.index, 12)
    hand.picture(f"{ordinal}-correction")
    let_drive(hand, fork.index, HAND_BACK_AFTER if last else MOST_CORRECTION)
    if last and not done(hand):
        hand_back(hand)
        take_over_again(hand)
    conclude(hand, ordinal)


def let_drive(hand: DemoDriver, begun: int, steps: int) -> None:
    """Wait for so many steps since a node, or for the end of the attempt."""
    hand.while_it_steps(lambda: done(hand) or hand.status.head.index - begun >= steps, f"{steps} steps")


def done(hand: DemoDriver) -> bool:
    """Whether the session paused by itself, at success or a time-out."""
    return hand.status.phase == "PAUSED"


def pause(hand: DemoDriver) -> None:
    """Pause, where the session did not just do so by itself."""
    hand.studio.window.run_command("pause")
    hand.until(lambda: done(hand), "the pause")


def hand_back(hand: DemoDriver) -> None:
    """The policy goes on from the corrected state."""
    hand.say("The operator hands back; the policy goes on.")
    hand.command("hand_back")
    hand.until(lambda: hand.status.phase == "AUTONOMOUS" or done(hand), "the policy to drive again")
    begun = hand.status.head.index
    let_drive(hand, begun, 12)
    hand.picture("handed-back")
    let_drive(hand, begun, AFTER_HAND_BACK)


def take_over_again(hand: DemoDriver) -> None:
    """Where the policy did not do it from there, the operator ends what was begun."""
    pause(hand)
    if hand.status.success:
        return
    hand.say("The policy did not do it from there; the operator takes over once more.")
    hand.command("take_over")
    hand.until(lambda: hand.status.phase == "CORRECTING", "the operator to drive again")
    let_drive(hand, hand.status.head.index, MOST_CORRECTION)


def conclude(hand: DemoDriver, ordinal: str) -> None:
    """Say how the correction ended; success was marked by the judge."""
    pause(hand)
    if hand.status.success:
        hand.command("mark_success")
        hand.until(lambda: any(m.kind == "success" for m in hand.branch.markers), "the success marker")
        hand.command("accept")
    else:
        hand.command("mark_failure")
    hand.until(lambda: hand.branch.outcome != "open", "the outcome")
    hand.say(f"The {ordinal} correction: {hand.branch.outcome}, progress {hand.status.progress:.2f}.")
    hand.picture(f"{ordinal}-correction-{hand.branch.outcome}")


def replay_best(hand: DemoDriver, result: DemoResult) -> None:
    """Replay the shortest successful correction from its fork; the session says whether it is bit for bit."""
    good = [b for b in map(hand.studio.session.tree.branches.__getitem__, result.corrections) if b.outcome == "success"]
    if not good:
        return
    best = min(good, key=lambda branch: hand.studio.session.length(branch.id))
    hand.say("Replay the best correction, bit for bit.")
    end = Head(best.id, hand.studio.session.length(best.id))
    hand.studio.timeline.timeline.seek_requested.emit(end.branch, end.index)
    hand.until(lambda: hand.status.head == end, "the end of the best correction")
    before = len(hand.messages)
    hand.command("replay")
    hand.until(lambda: any("replays branch" in m.text for m in hand.messages[before:]), "the replay", 120.0)
    result.replayed_exactly = "bit for bit" in next(
        m.text for m in hand.messages[before:] if "replays branch" in m.text
    )
    hand.picture("replayed")


def operators_of(task: str) -> list[Device]:
    """Three ways of correcting, by the task's scripted operator."""
    load = load_operator(task)
    return [load(style) for style in range(len(ORDINALS))]
