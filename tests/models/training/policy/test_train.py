"""The whole training, tiny: three phases, killed and continued, exported and loaded."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from core.camera import Camera
from core.errors import BadCheckpoint, BadConfig
from core.observation import Observation
from core.workcell import same_workcell, shipped_workcell
from models import shipped_weights
from models.datasets.dataset_parts import SetInfo
from models.policies.chunks.checkpoint import card_workcell
from models.policies.diffusion.policy import load
from models.training.diffusion.backbone import DiffusionBackbone
from models.training.policy.command import backbone_for
from models.training.policy.device import chosen_device
from models.training.policy.learner import Learner
from models.training.policy.step_config import StepConfig
from models.training.policy.train import TrainConfig, train
from tests.models.training.policy.recorded import CONFIG, SIZE, write


class Killed(BaseException):
    pass


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> TrainConfig:
    folder = tmp_path_factory.mktemp("training")
    return TrainConfig(
        data=(write(folder / "demos"),),
        out=folder / "straight",
        pose_steps=4,
        joint_steps=4,
        steps=14,
        every=5,
        backbone=DiffusionBackbone(CONFIG),
        step=StepConfig(batch=8, chunks_per_look=2),
    )


@pytest.fixture(scope="module")
def straight(base: TrainConfig) -> Path:
    """The policy of an uninterrupted training."""
    return train(base, lambda line: None, "main.py train policy --test")


def test_phases_follow_each_other(base: TrainConfig) -> None:
    assert [base.phase(step)[0] for step in (0, 3, 4, 9, 10, 13)] == ["look", "look", "act", "act", "both", "both"]
    assert all(base.rate(step) > 0 for step in range(14))
    long = replace(base, steps=30_000, pose_steps=5000, joint_steps=2000)
    assert long.rate(0) < long.rate(299) > long.rate(4999), "warm up, then fall"
    with pytest.raises(BadConfig, match="all steps"):
        train(replace(base, pose_steps=12), lambda line: None)


@pytest.mark.parametrize("killed_at", [2, 7, 12])
def test_killed_and_continued_is_the_same_training(
    base: TrainConfig, straight: Path, killed_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, step = replace(base, out=tmp_path / "killed"), Learner.step

    def dies(self: Learner, *args: object) -> dict[str, float]:
        if self.steps == killed_at:
            raise Killed
        return step(self, *args)

    monkeypatch.setattr(Learner, "step", dies)
    with pytest.raises(Killed):
        train(config, lambda line: None)
    monkeypatch.setattr(Learner, "step", step)
    said: list[str] = []
    path = train(config, said.append)
    assert any("going on at step" in line for line in said) == (killed_at > 4)
    for name in ("policy.safetensors", "best.safetensors", "training.safetensors"):
        one, two = load_file(straight.parent / name), load_file(path.parent / name)
        assert one.keys() == two.keys()
        assert all(one[key].tobytes() == two[key].tobytes() for key in one), name
    rows = [json.loads(line) for line in (config.out / "history.jsonl").read_text().splitlines()]
    validated = [row["step"] for row in rows if "position_cm" in row]
    assert validated == [4, 5, 10, 14], "each once, in order"


def test_a_finished_training_has_nothing_left_to_do(base: TrainConfig, straight: Path) -> None:
    before = straight.read_bytes()
    assert train(base, lambda line: None) == straight
    assert straight.read_bytes() == before


def test_what_is_exported_acts(straight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HI_WM_CACHE", str(tmp_path))
    policy = load(straight, "spot")
    frames = {name: np.full((SIZE, SIZE, 3), 30, np.uint8) for name in CONFIG.cameras}
    seen = Observation(frames, np.zeros(14, np.float32))
    actions, plans, _ = policy.act([seen], policy.start([[seen]]), [1])
    assert np.isfinite(actions).all()
    assert plans.shape == (1, CONFIG.horizon, 14)


def test_the_card_names_the_origin_of_the_weights(straight: Path) -> None:
    card = json.loads(straight.with_suffix(".json").read_text())
    assert card["command"] == "main.py train policy --test"
    assert card["data"]["episodes"] == 3
    assert card["step"] == 14
    assert card["training"]["pose_steps"] == 4
    assert set(card["validation"]) == {"loss", "position_cm", "pose_cm", "pose_deg"}
    assert len(list((straight.parent / "checkpoints").glob("step-*.safetensors"))) == 3


def test_cuda_that_is_not_there_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert chosen_device("auto") == chosen_device("cpu") == "cpu"
    with pytest.raises(BadConfig, match="no CUDA device"):
        chosen_device("cuda")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert chosen_device("auto") == chosen_device("cuda") == "cuda"
    assert chosen_device("cpu") == "cpu"


def test_the_network_sees_what_the_data_show() -> None:
    camera = Camera("wrist", 96, 96)
    data = SetInfo("fold_towel", replace(shipped_workcell(), cameras=(camera, Camera("side", 128, 96))))
    network = backbone_for("diffusion", data, ["wrist"], image_size=48).config
    assert (network.task, network.cameras, network.frame_size) == ("fold_towel", ("wrist",), 96)
    with pytest.raises(BadConfig, match=r"square pictures of one size; the data have wrist 96 x 96, side 128 x 96"):
        backbone_for("diffusion", data, [])
    with pytest.raises(BadConfig, match=r"--image-size 64 is no whole fraction of 96.*Possible: 96, 48, 32, 24"):
        backbone_for("diffusion", data, ["wrist"])
    with pytest.raises(BadConfig, match="has no camera 'top'; it has wrist, side"):
        backbone_for("diffusion", data, ["top"])


def test_the_card_names_the_workcell_of_the_training(straight: Path, base: TrainConfig) -> None:
    assert same_workcell(card_workcell(straight), base.workcell)
    assert same_workcell(card_workcell(shipped_weights("diffusion", "push_t")), shipped_workcell()), (
        "its card is from before workcells"
    )
    with pytest.raises(BadCheckpoint, match=r"card .*none.json of the policy cannot be read"):
        card_workcell(straight.with_name("none.safetensors"))


def test_patience_stops_early_and_ships_the_best(
    base: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([9.0, 9.0, 0.5, 0.7, 0.6, 0.1])

    def validation(*args: object) -> dict[str, float]:
        return {"loss": next(losses), "position_cm": 1.0}

    monkeypatch.setattr("models.training.policy.keeping.validate", validation)
    config = replace(base, out=tmp_path, every=2, patience=2)
    said: list[str] = []
    path = train(config, said.append)
    assert sorted(p.stem for p in (tmp_path / "checkpoints").glob("*.safetensors")) == [
        "step-000006", "step-000008", "step-000010",
    ]  # fmt: skip
    assert path.read_bytes() == (tmp_path / "checkpoints" / "step-000006.safetensors").read_bytes()
    export = json.loads(path.with_suffix(".json").read_text())["export"]
    assert (export["which"], export["step"]) == ("lowest validation loss", 6)
    assert (export["last"], export["patience"]) == ({"step": 10, "loss": 0.6}, 2)
    assert "is the export of step 6" in said[-1]
    again: list[str] = []
    assert train(config, again.append) == path
    assert "is the export of step 6" in again[-1], "a training that stopped early stays so"


def test_the_card_says_that_the_last_export_ships(straight: Path) -> None:
    export = json.loads(straight.with_suffix(".json").read_text())["export"]
    assert (export["which"], export["step"], export["patience"]) == ("last", 14, None)
    best = json.loads((straight.parent / "best.json").read_text())["export"]
    assert best["best"] == export["best"]


@pytest.mark.parametrize("truth", [True, False])
def test_without_a_pose_the_encoder_learns_from_the_actions(base: TrainConfig, tmp_path: Path, truth: bool) -> None:
    step = replace(base.step, pose_loss=0.0 if truth else 0.5)
    data = (write(tmp_path / "demos", truth=truth),)
    said: list[str] = []
    path = train(replace(base, data=data, out=tmp_path / "out", step=step), said.append)
    assert any("hold no true pose" in line for line in said) == (not truth)
    assert [word for line in said for word in line.split() if word in ("(look)", "(act)", "(both)")] == [
        "(both)", "(act)", "(both)",
    ]  # fmt: skip
    card = json.loads(path.with_suffix(".json").read_text())
    assert "no true pose" in card["told"]
    assert card["training"]["pose_loss"] == 0.0
    assert (tmp_path / "out" / "checkpoints" / "step-000004.safetensors").exists(), "it can act from the start"
    views = [
        load_file(p)["network.views.0.stem.weight"] for p in sorted((tmp_path / "out").glob("checkpoints/*4.saf*"))
    ]
    assert not np.array_equal(*views)
