"""The hints of a first session, and the offer to freeze the world."""

from dataclasses import replace
from pathlib import Path

from app.window.first_steps import IDLE_STEPS, FirstSteps, looked
from app.window.guide import Guide
from app.window.settings import WindowSettings
from core.branch_tree import Branch, BranchTree, Head
from core.events import Message, Status
from core.verbs import Phase
from tests.app.fakes import STATUS


def key(name: str) -> str:
    return f"<{name}>"


def tree(*branches: Branch) -> BranchTree:
    return BranchTree({branch.id: branch for branch in branches})


def at(phase: Phase, branch: int, index: int, *, idle: bool = False) -> Status:
    return replace(STATUS, phase=phase, head=Head(branch, index), idle=idle, freeze_on_idle=False)


TRUNK = Branch(0, None, 0, 300, episode=0, kind="rollout", seed=0, scene_seed=0)
FAILED = replace(TRUNK, outcome="timeout")
TRY = Branch(1, 0, 60, 90, episode=0, kind="correction", seed=0, scene_seed=0)


def test_each_hint_comes_once_and_in_order() -> None:
    story = [
        (at("PAUSED", 0, 0), tree(TRUNK), "<run> lets the policy drive"),
        (at("AUTONOMOUS", 0, 100), tree(TRUNK), ""),
        (at("PAUSED", 0, 300), tree(FAILED), "<to_failure> goes back"),
        (at("PAUSED", 0, 300), tree(FAILED), ""),
        (at("PAUSED", 0, 60), tree(FAILED), "<take_over> takes over"),
        (at("CORRECTING", 0, 60), tree(FAILED), "Lower a hand and push"),
        (at("CORRECTING", 1, 80), tree(FAILED, TRY), ""),
        (at("CORRECTING", 1, 90), tree(FAILED, replace(TRY, outcome="success")), "Corrected"),
        (at("PAUSED", 0, 0), tree(FAILED, replace(TRY, outcome="success")), ""),
    ]
    steps = FirstSteps()
    for status, branches, expected in story:
        steps, words = looked(steps, status, branches, key)
        assert (expected in words) if expected else not words
    assert steps.stage == "done"


def test_resting_hands_are_offered_to_freeze_the_world_once() -> None:
    steps, offers = FirstSteps("done"), []
    for index in range(3 * IDLE_STEPS):
        steps, words = looked(steps, at("CORRECTING", 1, index, idle=True), tree(FAILED, TRY), key)
        offers += [words] if words else []
    assert len(offers) == 1
    assert "<freeze_on_idle> freezes the world" in offers[0]


def test_hands_that_move_now_and_then_are_not_interrupted() -> None:
    steps = FirstSteps("done")
    for index in range(3 * IDLE_STEPS):
        steps, words = looked(steps, at("CORRECTING", 1, index, idle=bool(index % IDLE_STEPS)), tree(FAILED, TRY), key)
        assert not words


def test_who_was_led_once_is_not_led_again(tmp_path: Path) -> None:
    settings, shown = WindowSettings(tmp_path / "window.ini"), list[Message]()
    guide = Guide(settings, key, shown.append, wanted=True)
    guide.begin()
    guide.look(at("PAUSED", 0, 0), tree(TRUNK))
    assert [message.level for message in shown] == ["hint"]
    settings.first_steps_done = True
    guide.begin()
    guide.look(at("PAUSED", 0, 0), tree(TRUNK))
    assert len(shown) == 1


def test_a_failure_mark_that_was_undone_leaves_nothing_to_correct() -> None:
    steps, _ = looked(FirstSteps("watch"), at("PAUSED", 0, 300), tree(FAILED), key)
    story = [
        (at("PAUSED", 0, 60), tree(TRUNK)),
        (at("CORRECTING", 0, 60), tree(TRUNK)),
        (at("CORRECTING", 1, 90), tree(TRUNK, replace(TRY, outcome="success"))),
    ]
    for status, branches in story:
        steps, words = looked(steps, status, branches, key)
        assert not words
    assert steps.stage == "watch"
    assert "goes back" in looked(steps, at("PAUSED", 0, 300), tree(FAILED), key)[1]
