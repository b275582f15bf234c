import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.datasets.export.labels import BEFORE, INTERVENTION, ROBOT
from models.post_training.lessons import Lesson, lessons
from models.post_training.options import Selection

P, O, R = 0, 1, 2  # noqa: E741 (the letters of policy, operator, replay)


def moving(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.float32)[:, None].repeat(14, 1)


def found(
    source: list[int], own_from: int = 0, keep_before: bool = False, **options: object
) -> list[tuple[int, list[int]]]:
    selection = Selection(**options)  # type: ignore[arg-type]
    made = lessons(np.array(source), moving(len(source)), own_from, selection, keep_before)
    return [(one.label, one.steps.tolist()) for one in made]


def test_the_operator_part_is_what_the_operator_drove_on_the_branch() -> None:
    source = [P, P, P, O, O, O, P, P, O]
    assert found(source, own_from=3) == [(INTERVENTION, [3, 4, 5]), (INTERVENTION, [8])]
    assert found(source, own_from=5) == [(INTERVENTION, [5]), (INTERVENTION, [8])], "3 and 4 are the parent's"
    assert found([P, P, R]) == []


def test_whole_attempts_lose_the_steps_before_a_take_over() -> None:
    source = [P] * 6 + [O] * 2 + [P] * 3
    assert found(source, part="whole", before=2) == [
        (ROBOT, [0, 1, 2, 3]),
        (INTERVENTION, [6, 7]),
        (ROBOT, [8, 9, 10]),
    ]
    assert found(source, part="whole", before=2, keep_before=True) == [
        (ROBOT, [0, 1, 2, 3]),
        (BEFORE, [4, 5]),
        (INTERVENTION, [6, 7]),
        (ROBOT, [8, 9, 10]),
    ]
    assert found(source, part="whole", before=0)[0] == (ROBOT, [0, 1, 2, 3, 4, 5])
    assert found(source, part="whole")[0] == (INTERVENTION, [6, 7]), "15 steps are more than there are"


def test_two_corrections_with_nothing_kept_between_them_stay_apart() -> None:
    assert found([O, O, P, O, O], part="whole", before=1) == [(INTERVENTION, [0, 1]), (INTERVENTION, [3, 4])]


def test_idle_hands_are_left_out_and_history_knows_it() -> None:
    action = moving(12)
    action[4:10] = action[4] + np.linspace(0, 1e-5, 6, dtype=np.float32)[:, None]  # trembles, but rests
    (one,) = lessons(np.array([P, *[O] * 11]), action, 1, Selection())
    assert one.steps.tolist() == [1, 2, 3, 4, 5, 6, 7, 10, 11], "three idle steps stay: objects may still move"
    assert one.since_take_over.tolist() == [0, 1, 2, 3, 4, 5, 6, 9, 10]
    assert one.context == 0
    (all_of_it,) = lessons(np.array([P, *[O] * 11]), action, 1, Selection(idle=True))
    assert all_of_it.steps.tolist() == list(range(1, 12))


def test_the_start_of_an_episode_has_no_history() -> None:
    assert Lesson(np.array([0, 1]), INTERVENTION, np.array([0, 1])).context is None


@given(
    st.lists(st.sampled_from([P, O, R]), min_size=1, max_size=30), st.integers(0, 30), st.integers(0, 6), st.booleans()
)
def test_no_lesson_crosses_a_border(source: list[int], own_from: int, before: int, keep: bool) -> None:
    for part in ("whole", "operator"):
        made = lessons(
            np.array(source), moving(len(source)), own_from, Selection(part=part, before=before), keep_before=keep
        )
        steps = [step for one in made for step in one.steps.tolist()]
        assert steps == sorted(set(steps))
        for one in made:
            inside = range(one.steps[0], one.steps[-1] + 1)
            assert len({source[i] for i in inside}) == 1, "one driver, also in what was left out"
            assert (one.since_take_over >= 0).all() == (source[inside[0]] == O)
        if part == "operator":
            assert steps == [i for i, who in enumerate(source) if who == O and i >= own_from]
