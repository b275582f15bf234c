"""The shipped transport world on a few shipped trials, with generous bounds; shuffled weights must break it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from core.errors import BadConfig
from core.observation import Observation
from core.seeds import generator
from models import WORLDS, shipped_weights
from models.tasks.push_t.evaluation import fidelity
from models.tasks.push_t.evaluation.fidelity_measures import horizons, pushes, quiet
from models.tasks.push_t.evaluation.fidelity_metrics import Recorded
from models.tasks.push_t.evaluation.fidelity_trust import trust
from models.tasks.push_t.evaluation.trials import ODD, Trials
from models.worlds.transport.checkpoint import file_hash
from models.worlds.transport.world import TransportWorld, load
from tests.contracts.world_contract import same_packed

SHIPPED = shipped_weights("transport", "push_t")
pytestmark = pytest.mark.skipif(
    not SHIPPED.is_file(), reason=f"{SHIPPED.name} is not here yet: main.py train world writes it"
)
PUSHES, ROLLOUTS = 8, 3


@pytest.fixture(scope="module")
def trials() -> Trials:
    return Trials()


@pytest.fixture(scope="module")
def world() -> TransportWorld:
    return load(None, "cpu")


@pytest.fixture(scope="module")
def far(world: TransportWorld, trials: Trials) -> dict[int, dict[str, Any]]:
    """Figures of the horizons by steps."""
    return by_steps(world, trials)


def by_steps(world: TransportWorld, trials: Trials) -> dict[int, dict[str, Any]]:
    table = horizons(world, trials.rollouts()[:ROLLOUTS], None, lambda _: None)["table"]
    return {row["steps"]: row for row in table}


@pytest.fixture(scope="module")
def pushed(world: TransportWorld, trials: Trials) -> dict[str, Any]:
    return pushes(world, trials.pushes()[:PUSHES], None)


def shuffled(folder: Path) -> TransportWorld:
    """The same numbers in another order, tensor by tensor; background and trust stay."""
    weights = folder / "shuffled.safetensors"
    arrays = load_file(SHIPPED)
    for i, (name, array) in enumerate(sorted(arrays.items())):
        if name != "background" and not name.startswith("trust."):
            arrays[name] = generator(i).permutation(array.reshape(-1)).reshape(array.shape)
    save_file(arrays, weights)
    card = json.loads(SHIPPED.with_suffix(".json").read_text()) | {"sha256": file_hash(weights)}
    weights.with_suffix(".json").write_text(json.dumps(card))
    return load(weights, "torch")


def test_shuffled_weights_break_it(
    trials: Trials, far: dict[int, dict[str, Any]], pushed: dict[str, Any], tmp_path: Path
) -> None:
    broken = shuffled(tmp_path)
    after = by_steps(broken, trials)
    assert after[1]["psnr"] < far[1]["psnr"] - 5
    assert after[10]["psnr"] < far[10]["psnr"] - 5
    assert after[1]["ssim"] < far[1]["ssim"]
    assert after[50]["ee_cm"] > far[50]["ee_cm"], "the hands are led wrong too"
    broken_pushes = pushes(broken, trials.pushes()[:PUSHES], None)
    assert broken_pushes["cm"] > 2 * pushed["cm"]
    assert broken_pushes["deg"] > 1.5 * pushed["deg"]


def test_pictures_are_better_than_a_copy_of_the_start(far: dict[int, dict[str, Any]]) -> None:
    """At first hardly anything has moved, and a copy is perfect."""
    for steps in (50, 100):
        assert far[steps]["psnr_mean"] > far[steps]["copy_mean"] + 2
    assert far[1]["psnr"] > 27
    assert far[10]["psnr"] > 25
    assert 0.7 < far[50]["left"] < 1.4, "the T does not melt"


def test_pushes_go_the_right_way(pushed: dict[str, Any]) -> None:
    assert pushed["sign_n"] >= 4
    assert pushed["sign_right"] >= 0.75
    assert pushed["cm"] < 0.5 * pushed["moved_cm_mean"]


def test_nothing_moves_without_motion_of_the_hands(world: TransportWorld, trials: Trials) -> None:
    found = quiet(world, trials.rollouts()[:3])
    assert found["nobody_moves"]["cm_max"] == 0.0
    assert found["nobody_moves"]["deg_max"] == 0.0
    assert found["nobody_moves"]["hands_cm_max"] < 0.3
    for name in ("raised_arm", "passing_over"):
        assert found[name]["cm_max"] < 0.3, name


def test_odd_starts_lower_the_trust(world: TransportWorld, trials: Trials) -> None:
    believed = trust(world, trials.rollouts()[:1], trials.odd_starts())["odd_starts"]
    for kind in ODD[1:]:
        assert believed[kind] < believed["shipped"] - 0.05, kind


def test_graphs_and_torch_agree(world: TransportWorld, trials: Trials) -> None:
    eager = load(None, "torch")
    for run in trials.pushes()[:3]:
        state, other = (w.encode([run.start], run.action[:0]) for w in (world, eager))
        assert np.allclose(state.pose, other.pose, atol=1e-4)
        assert np.abs(state.object.cells - other.object.cells).mean() < 1e-3  # cut out a few micrometres apart
        for action in run.action:
            ((after,), trust), ((there,), believed) = (
                w.step([state], action[None, None], [0]) for w in (world, eager)
            )  # from the same state: small differences grow in contact
            assert np.allclose(after.pose, there.pose, atol=1e-5)
            assert np.allclose(after.measured, there.measured, atol=1e-5)
            assert np.allclose(trust, believed, atol=1e-3)
            state = after
        a, b = (w.observe([state])[0].frames for w in (world, eager))
        assert all(np.abs(a[n].astype(int) - b[n]).max() <= 2 for n in a)


def test_two_runs_agree_bit_for_bit(world: TransportWorld, trials: Trials) -> None:
    run, again = trials.pushes()[0], load(None, "cpu")
    states = [w.encode([run.start], run.action[:0]) for w in (world, again)]
    for action in run.action:
        states = [w.step([s], action[None, None], [0])[0][0] for w, s in zip((world, again), states, strict=True)]
        assert same_packed(world.pack(states[0]), again.pack(states[1]))
        states[1] = again.unpack(again.pack(states[1]))


class FewTrials(Trials):
    """As many as a quick look needs."""

    def rollouts(self) -> list[Recorded]:
        return super().rollouts()[:2]

    def pushes(self) -> list[Recorded]:
        return super().pushes()[:2]

    def films(self) -> list[np.ndarray]:
        return [film[:12] for film in super().films()[:2]]

    def odd_starts(self) -> dict[str, list[Observation]]:
        return {kind: starts[:2] for kind, starts in super().odd_starts().items()}


@pytest.mark.slow
def test_the_whole_report_with_a_second_world_beside(
    world: TransportWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fidelity, "Trials", FewTrials)
    said: list[str] = []
    figures = fidelity.evaluate(world, None, (world, SHIPPED), tmp_path / "out", said.append)
    text = (tmp_path / "out" / "fidelity.md").read_text()
    for heading in ("# Fidelity of the transport", "## Action", "## Pictures to states", "## Trust", "## Beside it"):
        assert heading in text
    assert json.loads((tmp_path / "out" / "fidelity.json").read_text())["beside"]["left_out"] == []
    assert figures["tracking"]["frames"] == 24
    assert figures["encoder"]["cm"] < 1.0
    assert figures["beside"]["pushes"] == figures["pushes"], "the same world, the same figures"
    for name in ("rollout_00", "rollout_01", "push_00", "push_01", "reliability"):
        assert (tmp_path / "out" / f"{name}.png").is_file()
    assert said


def test_a_world_of_another_task_is_not_measured(world: TransportWorld) -> None:

    with pytest.raises(BadConfig, match="The trials are of 'push_t', the world is of"):
        fidelity.measure(WORLDS.load("toy")(), FewTrials(), None, lambda _: None)
