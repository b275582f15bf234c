"""Training of the transport world: guards of single pieces, and every stage end to end on a few short episodes."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch import Tensor, nn

from core.errors import BadConfig, BadStore
from models.tasks.push_t import geometry as g
from models.tasks.push_t.evaluation.fidelity_metrics import auroc
from models.training.transport.appearance import Appearance, AppearanceRecipe, transported
from models.training.transport.cache import as_float, fresh_net
from models.training.transport.confidence import logistic
from models.training.transport.contact import Contact, ContactRecipe
from models.training.transport.data import Play, background
from models.training.transport.motion import MAPS, Motion
from models.training.transport.parallel import Budget, Trainer, averaged, rate, train
from models.training.transport.train import TrainConfig, refuse_another_run, train_world
from models.worlds.transport.config import TransportConfig
from models.worlds.transport.encoder import INPUTS_PER_VIEW, MapEncoder
from models.worlds.transport.trust import FEATURES, LARGEST_DOUBT, STARTS, Trust, start_signs
from models.worlds.transport.world import load
from tests.models.worlds.fresh import CONFIG, random_net, start_scene, t_outline

# The mask ---------------------------------------------------------------------------------------------------------


def collapsed(value: float) -> tuple[MapEncoder, Tensor]:
    """An encoder whose head says "nowhere" (or "everywhere") as loudly as it can, and a picture with an object."""
    torch.manual_seed(0)
    encoder = MapEncoder(CONFIG, 2)
    with torch.no_grad():
        encoder.leave.bias[:4] = value  # the mask's four sub-pixels
    seen = torch.zeros(1, 2 * INPUTS_PER_VIEW, 64, 64)
    seen[:, [0, INPUTS_PER_VIEW], 24:40, 24:40] = 0.5  # differs from the background in both views
    return encoder, seen


@pytest.mark.parametrize("value", [-40.0, 40.0])
def test_a_mask_that_went_wrong_still_feels_a_gradient_and_comes_back(value: float) -> None:
    """Without a bound on what is learned, a sigmoid at -40 has no gradient at all: the map would be lost for good."""
    encoder, seen = collapsed(value)
    wanted = torch.zeros(1, 64, 64)
    wanted[:, 24:40, 24:40] = 1.0
    optimizer = torch.optim.Adam([encoder.leave.bias], 1.0)
    first = None
    for _ in range(60):
        loss = ((encoder(seen)[:, 0] - wanted) ** 2).mean()
        first = float(loss.detach()) if first is None else first
        optimizer.zero_grad()
        loss.backward()
        assert encoder.leave.bias.grad is not None
        assert encoder.leave.bias.grad[:4].abs().max() > 0
        optimizer.step()
    assert float(loss.detach()) < 0.5 * first


def test_before_anything_is_learned_the_mask_is_what_differs_from_the_background() -> None:
    torch.manual_seed(0)
    encoder, seen = MapEncoder(CONFIG, 2), collapsed(0.0)[1]
    with torch.no_grad():
        mask = encoder(seen)[0, 0]
    assert mask[28:36, 28:36].min() > 0.6
    assert mask[:16].max() < 0.4


def test_an_end_effector_is_no_object() -> None:
    seen = collapsed(0.0)[1]
    seen[:, [6, 6 + INPUTS_PER_VIEW]] = 1.0
    assert MapEncoder.stranger(seen).max() < 1e-6


# Frames and motion ------------------------------------------------------------------------------------------------


def test_a_map_is_carried_along_with_the_track() -> None:
    """A point of the object keeps its place in the map, wherever the map was cut out."""
    source, target = torch.tensor([[0.5, 0.1, 0.3]]), torch.tensor([[0.4, -0.05, 1.7]])
    centre = torch.tensor([[0.52, 0.08, 0.0]])
    there = transported(source, target, centre)
    turn = 1.7 - 0.3
    c, s = np.cos(turn), np.sin(turn)
    aside = np.array([0.02, -0.02])
    assert there[0, :2].numpy() == pytest.approx(
        [0.4 + c * aside[0] - s * aside[1], -0.05 + s * aside[0] + c * aside[1]]
    )
    assert float(there[0, 2]) == pytest.approx(turn)
    assert torch.allclose(transported(source, source, centre), centre)


# The trainer ------------------------------------------------------------------------------------------------------


class Line:
    """A stage that fits one number."""

    name = "line"

    def __init__(self, value: float = 0.0) -> None:
        self.module: nn.Module = nn.Linear(1, 1, bias=False)
        with torch.no_grad():
            next(self.module.parameters()).fill_(value)

    def loss(self, random: np.random.Generator, progress: float) -> tuple[Tensor, dict[str, float]]:
        error = self.module(torch.ones(1, 1)) - 3.0
        return (error**2).mean(), {"loss": float(error.detach() ** 2)}

    def validate(self) -> dict[str, float]:
        return {"value": float(next(self.module.parameters()).detach())}


def line(value: float) -> Line:
    return Line(value)


def test_a_stage_learns_logs_and_is_kept(tmp_path: Path) -> None:
    train(line, 0.0, Budget(3.0, 0.1, 0.0, 1, str(tmp_path)))
    weight = averaged(tmp_path, "line")["weight"]
    assert float(weight) == pytest.approx(3.0, abs=0.2)
    rows = [json.loads(text) for text in (tmp_path / "line.jsonl").read_text().splitlines()]
    assert rows[-1]["validation"]["value"] == pytest.approx(float(weight))
    assert not list(tmp_path.glob("*.partial"))


def test_a_stopped_stage_goes_on_where_it_was(tmp_path: Path) -> None:
    first = Trainer(Line(), Budget(0.3, 0.1, 0.0, 1, str(tmp_path)), 0, lambda _: None)
    first.run()
    longer = Trainer(Line(-50.0), Budget(0.6, 0.1, 0.0, 1, str(tmp_path)), 0, lambda _: None)
    assert longer.steps == first.steps > 0
    assert longer.elapsed == pytest.approx(first.elapsed)
    assert torch.equal(longer.weights["weight"], first_weights(tmp_path)), "not the -50 it was built with"
    state = longer.optimizer.state[longer.weights["weight"]]
    assert float(state["step"]) == first.steps
    longer.run()
    assert longer.steps > first.steps


def first_weights(folder: Path) -> Tensor:
    with safe_open(folder / "line.safetensors", "pt") as f:
        return f.get_tensor("weight/weight")


def test_a_finished_stage_is_not_trained_again(tmp_path: Path) -> None:
    budget = Budget(0.2, 0.1, 0.0, 1, str(tmp_path))
    done = Trainer(Line(), budget, 0, lambda _: None)
    done.run()
    again = Trainer(Line(), budget, 0, lambda _: None)
    again.run()
    assert again.steps == done.steps


def test_a_torn_checkpoint_of_a_stage_is_named(tmp_path: Path) -> None:
    (tmp_path / "line.safetensors").write_bytes(b"torn")
    with pytest.raises(BadStore, match=r"line.safetensors cannot be continued .* Delete it"):
        Trainer(Line(), Budget(0.2, 0.1, 0.0, 1, str(tmp_path)), 0, lambda _: None)


def test_a_step_that_is_not_finite_changes_nothing(tmp_path: Path) -> None:
    trainer = Trainer(Line(1.0), Budget(1.0, 0.1, 0.0, 1, str(tmp_path)), 0, lambda _: None)
    (trainer.weights["weight"] * float("nan")).sum().backward()
    trainer._agree(0.0)
    trainer.optimizer.step()
    assert float(trainer.weights["weight"].detach()) == pytest.approx(1.0)


def test_the_rate_warms_up_and_dies_away() -> None:
    assert rate(0.0) < 0.1
    assert rate(0.06) > 0.9
    assert rate(1.0) == pytest.approx(0.01)
    assert rate(5.0) == pytest.approx(0.01)


# Trust ------------------------------------------------------------------------------------------------------------


def test_the_regression_finds_what_separates() -> None:
    random = np.random.default_rng(0)
    x = random.normal(0, 1, (2000, FEATURES)).astype(np.float32) * [1, 5, 0.1, 1, 1] + 3
    odds = 2.0 * (x[:, 0] - 3) - 1.0
    good = random.random(2000) < 1 / (1 + np.exp(-odds))
    weight, bias = logistic(x.astype(np.float32), good)
    assert weight[0] == pytest.approx(2.0, abs=0.35)
    assert np.abs(weight[[1, 3, 4]]).max() < 0.3
    assert bias == pytest.approx(-7.0, abs=1.5)
    found = auroc((x @ weight + bias).astype(np.float32), good)
    assert found is not None
    assert found > 0.8


def bounded_trust() -> Trust:
    low, high = np.zeros(len(STARTS), np.float32), np.array([1, 1, 15, 0.1], np.float32)
    return Trust(np.zeros(FEATURES, np.float32), 3.0, low, high, np.array([0.3, -0.2, 0.7, 0.2], np.float32))


def test_a_start_like_the_training_data_is_not_doubted() -> None:
    trust, signs = bounded_trust(), np.zeros((1, 4), np.float32)
    inside = trust.doubt(np.array([0.5, 0.5, 10, 0.0], np.float32))
    assert inside == 0
    (sure,) = trust.of(signs, np.array([[0.5, 0.0]], np.float32), np.array([inside]))
    assert sure == pytest.approx(1 / (1 + np.exp(-3.0)))


@pytest.mark.parametrize("start", [[5, 0.5, 10, 0], [0.5, 5, 10, 0], [0.5, 0.5, 60, 0], [0.5, 0.5, 10, 0.5]])
def test_an_odd_start_is_doubted_more_the_odder_it_is(start: list[float]) -> None:
    trust, signs, place = bounded_trust(), np.zeros((1, 4), np.float32), np.array([[0.5, 0.0]], np.float32)
    plain = np.array([0.5, 0.5, 10, 0.0], np.float32)
    doubts = [trust.doubt(plain + k * (np.array(start, np.float32) - plain)) for k in (0, 1, 2, 99)]
    assert doubts == sorted(doubts)
    assert doubts[1] > 1
    assert doubts[3] == LARGEST_DOUBT
    believed = [float(trust.of(signs, place, np.array([d]))[0]) for d in doubts]
    assert believed == sorted(believed, reverse=True)


def test_trust_falls_where_no_object_was_in_training() -> None:
    trust, signs, doubt = bounded_trust(), np.zeros((3, 4), np.float32), np.zeros(3, np.float32)
    believed = trust.of(signs, np.array([[0.7, 0.0], [0.76, 0.0], [0.5, -0.4]], np.float32), doubt)
    assert believed[0] > believed[1] > believed[2]


def test_trust_survives_the_checkpoint() -> None:
    trust = bounded_trust()
    again = Trust.from_arrays(trust.arrays())
    assert again.bias == trust.bias
    assert all(np.array_equal(getattr(again, n), getattr(trust, n)) for n in ("weight", "low", "high", "field"))


def test_what_is_drawn_wrong_counts_for_each_view() -> None:
    seen = np.zeros((2, 10, 10, 3), np.uint8)
    drawn = seen.copy()
    drawn[1, :2] = 200
    assert start_signs(seen, drawn, 0.0112, 0.25) == pytest.approx([0.0, 20.0, 11.2, 0.25])


# Data -------------------------------------------------------------------------------------------------------------


def test_missing_data_names_the_command_to_run(tmp_path: Path) -> None:
    with pytest.raises(BadStore, match=r"no recorded episode. Run `main.py collect`"):
        Play([tmp_path], ["top", "front"])
    (tmp_path / "part-000.zarr").mkdir()
    with pytest.raises(BadStore, match=r"part-000.zarr is not a part of recorded play .* Collect it"):
        Play([tmp_path], ["top", "front"])


def resting_motion(split: int = 0, frames: int = 40) -> Motion:
    """One episode in which nothing happens."""
    outline = t_outline()
    hands = np.repeat(g.HOME[None], frames, 0)
    return Motion(
        hands, hands, hands, np.repeat(np.array([[0.5, 0.0, 0.0]], np.float32), frames, 0),
        np.arange(frames - 1, -1, -1), np.zeros(frames, np.int64),
        np.repeat(outline.distance[None, None], MAPS, 1), np.repeat(outline.shape[None, None], MAPS, 1),
        np.full((1, MAPS, 3), 0.5, np.float32), np.full((1, MAPS, 3), 0.5, np.float32), np.full(frames, split, np.int8),
    )  # fmt: skip


@pytest.mark.parametrize("split", [0, 2])
def test_motion_without_anything_to_learn_is_refused_in_words(tmp_path: Path, split: int) -> None:
    resting_motion(split).save(tmp_path / "motion.npz")
    with pytest.raises(BadStore, match=r"motion.npz .* Collect more"):
        Contact(ContactRecipe(TransportConfig(), tmp_path / "motion.npz"))


def test_torn_motion_is_named(tmp_path: Path) -> None:
    resting_motion().save(tmp_path / "motion.npz")
    assert [f.name for f in tmp_path.iterdir()] == ["motion.npz"]
    assert Motion.load(tmp_path / "motion.npz").left[0] == 39
    content = (tmp_path / "motion.npz").read_bytes()
    (tmp_path / "motion.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(BadStore, match=r"motion.npz cannot be read .* Delete it"):
        Motion.load(tmp_path / "motion.npz")


def test_a_frame_is_never_drawn_from_itself(tmp_path: Path) -> None:
    """Else the end effectors would leak into the map."""
    episode = np.repeat([0, 1, 2], [5, 9, 4])
    np.save(tmp_path / "frames.npy", np.zeros((18, 2, 128, 128, 3), np.uint8))
    np.save(tmp_path / "ee.npy", np.repeat(g.HOME[None], 18, 0))
    np.save(tmp_path / "pose.npy", np.zeros((18, 3), np.float32))
    np.save(tmp_path / "episode.npy", episode)
    np.save(tmp_path / "split.npy", np.repeat([0, 0, 1], [5, 9, 4]))
    stage = Appearance(AppearanceRecipe(CONFIG, g.CAMERAS, np.zeros((2, 128, 128, 3), np.uint8), tmp_path))
    source, target = stage._pairs(np.random.default_rng(0), 0, 500)
    assert (source[:, None] != target).all()
    assert (episode[source][:, None] == episode[target]).all()
    assert set(target.reshape(-1)) == set(range(14)), "every other frame of the episode may be drawn"


def test_pictures_become_numbers_and_back() -> None:
    scene = start_scene(0)
    assert scene.observation is not None
    frames = np.stack([scene.observation.frames[c.name] for c in g.CAMERAS])
    floats = as_float(frames)
    assert floats.shape == (2, 3, 128, 128)
    assert float(floats.max()) <= 1.0
    net = random_net()
    assert (
        net.pictures(torch.zeros(1, 6, 64, 64), torch.zeros(1, 3), torch.from_numpy(g.HOME)[None]).dtype == torch.uint8
    )
    assert fresh_net(CONFIG, g.CAMERAS, frames).get_buffer("background").shape == (2, 3, 128, 128)


def test_a_folder_holds_one_training(tmp_path: Path) -> None:
    config = TrainConfig((tmp_path / "play",), tmp_path, tmp_path / "w.safetensors", exclude=("failure", "edge"))
    refuse_another_run(config)
    refuse_another_run(replace(config, exclude=("edge", "failure"), appearance_minutes=90.0))
    with pytest.raises(BadConfig, match=r"was begun with .* --exclude edge failure --cameras .*; .* Choose another"):
        refuse_another_run(replace(config, exclude=()))
    with pytest.raises(BadConfig, match="was begun with"):
        refuse_another_run(replace(config, data=(tmp_path / "demos",)))


# End to end -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_stage_from_recorded_play_to_a_world_that_steps(tmp_path: Path) -> None:
    os.environ.setdefault("LP_NUM_THREADS", "0")
    from models.datasets.dataset_parts import PartWriter
    from models.tasks.push_t.data.episodes import part_info, record
    from models.worlds.reference.world import load as load_reference

    reference = load_reference()
    part = PartWriter(tmp_path / "play" / "part-000.zarr", part_info(reference))
    for seed, split in zip(range(2_000_000, 2_000_008), [0, 0, 0, 0, 0, 0, 1, 1], strict=True):
        part.append(record(reference, seed, 48), split)
    config = TrainConfig(
        (tmp_path / "play",), tmp_path / "run", tmp_path / "out" / "world.safetensors", processes=1,
        appearance_minutes=0.4, contact_minutes=0.3, frames=400,
    )  # fmt: skip
    train_world(config)
    world = load(config.weights, "cpu")
    (state,) = world.reset([start_scene(0)], [0])
    (state,), trust = world.step([state], g.HOME[None, None], [0])
    assert trust is not None
    assert world.observe([state])[0].frames["top"].shape == (128, 128, 3)
    card = json.loads(config.weights.with_suffix(".json").read_text())
    assert card["data"]["episodes"] == 6
    assert "contact_cm_1" in card["validation"]
    assert (config.out / "curves.png").is_file()
    before = {f: f.stat().st_mtime_ns for f in (config.out / "tracks").iterdir()}
    steps = [json.loads(x)["steps"] for x in (config.out / "contact.jsonl").read_text().splitlines() if "steps" in x]
    train_world(config)  # everything is there: nothing is tracked or trained again
    assert {f: f.stat().st_mtime_ns for f in (config.out / "tracks").iterdir()} == before
    after = [json.loads(x)["steps"] for x in (config.out / "contact.jsonl").read_text().splitlines() if "steps" in x]
    assert after == steps
    assert background(Play([tmp_path / "play"], ["top", "front"])).shape == (2, 128, 128, 3)
