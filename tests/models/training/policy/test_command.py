"""Options of `main.py train policy`."""

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import BadConfig
from models.training.policy import command
from models.training.policy.train import TrainConfig
from tests.models.training.policy.recorded import write


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., TrainConfig]:
    """From typed options to the configuration that would be trained."""
    monkeypatch.setattr(command, "set_info", lambda folders: _Info())
    write(tmp_path / "demos")

    def parse(*typed: str) -> TrainConfig:
        found: list[TrainConfig] = []
        monkeypatch.setattr(command, "train", lambda config, say, typed: found.append(config) or tmp_path)
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        assert command.run(parser.parse_args(["--data", str(tmp_path / "demos"), *typed])) == 0
        return found[0]

    return parse


class _Info:
    task = "push_t"

    def __init__(self) -> None:
        from core.workcell import shipped_workcell

        self.workcell = shipped_workcell()


def test_each_kind_has_its_backbone_and_its_noise_levels(configured: Callable[..., TrainConfig]) -> None:
    diffusion, flow = configured(), configured("--kind", "flow")
    assert (diffusion.backbone.kind, diffusion.step.chunks_per_look) == ("diffusion", 4)
    assert (flow.backbone.kind, flow.step.chunks_per_look) == ("flow", 2)
    assert configured("--kind", "flow", "--chunks-per-look", "3").step.chunks_per_look == 3
    assert configured("--prediction", "epsilon").backbone.config.prediction == "epsilon"


def test_precision_is_measured_unless_named(configured: Callable[..., TrainConfig]) -> None:
    assert configured().precision == "auto"
    assert configured("--precision", "bf16").precision == "bf16"
    assert configured("--float32").precision == "float32"
    assert TrainConfig().precision == "float32"


def test_patience_is_off_unless_named(configured: Callable[..., TrainConfig]) -> None:
    assert configured().patience is None
    assert configured("--patience", "5").patience == 5


def test_options_that_do_not_go_together_are_refused(configured: Callable[..., TrainConfig]) -> None:
    with pytest.raises(BadConfig, match="--pose-data serve the pose loss only"):
        configured("--pose-data", "somewhere", "--pose-loss", "0")
    with pytest.raises(BadConfig, match="--prediction is an option of --kind diffusion; a flow policy has none"):
        configured("--kind", "flow", "--prediction", "sample")
