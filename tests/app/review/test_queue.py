import math
from dataclasses import replace
from pathlib import Path

import pytest

from app.review.query import parsed, with_bound, with_value, without
from app.review.queue import (
    Entry,
    Filters,
    arranged,
    choices,
    done,
    following,
    neighbour,
    passes,
    progress_words,
    refreshed,
    reviewable,
)
from app.review.statistics import Statistics
from core.branch_tree import Branch, Marker
from core.identity import Identity

POLICY = Identity("diffusion", "", "")


def entry(number: int, session: str = "s", **changes: object) -> Entry:
    statistics = changes.pop("statistics", Statistics(steps=10, trust=0.8, devices=("keyboard",)))
    branch = Branch(number, None, 0, 10, 0, "rollout", 0, 0, policy=POLICY, **changes)  # type: ignore[arg-type]
    return Entry(Path(session), branch, f"A{number}", "push_t", statistics)  # type: ignore[arg-type]


def test_unreviewed_comes_first_then_what_needs_work_then_the_rest_as_recorded() -> None:
    entries = [
        entry(0, review="rejected"),
        entry(1, review="needs_work"),
        entry(2),
        entry(3, review="accepted"),
        entry(4, session="r"),
        entry(5),
    ]
    assert [(e.session.name, e.branch.id) for e in arranged(entries)] == [
        ("r", 4), ("s", 2), ("s", 5), ("s", 1), ("s", 0), ("s", 3)
    ]  # fmt: skip


def test_a_verdict_does_not_move_an_entry_and_what_is_gone_leaves() -> None:
    order = arranged([entry(0), entry(1), entry(2)])
    newer = [entry(0, review="accepted"), entry(2)]
    assert [(e.branch.id, e.branch.review) for e in refreshed(order, newer)] == [(0, "accepted"), (2, "unreviewed")]


def test_the_next_one_is_the_next_without_a_verdict_and_it_goes_round_once() -> None:
    order = (entry(0), entry(1, review="accepted"), entry(2), entry(3, review="rejected"))
    assert following(order, order[0].key) == order[2]
    assert following(order, order[2].key) == order[0]
    assert following(order, order[3].key) == order[0]
    assert following((order[0], order[1]), order[0].key) is None, "the one that was just judged is not offered again"
    assert following((), None) is None


def test_neighbours_stop_at_the_ends() -> None:
    order = (entry(0), entry(1))
    assert neighbour(order, order[0].key, +1) == order[1]
    assert neighbour(order, order[1].key, +1) == order[1]
    assert neighbour(order, order[0].key, -1) == order[0]
    assert neighbour(order, None, +1) == order[0]
    assert neighbour((), None, +1) is None


def test_progress_is_shown_in_words() -> None:
    assert progress_words([entry(0), entry(1, review="needs_work")]) == "1 of 2 reviewed"
    assert progress_words([]) == "Nothing to review"
    assert done([entry(0), entry(1, review="rejected")]) == 1


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(outcome="failure"), [1]),
        (Filters(outcome="FAILURE"), [1]),
        (Filters(review="accepted"), [2]),
        (Filters(task="push_t"), [0, 1, 2, 3]),
        (Filters(task="rope"), []),
        (Filters(operator="mia"), [3]),
        (Filters(policy="diffusion"), [0, 1, 2, 3]),
        (Filters(device="spacemouse"), [2]),
        (Filters(kind="rollout"), [0, 1, 2, 3]),
        (Filters(trust=(-math.inf, 0.5)), [1]),
        (Filters(trust=(0.0, 1.0)), [0, 1, 2]),
        (Filters(length=(20, math.inf)), [3]),
        (Filters(words=("slips",)), [1]),
        (Filters(words=("slips", "corner")), [1]),
        (Filters(words=("slips", "rope")), []),
        (Filters(words=("why",)), [2]),
        (Filters(words=("a3",)), [3]),
        (Filters(), [0, 1, 2, 3]),
    ],
)
def test_filters(filters: Filters, kept: list[int]) -> None:
    entries = [
        entry(0),
        entry(1, outcome="failure", markers=(Marker(3, "note", "Slips off the corner"),),
              statistics=Statistics(steps=10, trust=0.2)),
        entry(2, review="accepted", note="Why not", statistics=Statistics(steps=9, trust=0.9, devices=("spacemouse",))),
        entry(3, operator="mia", statistics=Statistics(steps=40)),
    ]  # fmt: skip
    assert [e.branch.id for e in entries if passes(e, filters)] == kept


def test_the_trash_and_empty_branches_are_not_judged() -> None:
    branch = entry(0).branch
    assert reviewable(branch, 10)
    assert not reviewable(branch, 0)
    assert not reviewable(replace(branch, discarded=True), 10)


def test_the_menus_offer_what_occurs() -> None:
    entries = [entry(0, outcome="failure"), entry(1), entry(2, operator="noa")]
    assert choices(entries, "outcome") == ["failure", "open"]
    assert choices(entries, "operator") == ["noa"]
    assert choices(entries, "device") == ["keyboard"]


def test_a_line_of_text_is_a_filter() -> None:
    filters, trouble = parsed(
        'outcome:failure trust<50% length>=100 policy:"two words" review:"needs work" "off the" Slips'
    )
    assert trouble == ""
    assert (filters.outcome, filters.policy, filters.review) == ("failure", "two words", "needs_work")
    assert filters.trust[1] < 0.5 < filters.trust[1] + 1e-9
    assert filters.length == (100, math.inf)
    assert filters.words == ("off the", "slips")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nowhere:1", "no filter 'nowhere'"),
        ("outcome<3", "no bound"),
        ("trust<1.2.3", "not a number"),
        ("outcome:bogus", "No outcome is called 'bogus'"),
    ],
)
def test_a_term_that_cannot_be_parsed_is_reported(text: str, words: str) -> None:
    assert words in parsed(text)[1]


def test_the_menus_write_the_same_text() -> None:
    text = with_value("slips", "outcome", "failure")
    text = with_bound(with_value(text, "operator", "Mia K"), "trust", "<0.4")
    assert text == 'trust<0.4 operator:"Mia K" outcome:failure slips'
    assert with_value(text, "outcome", "success") == 'outcome:success trust<0.4 operator:"Mia K" slips'
    assert without(with_bound(text, "trust", ""), "operator") == "outcome:failure slips"
    assert parsed(text)[0].operator == "Mia K"
