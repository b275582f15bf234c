"""Train a world further: where the stages begin, which data go together, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zarr
from safetensors.torch import load_file

from core.errors import BadConfig, BadStore
from core.workcell import shipped_workcell
from models.training.transport.contact import Contact
from models.training.transport.data import Play
from models.training.transport.parallel import Budget, Trainer, averaged
from models.training.transport.shape import shape_of
from models.training.transport.start import begin_from
from models.worlds.transport.checkpoint import open_checkpoint
from models.worlds.transport.torch_backend import load_net

SHIPPED = Path("assets/worlds/push_t_transport.safetensors")
CELL = shipped_workcell()


class Stage:
    """A stage that only has the weights of another one."""

    loss = Contact.loss
    validate = Contact.validate

    def __init__(self, name: str, module: object) -> None:
        self.name, self.module = name, module


def test_every_stage_begins_with_the_weights_of_the_world(tmp_path: Path) -> None:
    begin_from(SHIPPED, shape_of(CELL), CELL.cameras, tmp_path)
    theirs = load_file(SHIPPED)
    for stage, prefix in (("contact", "dynamics."), ("appearance", "")):
        found = averaged(tmp_path, stage)
        assert found
        assert all((value == theirs[prefix + name]).all() for name, value in found.items())
    names = {f"dynamics.{name}" for name in averaged(tmp_path, "contact")} | set(averaged(tmp_path, "appearance"))
    assert names == {name for name, _ in load_net(open_checkpoint(SHIPPED)).named_parameters()}
    background = np.load(tmp_path / "background.npy")
    assert background.shape == (2, 128, 128, 3)
    assert np.abs(background / 255 - theirs["background"].movedim(1, -1).numpy()).max() < 0.5 / 255 + 1e-6


def test_a_trainer_takes_them_up_and_counts_from_zero(tmp_path: Path) -> None:
    begin_from(SHIPPED, shape_of(CELL), CELL.cameras, tmp_path)
    net = load_net(open_checkpoint(SHIPPED))
    expected = {name: value.detach().clone() for name, value in net.dynamics.named_parameters()}
    for value in net.dynamics.parameters():
        value.data.zero_()
    trainer = Trainer(Stage("contact", net.dynamics), Budget(60, 1e-3, 0, 1, str(tmp_path)), 0, print)  # type: ignore[arg-type]
    assert (trainer.elapsed, trainer.steps) == (0.0, 0)
    assert all((value == expected[name]).all() for name, value in net.dynamics.named_parameters())


def test_a_training_that_was_begun_is_kept(tmp_path: Path) -> None:
    (tmp_path / "contact.safetensors").write_bytes(b"of a later step")
    begin_from(SHIPPED, shape_of(CELL), CELL.cameras, tmp_path)
    assert (tmp_path / "contact.safetensors").read_bytes() == b"of a later step"


def test_another_gripper_or_other_cameras_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"cannot be trained further .*: finger_radius differ"):
        begin_from(SHIPPED, replace(shape_of(CELL), finger_radius=0.02), CELL.cameras, tmp_path)
    with pytest.raises(BadConfig, match=r"cannot be trained further .*: the cameras differ"):
        begin_from(SHIPPED, shape_of(CELL), CELL.cameras[::-1], tmp_path)
    assert not list(tmp_path.iterdir())


def part(folder: Path, frames: int) -> None:
    """One recorded episode in the layout of the data engine, without pictures."""
    group = zarr.open_group(folder / "part-000.zarr", mode="w")
    group.attrs["kinds"] = ["push"]
    columns = {"episode_ends": [frames], "episode_kind": [0], "episode_seed": [1], "episode_split": [0]}
    for name, values in columns.items():
        group.create_array(name, data=np.array(values))
    group.create_array("ee_state", data=np.full((frames, 14), frames, np.float32))


def test_two_data_sets_are_read_as_one(tmp_path: Path) -> None:
    part(tmp_path / "play", 3)
    part(tmp_path / "demos", 5)
    play = Play([tmp_path / "play", tmp_path / "demos"], ["top"])
    assert [(episode.name, episode.length) for episode in play.episodes] == [
        ("part-000-000000", 3),
        ("set-1-part-000-000000", 5),
    ]
    assert [play.ee_state(episode)[0, 0] for episode in play.episodes] == [3, 5]
    with pytest.raises(BadStore, match="nothing holds no recorded episode"):
        Play([tmp_path / "play", tmp_path / "nothing"], ["top"])
