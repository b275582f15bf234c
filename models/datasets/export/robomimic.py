"""Demonstrations of robomimic: one HDF5 file with data/demo_<k> and mask/<name>.

HDF5 does not survive a kill while it is written, so each episode is a separate file until all are there.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from core.store.columns import sync_file
from models.datasets.export.codec import CODECS
from models.datasets.export.hdf5_file import file_in_memory, require_room
from models.datasets.export.options import OUTCOMES
from models.datasets.export.plan import Plan
from models.datasets.export.rows import COLUMNS, Rows, Tick
from models.datasets.export.target import PARTS

NAME: Final = "image.hdf5"
RENAMED: Final = {
    "action": "actions",
    "action_policy": "actions_policy",
    "action_mode": "action_modes",
    "intv_label": "intv_labels",
    "done": "dones",
}
"""Columns that robomimic or Sirius call otherwise; state is an observation."""
STATE: Final = "ee_state"
_GYM: Final = 2
"""robomimic's EnvType for an environment that it does not know; it cannot run rollouts there."""


class RobomimicWriter:
    """See models.datasets.export.run.Writer."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan, self._folder, self._parts = plan, folder, folder / PARTS

    def write(self, number: int, start: int, rows: Rows, tick: Tick) -> None:
        """See Writer."""
        self._parts.mkdir(exist_ok=True)
        path = self._part(number)
        with file_in_memory(path) as file:
            demo = file.create_group("demo")
            demo.attrs["num_samples"] = len(rows)
            demo.attrs["lineage"] = json.dumps(rows.episode.lineage)
            for column in COLUMNS:
                if column.name != "state":
                    demo[RENAMED.get(column.name, column.name)] = rows.columns[column.name]
            demo["states"] = rows.columns["state"]
            demo["rewards"] = rows.columns["success"].astype(np.float32)
            demo[f"obs/{STATE}"] = rows.columns["state"]
            self._pictures(demo["obs"], rows, tick, last=False)
            if self._plan.options.next_obs:
                following = demo.create_group("next_obs")
                following[STATE] = rows.states[1:]
                self._pictures(following, rows, tick, last=True)

    def _pictures(self, group: h5py.Group, rows: Rows, tick: Tick, last: bool) -> None:
        for camera, height, width in self._plan.shape.cameras:
            shape = (height, width, 3)
            stored = group.create_dataset(
                f"{camera}_image", (len(rows), *shape), "uint8", chunks=(1, *shape), compression="gzip",
                compression_opts=1,
            )  # fmt: skip
            for place, picture in enumerate(rows.frames(camera, last)):
                stored[place] = picture
                tick()

    def finish(self) -> None:
        """See Writer."""
        path = self._folder / NAME
        require_room(self._folder, sum(self._part(n).stat().st_size for n in range(len(self._plan.episodes))))
        with h5py.File(path, "w") as file:
            data = file.create_group("data")
            for number in range(len(self._plan.episodes)):
                with h5py.File(self._part(number), "r") as part:
                    part.copy("demo", data, name=f"demo_{number}")
            data.attrs["total"] = self._plan.steps
            data.attrs["env_args"] = json.dumps(
                {"env_name": self._plan.task, "type": _GYM, "env_kwargs": {"fps": self._plan.shape.fps}}
            )
            data.attrs["action_codec"] = CODECS[self._plan.options.codec]
            for name, demos in self._masks():
                file[f"mask/{name}"] = np.array(demos, dtype="S")
        sync_file(path)

    def _masks(self) -> Iterator[tuple[str, list[str]]]:
        """Named subsets, those that hold something: by outcome, and by whether the operator drove in it."""
        lineages = [episode.lineage for episode in self._plan.episodes]
        chosen: dict[str, list[Any]] = {
            outcome: [one["outcome"] == outcome for one in lineages] for outcome in OUTCOMES
        }
        chosen["intervention"] = [one["interventions"] > 0 for one in lineages]
        chosen["autonomous"] = [one["interventions"] == 0 for one in lineages]
        for name, inside in chosen.items():
            if any(inside):
                yield name, [f"demo_{number}" for number in np.flatnonzero(inside)]

    def _part(self, number: int) -> Path:
        return self._parts / f"demo-{number:06d}.hdf5"
