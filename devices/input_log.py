"""Raw samples as lines of JSON, and back, bit for bit: a file that a text editor can read.

The first line names the format and the devices; every other line is one reading of one device.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TextIO

import numpy as np

from core.errors import BadStore
from core.reading import ArmReading, DeviceReading
from devices.discovery import Discovered

FORMAT: Final = "hi-wm-readings"
VERSION: Final = 1
_ARRAYS: Final = ("position", "orientation", "linear", "angular")


@dataclass(frozen=True, slots=True, eq=False)
class InputLog:
    """A file that was read."""

    devices: tuple[Discovered, ...]
    samples: tuple[tuple[str, DeviceReading], ...]
    """(device key, reading) in the order in which they came."""

    @property
    def seconds(self) -> float:
        """From the first sample to the last one."""
        times = [reading.time for _, reading in self.samples]
        return max(times) - min(times) if times else 0.0


class InputLogWriter:
    """Writes a file while the samples come."""

    def __init__(self, out: TextIO, devices: Iterable[Discovered]) -> None:
        self._out = out
        self._seen: dict[str, tuple[int, float]] = {}
        self.count = 0
        """Samples that were written."""
        head = {"format": FORMAT, "version": VERSION, "devices": [_plain(found) for found in devices]}
        self._line(head)

    def see(self, readings: Mapping[str, DeviceReading | None]) -> None:
        """Write the readings that are new."""
        for key, reading in readings.items():
            if reading is None or self._seen.get(key) == (reading.epoch, reading.time):
                continue
            self._seen[key] = reading.epoch, reading.time
            self._line({"key": key, **reading_to_dict(reading)})
            self.count += 1

    def _line(self, values: Mapping[str, Any]) -> None:
        self._out.write(json.dumps(values) + "\n")


def read_tape(path: Path) -> InputLog:
    """A file of raw samples.

    Raises:
        BadStore: it cannot be read, or is no such file; the line is named.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            return InputLog(*_parsed(lines, path))
    except (OSError, UnicodeDecodeError) as error:
        raise BadStore(f"The recording {path} cannot be read: {error}.") from error


def _parsed(lines: Iterator[str], path: Path) -> tuple[tuple[Discovered, ...], tuple[tuple[str, DeviceReading], ...]]:
    samples: list[tuple[str, DeviceReading]] = []
    devices: tuple[Discovered, ...] = ()
    number = 0
    for number, line in enumerate(lines, 1):
        try:
            values = json.loads(line)
            if number == 1:
                if values["format"] != FORMAT or values["version"] > VERSION:
                    raise ValueError(f"it is {values['format']} version {values['version']}")
                devices = tuple(Discovered(**one) for one in values["devices"])
            else:
                samples.append((values.pop("key"), reading_from_dict(values)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadStore(f"Line {number} of {path} is no raw sample ({error}). Record it again.") from error
    if number == 0:
        raise BadStore(f"{path} is empty. Record it again with `main.py devices record {path}`.")
    return devices, tuple(samples)


def reading_to_dict(reading: DeviceReading) -> dict[str, Any]:
    """Plain values of a reading; numbers that are not finite are text."""
    values = {name: getattr(reading, name) for name in ("device", "kind", "time", "epoch")}
    values["presses"] = dict(reading.presses)
    for side in ("left", "right"):
        if (hand := getattr(reading, side)) is not None:
            values[side] = {field.name: _json(getattr(hand, field.name)) for field in fields(ArmReading)}
    return values


def reading_from_dict(values: Mapping[str, Any]) -> DeviceReading:
    """The inverse of reading_to_dict, bit for bit."""
    hands = {side: _hand(values[side]) for side in ("left", "right") if side in values}
    return DeviceReading(
        values["device"], values["kind"], values["time"], values["epoch"],
        presses=MappingProxyType(dict(values["presses"])), **hands,
    )  # fmt: skip


def _hand(values: Mapping[str, Any]) -> ArmReading:
    arrays = {name: np.array([float(x) for x in values[name]]) for name in _ARRAYS if values[name] is not None}
    gripper = values["gripper"]
    return ArmReading(
        **arrays, gripper=None if gripper is None else float(gripper), gripper_rate=float(values["gripper_rate"]),
        clutch=bool(values["clutch"]), valid=bool(values["valid"]),
    )  # fmt: skip


def _json(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_json(float(x)) for x in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _plain(found: Discovered) -> dict[str, Any]:
    return {field.name: getattr(found, field.name) for field in fields(found)}
