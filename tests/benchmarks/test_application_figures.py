"""What the benchmarks of the application compute; the window itself is tested under tests/app."""

import queue
from pathlib import Path

import pytest

from benchmarks import latency, rollback, startup
from benchmarks.loop_timing import Turn, TurnClock
from core.branch_tree import Head
from core.events import Event, Stepped
from core.runtime import Runtime
from core.session import Session
from core.verbs import StepOnce
from models.tasks.toy.policy import load as toy_policy
from models.tasks.toy.task import load as toy_task
from models.tasks.toy.world import load as toy_world


def test_the_goal_of_a_key_is_a_period_a_display_frame_and_five_milliseconds() -> None:
    assert latency.limit_ms(0.1) == pytest.approx(100 + 16.667 + 5, abs=0.01)


def test_parts_of_an_answer_and_of_a_turn_add_up() -> None:
    answer = latency.Answer(whole=90.0, to_status=70.0)
    assert answer.drawn == 20.0
    turn = Turn(0.0, whole=12.0, processor=9.0, model=11.0, model_processor=8.5)
    assert (turn.overhead, turn.overhead_processor) == (1.0, 0.5)
    figures = {f.name: f for f in latency.figures_of([answer] * 3, [turn] * 3, 0.1, 4.0, [10.0])}
    assert figures["input_to_frame_p95_ms"].value == 90.0
    assert figures["input_to_frame_p95_ms"].to_dict()["goal"] == "<= 121.7"
    assert figures["loop_overhead_p99_ms"].value == 1.0


def test_a_key_is_held_against_the_empty_swap_without_its_control_period() -> None:
    answers, turn = [latency.Answer(whole=109.0, to_status=95.0)] * 3, Turn(0.0, 12.0, 9.0, 11.0, 8.5)
    figures = {f.name: f for f in latency.figures_of(answers, [turn], 0.1, 4.0, [5.0, 6.0, 40.0])}
    assert figures["frame_ratio"].value == pytest.approx(9 / 6)
    assert figures["frame_ratio"].to_dict()["goal"] == "<= 1.5"


def test_the_clock_sees_every_step_of_a_runtime_and_nothing_else() -> None:
    world, policy, task = toy_world(), toy_policy(), toy_task()
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    runtime = Runtime(Session(world, policy, task), lambda: None, events.put)
    clock = TurnClock()
    clock.watch(runtime, world, policy, task)
    runtime.start()
    for _ in range(3):
        runtime.submit(StepOnce())
        while not isinstance(events.get(timeout=10), Stepped):
            pass
    runtime.stop()
    assert len(clock.turns) == 3
    assert all(turn.whole >= turn.model > 0 for turn in clock.turns)


def test_rollbacks_go_to_different_states_that_exist() -> None:
    lengths = rollback.lengths(1_200)
    assert lengths == [500, 500, 200]
    wanted = rollback.places(1_200, 300)
    assert len(set(wanted)) == 300
    assert all(1 <= place.index <= lengths[place.branch] for place in wanted)
    assert rollback.places(3, 10) != [Head(0, 0)]
    assert len(rollback.places(3, 10)) == 3


def test_a_rollback_is_from_disk_in_the_figure_that_is_held() -> None:
    stored, kept = [rollback.Return(10.0, 4.0)] * 2, [rollback.Return(6.0, 1.0)] * 2
    figures = {f.name: f.value for f in rollback.figures_of(stored, kept, 10_000, [5.0, 8.0, 9.0])}
    assert figures["frame_ratio"] == 10.0 / 8.0
    assert (figures["p95_ms"], figures["memory_p95_ms"], figures["drawn_p50_ms"]) == (10.0, 6.0, 6.0)


def test_startup_holds_medians_against_its_goals() -> None:
    runs = [
        {name: second for moment in startup.WORDS for name, second in ((moment, s), (f"{moment[:-2]}_cpu_s", s / 2))}
        for s in (0.5, 0.7, 9.0)
    ]
    figures = {f.name: f for f in startup.figures_of(runs, [0.2, 0.35, 3.0])}
    assert figures["window_s"].value == 0.7
    assert figures["window_s"].holds
    assert figures["window_slowest_s"].value == 9.0
    assert figures["window_cpu_s"].value == 0.35
    assert figures["empty_window_s"].value == 0.35
    assert figures["window_ratio"].value == pytest.approx(2.0)
    assert figures["first_frame_ratio"].value == pytest.approx(2.0)
    assert str(figures["window_s"].goal) == "< 1"
    assert Path(startup.__file__).is_relative_to(startup.ROOT)
