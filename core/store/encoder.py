"""Encodes what a session emits as records. Counts what was encoded, which may be ahead of what is on disk."""

import hashlib
import json
import time
from collections import OrderedDict
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.branch_tree import Branch, Head
from core.errors import BadStore
from core.history import Change
from core.journal import Record
from core.recording import SessionInfo, StateCodec
from core.step import Node, Step, StoredNode
from core.store.columns import compressed
from core.store.layout import ABSENT, NODE, PARTS, Field, Layout, Part, Tables, delta_row
from core.store.node_row import write_values
from core.store.records import Kind, behind_json, json_record, node_payload
from core.store.serialization import branch_to_dict, change_to_dict, info_to_dict, verb_to_dict
from core.store.session_index import Contents
from core.verbs import SetDevice, SetFreezeOnIdle, SetSpeed, Verb
from core.world import PackedState

_REMEMBERED = 16
"""Shared arrays whose hash is remembered by identity; a world shares the same object over an episode."""


class Encoder:
    """One per opened store; used by one thread."""

    def __init__(self, contents: Contents) -> None:
        self._tables: Tables = contents.tables.copy()
        self._layouts = {(layout.part, layout.fields): layout for layout in self._tables.layouts}
        self._sets = {json.dumps(names): number for number, names in enumerate(self._tables.shared_sets)}
        self._hashes = {digest for names in self._tables.shared_sets for digest in names.values()}
        self._seen: OrderedDict[int, tuple[NDArray[Any], str]] = OrderedDict()
        self._codec: StateCodec | None = None
        self._before: list[Record] = []
        """What the next node refers to; kept where encoding it failed."""
        self.rows = contents.nodes
        """Nodes that were encoded."""
        self._verbs = contents.verb_count
        self._edits = len(contents.edits)

    def begin(self, info: SessionInfo, codec: StateCodec, wall_time: float) -> list[Record]:
        """Who makes what follows."""
        self._codec = codec
        self._tables.cameras[:] = [(camera.name, camera.height, camera.width) for camera in info.world.cameras]
        return [json_record(Kind.BEGIN, {"info": info_to_dict(info), "wall_time": wall_time})]

    def episode(self, branch: Branch, start: Node) -> list[Record]:
        """A trunk and its node 0."""
        payload = self._node(start, branch.id, 0, _fixed_of_start())
        return self._sent(behind_json(Kind.EPISODE, branch_to_dict(replace(branch, length=0)), payload))

    def branch(self, branch: Branch) -> list[Record]:
        """A branch, new or with new labels."""
        return [json_record(Kind.BRANCH, branch_to_dict(branch))]

    def step(self, step: Step) -> list[Record]:
        """One step and the node that it led to."""
        fixed = np.zeros(1, NODE)
        fixed["device"] = self._device(step.device)
        fixed["wall_time"] = step.wall_time
        fixed["action_policy"] = step.action_policy
        fixed["delta"] = delta_row(step.delta)
        payload = self._node(step.node, step.branch, step.index + 1, fixed)
        return self._sent(Record(Kind.NODE, payload))

    def moved(self, head: Head) -> list[Record]:
        """The head moved without a step."""
        return [json_record(Kind.HEAD, {"branch": head.branch, "index": head.index})]

    def verb(self, verb: Verb, wall_time: float) -> list[Record]:
        """A verb was carried out."""
        values = {
            "number": self._verbs,
            "wall_time": wall_time,
            "nodes": self.rows,
            "text": json.dumps(verb_to_dict(verb)),
            "settings": _settings(verb),
        }
        self._verbs += 1
        return [json_record(Kind.VERB, values)]

    def edited(self, change: Change) -> list[Record]:
        """The history changed."""
        self._edits += 1
        return [json_record(Kind.EDIT, {"number": self._edits - 1, "edit": change_to_dict(change)})]

    def _node(self, node: Node, branch: int, index: int, fixed: NDArray[Any]) -> bytes:
        """The payload of a node; what must be recorded before it waits in ``_before``."""
        if self._codec is None:
            raise BadStore("A session told a step before it said who makes its steps; call begin() first.")
        stored = self._codec.pack(node)
        fixed["branch"], fixed["index"] = branch, index
        write_values(fixed, node)
        values = self._frames(stored)
        for place, (part, state) in enumerate(zip(PARTS, (stored.world, stored.policy, stored.control), strict=True)):
            layout = self._layout(part, state)
            fixed["layout"][0, place] = layout.id
            fixed["shared"][0, place] = self._shared_set(state)
            for entry, column in layout.columns():
                data = np.ascontiguousarray(state.arrays[entry.name]).tobytes()
                values[column.path] = compressed(data) if column.big else data
        payload = node_payload(self.rows, fixed, values, self._tables)
        self.rows += 1
        return payload

    def _sent(self, record: Record) -> list[Record]:
        """The record behind everything that it refers to."""
        records, self._before = [*self._before, record], []
        return records

    def _frames(self, stored: StoredNode) -> dict[str, bytes]:
        values = {}
        for camera, column in self._tables.frame_columns():
            frame = stored.observation.frames.get(camera)
            if frame is None or frame.shape != column.shape or frame.dtype != np.uint8:
                found = "missing" if frame is None else f"{frame.shape} {frame.dtype}"
                raise BadStore(f"The picture of camera {camera!r} is {found}; this session keeps {column.shape} uint8.")
            data = np.ascontiguousarray(frame).tobytes()
            values[column.path] = compressed(data) if column.big else data
        return values

    def _device(self, name: str) -> int:
        if name not in self._tables.devices:
            self._tables.devices.append(name)
            self._before.append(json_record(Kind.DEVICE, {"id": len(self._tables.devices) - 1, "name": name}))
        return self._tables.devices.index(name)

    def _layout(self, part: Part, state: PackedState) -> Layout:
        fields = tuple(Field.of(name, array) for name, array in state.arrays.items())
        layout = self._layouts.get((part, fields))
        if layout is None:
            layout = Layout(len(self._tables.layouts), part, fields)
            self._layouts[part, fields] = layout
            self._tables.layouts.append(layout)
            self._before.append(json_record(Kind.LAYOUT, layout.to_dict()))
        return layout

    def _shared_set(self, state: PackedState) -> int:
        if not state.shared:
            return ABSENT
        names = {name: self._hash(name, array) for name, array in state.shared.items()}
        key = json.dumps(names)
        if key not in self._sets:
            self._sets[key] = len(self._tables.shared_sets)
            self._tables.shared_sets.append(names)
            self._before.append(json_record(Kind.SHARED_SET, {"id": self._sets[key], "arrays": names}))
        return self._sets[key]

    def _hash(self, name: str, array: NDArray[Any]) -> str:
        """The content hash of a shared array, which is recorded where it is new."""
        seen = self._seen.get(id(array))
        if seen is not None and seen[0] is array:
            return seen[1]
        entry = Field.of(name, array)
        data = np.ascontiguousarray(array).tobytes()
        digest = digest_of(entry, data)
        if not array.flags.writeable:  # only what cannot change may be recognised by identity
            self._seen[id(array)] = array, digest
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        if digest not in self._hashes:
            self._hashes.add(digest)
            values = {"hash": digest, "dtype": entry.dtype, "shape": list(entry.shape)}
            self._before.append(behind_json(Kind.SHARED, values, compressed(data)))
        return digest


def digest_of(field: Field, data: bytes) -> str:
    """The name of a shared array: a hash of what it holds."""
    return hashlib.sha256(f"{field.dtype}{field.shape}".encode() + data).hexdigest()[:32]


def _fixed_of_start() -> NDArray[Any]:
    """The fixed numbers of a node that no step led to."""
    fixed = np.zeros(1, NODE)
    fixed["action_policy"] = np.nan
    fixed["wall_time"] = time.time()
    return fixed


def _settings(verb: Verb) -> dict[str, Any]:
    match verb:
        case SetSpeed(speed):
            return {"speed": speed}
        case SetFreezeOnIdle(on):
            return {"freeze_on_idle": on}
        case SetDevice(name):
            return {"device": name}
        case _:
            return {}
