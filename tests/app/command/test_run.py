import argparse
from pathlib import Path

import pytest

from app.command.demo import PICTURES
from app.command.run import add_arguments, config_of, run
from app.opening.config import Config
from app.opening.scene_book import FIRST_SEED
from core.state_cache import DEFAULT_LIMIT


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_the_options_describe_what_to_open() -> None:
    config = config_of(parse("--world", "toy", "--seed", "7", "--speed", "0.5", "--size", "1280x800", "--no-recording"))
    assert (config.world, config.seed, config.speed, config.size, config.sessions) == ("toy", 7, 0.5, (1280, 800), None)


def test_memory_is_given_in_megabytes() -> None:
    assert config_of(parse("--memory", "256")).memory == 256 << 20
    assert config_of(parse()).memory == DEFAULT_LIMIT


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--seed", "-1"), ("--seed", "four"), ("--seed", str(FIRST_SEED)), ("--speed", "nan"), ("--speed", "100"),
        ("--speed", "fast"), ("--size", "10x10"), ("--size", "large"), ("--memory", "1"),
        ("--memory", "much"), ("--memory", "1.5"),
    ],
)  # fmt: skip
def test_what_is_out_of_range_is_wrong_use_and_named(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        parse(f"{option}={value}")
    assert left.value.code == 2
    assert repr(value) in capsys.readouterr().err


@pytest.mark.parametrize(("words", "folder"), [((), PICTURES / "sessions"), (("--sessions", "mine"), Path("mine"))])
def test_without_a_screen_the_demo_records_where_the_user_said(
    words: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[Config] = []
    monkeypatch.setattr("app.command.run.has_screen", lambda: False)
    monkeypatch.setattr("app.command.demo.play_demo", lambda config, *_, **__: played.append(config) or 0)
    assert run(parse(*words)) == 0
    assert [config.sessions for config in played] == [folder]
    assert config_of(parse(*words)).sessions == (Path("mine") if words else Path("sessions"))
