import math
from pathlib import Path

import numpy as np
import pytest

from models.training.diffusion.backbone import DiffusionBackbone
from models.training.policy.learner import Learner
from models.training.policy.mixture import Source
from models.training.policy.precision import step_seconds, use_bf16
from models.training.policy.reading import read_windows
from models.training.policy.step_config import StepConfig
from models.training.policy.train import fit_scaling
from tests.models.training.policy.recorded import CONFIG, write


@pytest.mark.parametrize(("bf16", "chosen"), [(0.4, True), (0.98, False), (8.0, False)])
def test_auto_takes_what_was_measured_to_be_faster(bf16: float, chosen: bool, tmp_path: Path) -> None:
    said: list[str] = []
    assert use_bf16("auto", tmp_path / "none", lambda short, enough: bf16 if short else 1.0, said.append) == chosen
    assert said == [
        f"precision: a step takes 1000 ms in float32, {bf16 * 1e3:.0f} ms in bf16; {'bf16' if chosen else 'float32'} "
        "is used"
    ]


def test_what_is_named_is_not_measured(tmp_path: Path) -> None:
    def never(short: bool, enough: float) -> float:
        raise AssertionError("measured")

    assert not use_bf16("float32", tmp_path / "none", never, lambda line: None)
    assert use_bf16("bf16", tmp_path / "none", never, lambda line: None)


@pytest.mark.parametrize("began", [False, True])
def test_a_resumed_training_keeps_its_precision(began: bool, tmp_path: Path) -> None:
    data = read_windows([write(tmp_path / "demos")], CONFIG, "train")
    step = StepConfig(batch=4, chunks_per_look=1)
    backbone, scaling = DiffusionBackbone(CONFIG), fit_scaling(data, CONFIG.horizon)
    path = tmp_path / "training.safetensors"
    Learner(backbone, scaling, step, 0, bf16=began).save(path)
    measure = step_seconds(backbone, scaling, step, [Source("demos", data)], "act", "cpu")
    said: list[str] = []
    assert use_bf16("auto", path, measure, said.append) == began
    assert use_bf16("bf16" if not began else "float32", path, measure, said.append) == began
    assert len(said) == 1
    assert "with which this training began" in said[0]


def test_a_slow_precision_is_measured_with_few_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = read_windows([write(tmp_path / "demos")], CONFIG, "train")
    backbone, step = DiffusionBackbone(CONFIG), StepConfig(batch=4, chunks_per_look=1)
    sources = [Source("demos", data, rows=np.array([1]))]
    measure = step_seconds(backbone, fit_scaling(data, CONFIG.horizon), step, sources, "act", "cpu")
    taken: list[bool] = []
    real = Learner.step
    monkeypatch.setattr(Learner, "step", lambda self, *rest: (taken.append(self.bf16), real(self, *rest))[1])
    assert measure(False, math.inf) > 0
    assert measure(True, 0.0) > 0
    assert taken == [False] * 4 + [True] * 2, "one of each is not counted"
