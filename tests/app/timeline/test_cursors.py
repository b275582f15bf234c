from dataclasses import replace

from app.timeline.cursors import Cursors
from core.branch_tree import Head


def test_a_step_is_drawn_anew_where_a_mark_was_and_where_it_is() -> None:
    before = Cursors(scrubbed=Head(0, 3), hovered=Head(1, 7), shown=5)
    assert before.nodes == {3, 5, 7}
    assert before.nodes ^ replace(before, scrubbed=Head(0, 4), shown=None).nodes == {3, 4, 5}
    assert not before.nodes ^ replace(before, requested=Head(2, 7)).nodes, "a step that is marked already"
    assert Cursors().nodes == frozenset()
