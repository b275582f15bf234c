import importlib

import pytest

NAMES = (
    "tick", "latency", "startup", "rollback", "recording", "reading", "reference", "rollouts", "timeline", "headset",
    "kill", "damage", "soak",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_explains_itself_and_has_a_quick_mode(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        importlib.import_module(f"benchmarks.{name}").main(["--help"])
    assert left.value.code == 0
    out = capsys.readouterr().out
    assert f"python -m benchmarks.{name}" in out
    assert "--quick" in out


@pytest.mark.parametrize("name", NAMES)
def test_wrong_use_is_exit_code_2(name: str) -> None:
    with pytest.raises(SystemExit) as left:
        importlib.import_module(f"benchmarks.{name}").main(["--no-such-option"])
    assert left.value.code == 2


@pytest.mark.parametrize("name", ["tick", "rollback", "recording", "reading", "timeline"])
def test_weights_that_are_not_there_are_one_line_of_words(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    assert module.main(["--quick", "--world-weights", "nowhere/at-all.safetensors"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "nowhere/at-all.safetensors" in err
