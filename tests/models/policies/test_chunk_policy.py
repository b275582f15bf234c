import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import BadStore, PartFailed
from core.folders import cache_folder
from core.observation import Observation
from core.policy import Policy
from core.world import PackedState
from models import load_policy
from models.policies.chunks.policy import ChunkPolicy
from tests.contracts.policy_contract import PolicyContract
from tests.models.policies.tiny import TINY, TINY_FLOW, tiny_scaling
from tests.models.tasks.toy.test_toy import toy_path


@pytest.fixture(scope="module")
def seen() -> list[Observation]:
    return toy_path()


@pytest.fixture(params=["diffusion", "flow"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def path(tiny_paths: dict[str, Path], kind: str) -> Path:
    return tiny_paths[kind]


@pytest.fixture
def tiny(path: Path, kind: str) -> ChunkPolicy:
    return load_policy(kind, TINY.task, path)


class TestChunkPolicy(PolicyContract):
    batch_exact = False
    batch_tolerance = 1e-5

    @pytest.fixture
    def policy(self, tiny: ChunkPolicy) -> Policy:
        return tiny

    @pytest.fixture
    def observations(self, seen: list[Observation]) -> Sequence[Observation]:
        return seen


def test_both_kinds_have_the_same_chunks() -> None:
    assert (TINY.horizon, TINY.executed) == (TINY_FLOW.horizon, TINY_FLOW.executed)


def test_a_chunk_is_carried_out_before_the_next_look(tiny: ChunkPolicy, seen: list[Observation]) -> None:
    states, actions, plans = tiny.start([seen[:1]]), [], []
    for i in range(TINY.executed + 1):
        action, plan, states = tiny.act([seen[i]], states, [100 + i])
        actions.append(action[0])
        plans.append(plan[0])
    assert np.array_equal(np.stack(actions[: TINY.executed]), plans[0][: TINY.executed])
    assert np.array_equal(plans[1][:-1], plans[0][1:])
    assert np.array_equal(plans[1][-1], plans[0][-1]), "a used-up plan holds its last action"
    assert not np.array_equal(actions[TINY.executed], plans[0][TINY.executed]), "it did not look again"


def test_the_seed_decides_the_noise(tiny: ChunkPolicy, seen: list[Observation]) -> None:
    first, second, again = (tiny.act(seen[:1], tiny.start([seen[:1]]), [seed])[0] for seed in (1, 2, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)


def test_the_picture_the_past_and_the_hands_matter(tiny: ChunkPolicy, seen: list[Observation]) -> None:
    before = tiny.start([seen[:2]])
    action = tiny.act([seen[1]], before, [1])[0]
    dark = Observation({name: frame // 2 for name, frame in seen[1].frames.items()}, seen[1].ee_state)
    assert not np.array_equal(tiny.act([dark], before, [1])[0], action)
    moved = replace(seen[1], ee_state=seen[1].ee_state + np.float32(0.01))
    assert not np.array_equal(tiny.act([moved], before, [1])[0], action)
    assert not np.array_equal(tiny.act([seen[1]], tiny.start([seen[1:2]]), [1])[0], action)


def test_actions_stay_in_the_demonstrated_box(tiny: ChunkPolicy, seen: list[Observation]) -> None:
    far = replace(seen[0], ee_state=np.full(14, 5.0, np.float32))
    _, plans, _ = tiny.act([far], tiny.start([[far]]), [1])
    scaling = tiny_scaling(TINY.horizon)
    assert (plans <= scaling.action_high).all()
    assert np.isclose(plans[0, 0, 0], scaling.action_high[0])


def test_pictures_that_do_not_fit_are_named(tiny: ChunkPolicy, seen: list[Observation]) -> None:
    frames = dict(seen[0].frames)
    blind = Observation({"top": frames["top"]}, seen[0].ee_state)
    with pytest.raises(PartFailed, match="'front'; there are no such frame"):
        tiny.act([blind], tiny.start([[blind]]), [1])
    small = Observation({name: frame[::2, ::2] for name, frame in frames.items()}, seen[0].ee_state)
    with pytest.raises(PartFailed, match=r"\(16, 16, 3\)"):
        tiny.act([small], tiny.start([[small]]), [1])
    lost = Observation(frames, np.full(14, np.nan, np.float32))
    with pytest.raises(PartFailed, match="not finite"):
        tiny.act([lost], tiny.start([[lost]]), [1])


@pytest.mark.parametrize("missing", ["before", "chunk", "used"])
def test_a_torn_state_is_named(tiny: ChunkPolicy, seen: list[Observation], missing: str) -> None:
    (state,) = tiny.start([seen[:1]])
    arrays = dict(tiny.pack(state).arrays)
    arrays[missing] = arrays[missing][:0]
    with pytest.raises(BadStore, match=missing):
        tiny.unpack(PackedState(arrays))


def test_a_torn_graph_is_made_again(path: Path, kind: str, tiny: ChunkPolicy, seen: list[Observation]) -> None:
    wanted = tiny.act(seen[:1], tiny.start([seen[:1]]), [1])[0]
    graphs = sorted((cache_folder() / "onnx").glob(f"{kind}-*.onnx"))
    assert len(graphs) == 2
    for graph in graphs:
        graph.write_bytes(graph.read_bytes()[:100])
    again = load_policy(kind, TINY.task, path)
    assert np.array_equal(again.act(seen[:1], again.start([seen[:1]]), [1])[0], wanted)
    assert all(graph.stat().st_size > 100 for graph in graphs)


def test_a_warm_start_imports_no_torch(path: Path, kind: str, tiny: ChunkPolicy) -> None:
    program = (
        "import sys; from models import POLICIES, load_policy; "
        f"print(POLICIES.load({kind!r})({str(path)!r}).spec.identity.backend); "
        "sys.exit(bool({'torch', 'diffusers', 'onnx'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=dict(os.environ), cwd=Path.cwd(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("onnxruntime")


def test_identity_is_the_hash_of_the_weights(tiny: ChunkPolicy, kind: str) -> None:
    identity = tiny.spec.identity
    assert identity.name == kind
    assert len(identity.sha256) == 64
    assert identity.threads == 1
