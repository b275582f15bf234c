"""Ways in which a session folder comes to harm, by accident or by intent; each is one function of folder and chance."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.journal import Record, framed
from core.store import small_tables as table
from core.store.columns import compressed
from core.store.root import sealed

Harm = Callable[[Path, random.Random], None]
HUGE: tuple[Any, ...] = (2**50, -1, 2**63, 0.5, "many", None, [], {}, [[1]], True, "../../x", float("nan"))


def files_of(folder: Path) -> list[Path]:
    """Regular files of a session, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _file(folder: Path, chance: random.Random) -> Path:
    return chance.choice([path for path in files_of(folder) if path.stat().st_size])


def cut(folder: Path, chance: random.Random) -> None:
    """Cut a file at a boundary of its structure."""
    path = _file(folder, chance)
    size = path.stat().st_size
    ends = [0, 1, 8, 16, 28, size // 2, size - 1, size - 16, size - 1024, 4096, 64 * 14 * 4]
    os.truncate(path, chance.choice([end for end in ends if 0 <= end < size]))


def flip(folder: Path, chance: random.Random) -> None:
    """Turn some bits of a file."""
    path = _file(folder, chance)
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 1, 1, 8))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def swap(folder: Path, chance: random.Random) -> None:
    """Swap two files of one kind."""
    path = _file(folder, chance)
    others = [other for other in files_of(folder) if other != path and other.suffix == path.suffix]
    other = chance.choice(others or [path])
    one, two = path.read_bytes(), other.read_bytes()
    path.write_bytes(two)
    other.write_bytes(one)


def blank(folder: Path, chance: random.Random) -> None:
    """Zeros where a disk lost a piece."""
    path = _file(folder, chance)
    data = bytearray(path.read_bytes())
    start = chance.randrange(len(data))
    stop = min(len(data), start + chance.choice((16, 512, 4096)))
    data[start:stop] = bytes(stop - start)
    path.write_bytes(data)


def remove(folder: Path, chance: random.Random) -> None:
    """A file or a folder is gone."""
    path = chance.choice(sorted(folder.rglob("*")))
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def grow(folder: Path, chance: random.Random) -> None:
    """A file is longer than it was: a little, or 40 GB of nothing."""
    path = _file(folder, chance)
    os.truncate(path, path.stat().st_size + chance.choice((1, 1024, 40 << 30)))


def special(folder: Path, chance: random.Random) -> None:
    """A link, a pipe or a folder where a file was, a link where a folder was."""
    path = chance.choice(sorted(folder.rglob("*")))
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    kind = chance.choice(("zero", "self", "out", "pipe", "folder", "dangling"))
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to({"zero": "/dev/zero", "self": path.name, "out": "/etc", "dangling": "nowhere"}[kind])


def root(folder: Path, chance: random.Random) -> None:
    """Another value in the root, sealed as if this program had written it."""
    values = _root(folder)
    place: Any = values
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = chance.choice(keys)
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.3:
            break
        place = inner
    if isinstance(place, dict) and chance.random() < 0.2:
        del place[key]
    else:
        place[key] = chance.choice(HUGE)
    _put_root(folder, values)


def deep(folder: Path, chance: random.Random) -> None:
    """A JSON file that is nested 100,000 deep, or no object."""
    path = chance.choice(sorted(folder.rglob("zarr.json")))
    path.write_text(chance.choice(("[" * 100_000, '{"a":' * 100_000, "[1, 2, 3]", "7", '{"attributes": []}')))


def array(folder: Path, chance: random.Random) -> None:
    """Another value in the zarr.json of an array."""
    path = chance.choice([p for p in sorted(folder.rglob("zarr.json")) if p.parent != folder])
    values = json.loads(path.read_text())
    values[chance.choice(list(values))] = chance.choice(HUGE)
    path.write_text(json.dumps(values))


def tree(folder: Path, chance: random.Random) -> None:
    """A number of a branch that makes a cycle, leads nowhere or is absurd."""
    name = chance.choice(("parent", "fork_step", "length", "episode"))
    column = next(column for column in table.BRANCHES if column.name == name)
    if not (folder / "branches" / name / "c.0").exists():
        return
    cells = table.read_chunk(folder / "branches", column, 0)
    place = chance.randrange(4)
    before = cells[place]
    cells[place] = chance.choice([v for v in (2, 3, 2**50, -5, 10**9, place) if v != before])
    table.write_chunk(folder / "branches", column, 0, cells)


def labels(folder: Path, chance: random.Random) -> None:
    """A chunk of labels that decodes to something else than it should."""
    name = chance.choice([n for n in table.TABLES if (folder / n).is_dir()] or ["branches"])
    found = sorted((folder / name).glob("*/c.0"))
    if found:
        texts = (
            b"\x01\0\0\0\x02\0\0\0ab",
            b"\xff\xff\xff\xff",
            bytes(2048),
            b"",
            b"[" * 100_000,
            b"\0\x01\0\0" + bytes(1024),
        )
        frame = bytes.fromhex("28b52ffde0") + (2**50).to_bytes(8, "little") + bytes(20)
        chance.choice(found).write_bytes(chance.choice([*map(compressed, texts), frame]))


def index(folder: Path, chance: random.Random) -> None:
    """A shard whose index points anywhere."""
    found = [path for path in files_of(folder) if path.parts[-3] == "frames" and path.stat().st_size > 2048]
    if found:
        path = chance.choice(found)
        data = bytearray(path.read_bytes())
        at = len(data) - 16 * chance.randint(1, 32)
        data[at : at + 8] = chance.choice((2**63, 2**50, len(data), 2**64 - 2)).to_bytes(8, "little")
        path.write_bytes(data)


def journal(folder: Path, chance: random.Random) -> None:
    """Records that fit their checksums and say what cannot be."""
    found = sorted((folder / "journal").glob("*.journal"))
    if not found:
        (folder / "journal").mkdir(exist_ok=True)
        found = [folder / "journal/00000900.journal"]
        found[0].write_bytes(b"HIWMJRNL\x01\0" + bytes(6))
    payload = chance.choice(
        (b"", b"{}", b"[]", b"7", b"[" * 100_000, bytes(200), b'{"id": 1, "parent": 1}', b"\xff" * 40)
    )
    with open(found[-1], "ab") as file:
        file.write(framed(Record(chance.randrange(0, 14), payload)))


ACCIDENTS: dict[str, Harm] = {
    "cut": cut, "flip": flip, "swap": swap, "blank": blank, "remove": remove, "grow": grow,
}  # fmt: skip
"""After these the content must come back as it was, or the damage must be reported."""
ATTACKS: dict[str, Harm] = {
    "special": special, "root": root, "deep": deep, "array": array, "tree": tree, "labels": labels, "index": index,
    "journal": journal,
}  # fmt: skip
"""After "root" and "journal" the content may be another one: an attacker who can write checksums can write anything."""
FORGED = frozenset({"root", "journal"})


def _root(folder: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((folder / "zarr.json").read_text())["attributes"]
    values.pop("seal", None)
    return values


def _put_root(folder: Path, values: dict[str, Any]) -> None:
    for path, attributes in (("zarr.json", sealed(values)), ("checks/zarr.json", {"root": sealed(values)})):
        text = json.dumps({"zarr_format": 3, "node_type": "group", "attributes": attributes})
        (folder / path).write_text(text)
