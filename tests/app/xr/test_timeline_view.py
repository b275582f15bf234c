"""Which lanes the headset shows, and where things are on them."""

from app.timeline.model import TimelineModel
from app.xr.sizes import EDGE, TIMELINE
from app.xr.timeline_view import LONGEST, ROWS, TRACKS, TimelineView, view_of
from core.branch_tree import Head
from tests.app.made_up_session import MadeUp, three_failures


def test_the_head_its_parent_and_its_family_are_shown() -> None:
    model = TimelineModel()
    made = three_failures(model, pictures=False)
    for branch in made.tree.values():
        if branch.episode != 1 or branch.discarded:
            continue
        made.tell(branch.id, branch.length)
        view = view_of(model)
        shown = [lane.branch for lane in view.lanes]
        assert len(shown) == ROWS
        assert branch.id in shown
        assert branch.parent is None or branch.parent in shown
        assert shown == [lane.branch for lane in model.lanes if lane.branch in shown], "in the desktop's order"
        assert view.hidden == len(model.lanes) - ROWS
        assert [lane.branch for lane in view.lanes if lane.current] == [branch.id]
        for lane in view.lanes:
            parent = model.branch(lane.branch).parent
            assert lane.parent_row == (shown.index(parent) if parent in shown else None)
            assert 0 <= lane.start <= lane.end <= TRACKS


def test_equal_sessions_of_two_models_are_never_taken_for_each_other() -> None:
    one, two = TimelineModel(), TimelineModel()
    three_failures(one, pictures=False)
    three_failures(two, pictures=False)
    assert view_of(one) == view_of(one)
    assert hash(view_of(one)) == hash(view_of(one))
    assert view_of(one) != view_of(two)


def test_one_more_step_changes_the_view() -> None:
    model = TimelineModel()
    made = three_failures(model, pictures=False)
    before = view_of(model)
    made.run(before.lanes[-1].branch, "operator", 1)
    assert view_of(model) != before


def test_a_long_episode_is_shown_in_pages_that_stand_still() -> None:
    model = TimelineModel()
    made = MadeUp(model, pictures=False)
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 2000)
    made.tell(trunk, 2000)
    starts = set()
    for node in range(0, 2001, 7):
        made.tell(trunk, node)
        view = view_of(model)
        starts.add(view.first)
        assert view.head is not None
        assert 0 <= view.head <= TRACKS
        assert view.zoom * LONGEST > TRACKS * 0.9
    assert len(starts) <= 8


def test_pointing_at_a_place_gives_its_node() -> None:
    model = TimelineModel()
    made = three_failures(model, pictures=False)
    view = view_of(model)
    assert view.head is not None
    u = (TIMELINE[0] - EDGE - TRACKS + view.head) / TIMELINE[0]
    assert model.head == Head(made.model.head.branch, view.node(u))  # type: ignore[union-attr]
    assert view.node(0.0) == 0


def test_nothing_yet_is_an_empty_view() -> None:
    assert view_of(TimelineModel()) == TimelineView()
