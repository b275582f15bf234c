import subprocess
import sys
from pathlib import Path

import pytest

import main
from core.errors import BadConfig

ROOT = Path(__file__).parents[1]


def heavy_after(code: str) -> set[str]:
    """Which of the large packages some code imports, in a separate process."""
    names = {"numpy", "PyQt6", "torch", "zarr", "mujoco", "OpenGL"}
    probe = f"{code}\nimport sys; print('HEAVY', *{names} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.strip().splitlines()[-1].split()[1:])


def test_help_lists_every_command_and_imports_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in main.COMMANDS)
    assert not heavy_after("import main; main.main(['--help'])")


@pytest.mark.parametrize("name", list(main.COMMANDS))
def test_every_command_has_help(name: str) -> None:
    with pytest.raises(SystemExit) as left:
        main.main([*name.split(), "--help"])
    assert left.value.code == 0


def test_wrong_use_is_two_and_suggests(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["dmo"]) == 2
    assert "'demo'" in capsys.readouterr().err


def test_words_choose_the_longest_command() -> None:
    assert main.chosen(["demo", "--json"]) == ("demo", ["--json"])
    assert main.chosen([]) == ("run", [])
    assert main.chosen(["--seed", "3"]) == ("run", ["--seed", "3"])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BadConfig("The seed is odd.\nUse an even one."), "The seed is odd. Use an even one."),
        (ValueError("odd"), "unexpected ValueError: odd"),
        (PermissionError(13, "Permission denied", "/x"), "/x cannot be used: Permission denied. Check its permissions"),
        (OSError(28, "No space left on device"), "No space left on device. Make room there"),
    ],
)
def test_failures_are_one_line_and_exit_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, words: str
) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr("app.command.run.run", fail)
    assert main.main(["run"]) == 1
    text = capsys.readouterr().err
    assert words in text
    assert text.count("\n") == 1


def test_importing_app_and_models_needs_no_torch_and_no_simulator() -> None:
    assert not heavy_after("import app, models") & {"torch", "mujoco", "OpenGL"}
    modules = "app.studio.table, app.opening.loading, app.command.run"
    assert not heavy_after(f"import {modules}") & {"torch", "mujoco", "OpenGL"}
