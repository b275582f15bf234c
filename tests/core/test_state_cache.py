import numpy as np
import pytest

from core.control import ControlState
from core.errors import BadStore
from core.observation import Observation
from core.state_cache import StateCache
from core.step import Node, StoredNode
from core.world import PackedState

FRAME = 12 * 12 * 3


def node(number: int) -> Node:
    frame = np.full((12, 12, 3), number % 256, np.uint8)
    seen = Observation({"top": frame}, np.zeros(14, np.float32))
    return Node(
        observation=seen, action=np.zeros(14, np.float32), source="policy", trust=1.0, progress=0.0, success=False,
        world_time=0.1 * number, world_state=number, policy_state=None, control_state=ControlState(np.zeros(14)),
    )  # fmt: skip


class Shelf:
    """An archive of numbered nodes that says what it holds."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], Node] = {}
        self.held: set[tuple[int, int]] = set()
        self.asked = 0

    def holds(self, branch: int, index: int) -> bool:
        return (branch, index) in self.held

    def node(self, branch: int, index: int) -> StoredNode:
        self.asked += 1
        at = self.nodes[branch, index]
        state = PackedState({"number": np.array([at.world_state])})
        return StoredNode(world=state, policy=state, control=state, **at.values())


def unpack(branch: int, stored: StoredNode) -> Node:
    return node(int(stored.world.arrays["number"][0]))


def filled(shelf: Shelf, cache: StateCache, count: int) -> None:
    for i in range(count):
        shelf.nodes[0, i] = node(i)
        shelf.held.add((0, i))
        cache.put(0, i, shelf.nodes[0, i])


def test_what_is_kept_is_the_very_value() -> None:
    cache, first = StateCache(), node(1)
    cache.put(0, 1, first)
    assert cache.get(0, 1) is first
    assert cache.bytes == FRAME


def test_above_the_limit_the_oldest_go_and_come_back_on_demand() -> None:
    shelf = Shelf()
    cache = StateCache(shelf, unpack, limit=10 * FRAME)  # type: ignore[arg-type]
    filled(shelf, cache, 50)
    assert len(cache) == 10
    assert cache.bytes <= 10 * FRAME
    assert (0, 49) in cache
    assert (0, 3) not in cache
    assert cache.get(0, 3).world_state == 3
    assert shelf.asked == 1
    assert cache.get(0, 3).world_state == 3
    assert shelf.asked == 1
    assert len(cache) == 10


def test_what_was_used_last_stays() -> None:
    shelf = Shelf()
    cache = StateCache(shelf, unpack, limit=10 * FRAME)  # type: ignore[arg-type]
    filled(shelf, cache, 10)
    cache.get(0, 0)
    cache.put(0, 10, node(10))
    assert (0, 0) in cache
    assert (0, 1) not in cache


def test_nothing_leaves_before_the_archive_holds_it() -> None:
    shelf = Shelf()
    cache = StateCache(shelf, unpack, limit=2 * FRAME)  # type: ignore[arg-type]
    for i in range(6):
        cache.put(0, i, node(i))
    assert len(cache) == 6
    shelf.held = {(0, i) for i in range(6)}
    cache.put(0, 6, node(6))
    assert len(cache) == 2


def test_one_node_stays_however_small_the_limit() -> None:
    shelf = Shelf()
    cache = StateCache(shelf, unpack, limit=0)  # type: ignore[arg-type]
    filled(shelf, cache, 4)
    assert len(cache) == 1
    assert (0, 3) in cache


def test_replacing_a_node_does_not_count_twice() -> None:
    cache = StateCache()
    cache.state_bytes = 100
    for _ in range(3):
        cache.put(0, 0, node(0))
    assert cache.bytes == FRAME + 100


def test_without_an_archive_everything_stays_and_what_never_was_is_named() -> None:
    cache = StateCache(limit=0)
    for i in range(5):
        cache.put(0, i, node(i))
    assert len(cache) == 5
    with pytest.raises(BadStore, match="branch 2, node 7"):
        cache.get(2, 7)


def test_evicted_and_restored_states_are_reported_once_and_in_order() -> None:
    shelf = Shelf()
    cache = StateCache(shelf, unpack, limit=3 * FRAME)  # type: ignore[arg-type]
    filled(shelf, cache, 5)
    assert cache.take_moves() == ((0, 0, False), (0, 1, False))
    assert cache.take_moves() == ()
    cache.get(0, 1)
    assert cache.take_moves() == ((0, 1, True), (0, 2, False))
    cache.get(0, 4)
    assert cache.take_moves() == (), "it never was away"
