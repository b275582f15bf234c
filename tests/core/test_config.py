from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import config
from core.control import ControlConfig
from core.errors import BadConfig


@dataclass(frozen=True, slots=True)
class Inner:
    mode: Literal["hold", "toggle"] = "hold"
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Outer:
    name: str
    speed: float = 1.0
    on: bool = False
    count: int = 3
    folder: Path | None = None
    inner: Inner = field(default_factory=Inner)
    control: ControlConfig = field(default_factory=ControlConfig)
    sides: Mapping[str, str] = field(default_factory=dict)


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
finite = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.builds(
        Outer,
        name=text,
        speed=finite,
        on=st.booleans(),
        count=st.integers(-(2**63), 2**63 - 1),
        folder=st.none() | st.just(Path("a b") / 'c"d'),
        inner=st.builds(Inner, size=st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9))),
        control=st.builds(ControlConfig, scale=finite),
        sides=st.dictionaries(text, text, max_size=3),
    )
)
def test_what_is_written_is_read_back(value: Outer) -> None:
    assert config.loads(Outer, config.dumps(value)) == value


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("", "the setting 'name' is missing; it is text"),
        ("name = 3", "'name' is 3; it should be text"),
        ('name = "x"\nsped = 2.0', "no setting 'sped'. Did you mean 'speed'?"),
        ('name = "x"\nspeed = nan', "'speed' is nan; it should be a finite number"),
        ('name = "x"\non = 1', "'on' is 1; it should be true or false"),
        ('name = "x"\n[inner]\nmode = "click"', "'inner.mode' is 'click'; it should be one of 'hold', 'toggle'"),
        ('name = "x"\n[inner]\nsize = [1]', "'inner.size' is [1]; it should be a list of a whole number, 2 long"),
        ('name = "x"\n[control]\nscale = "big"', "'control.scale' is 'big'; it should be a finite number"),
        ('name = "x"\n[sides]\na = 1', "'sides.a' is 1; it should be text"),
        ("name = ", "is not TOML"),
    ],
)
def test_an_error_names_the_key_and_the_fix(toml: str, words: str) -> None:
    with pytest.raises(BadConfig) as caught:
        config.loads(Outer, toml, "studio.toml")
    assert words in str(caught.value)
    assert str(caught.value).startswith("studio.toml")


def test_a_whole_number_will_do_for_a_float_but_not_the_other_way_round() -> None:
    assert config.loads(Outer, 'name = "x"\nspeed = 2').speed == 2.0
    with pytest.raises(BadConfig, match="whole number"):
        config.loads(Outer, 'name = "x"\ncount = 2.0')


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "studio.toml"
    config.save(Outer("a"), path)
    config.save(Outer("b", folder=tmp_path), path)
    assert config.load(Outer, path) == Outer("b", folder=tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["studio.toml"]
    with pytest.raises(BadConfig, match="cannot be read"):
        config.load(Outer, tmp_path / "missing.toml")


def test_what_is_not_finite_is_never_written() -> None:
    with pytest.raises(BadConfig, match="cannot be a setting"):
        config.dumps(Outer("a", speed=float("inf")))
