"""The program that benchmarks.damage feeds damaged sessions: every tool that reads one, under a limit of memory."""

import contextlib
import hashlib
import io
import json
import os
import resource
import shutil
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import h5py
import numpy as np

import main
from app.opening.config import Config
from app.opening.session_folder import made_by, recorded_branches, settings_of
from app.review.loader import load
from benchmarks.kill_program import crc_of, labels_of
from core.errors import StudioError
from core.recorder import Recorder
from core.store import small_tables as table
from core.store.archive import open_archive

MEMORY: int = 500 << 20
"""Bytes that the tools may take above what the program has when it begins."""
BAD, GOOD = "bad", "good"
"""Names of the damaged session and of a whole one beside it."""


def serve(pipe: Connection) -> None:
    """Answer with what went wrong in a folder, until the other end is closed; None is the request to end."""
    if hasattr(resource, "RLIMIT_AS"):
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    os.fsync = lambda fd: None  # no power cut happens here, and the disk is not what is measured
    pipe.send("ready")
    while (request := pipe.recv()) is not None:
        folder, whole, forged = request
        try:
            pipe.send(tried(folder, whole, forged))
        except Exception:
            pipe.send({"crashes": [traceback.format_exc()], "wrong": [], "mended": False})


def tried(folder: Path, whole: dict[str, Any], forged: bool) -> dict[str, Any]:
    """Every tool on the session "bad" in a folder: what crashed, and what passed as whole although it is not."""
    found = _Found(folder / BAD, whole, forged)
    code, out, _ = found.command("verify", "--json", str(folder))
    ok = {Path(s["folder"]).name: s["ok"] for s in json.loads(out)["sessions"]} if out.startswith("{") else {}
    if not ok.get(GOOD, False):
        found.crashes.append(f"verify hides the good session: {code} {out[:200]}")
    if ok.get(BAD, False):
        found.compare("verify", content)
    code, out, _ = found.command("sessions", "--json", str(folder))
    listed = {Path(s["folder"]).name: s["broken"] for s in json.loads(out)} if out.startswith("[") else {}
    if listed.get(GOOD, "missing") is not None:
        found.crashes.append(f"sessions hides the good session: {code} {out[:200]}")
    found.attempt("review", lambda: load(folder / BAD))
    out_folder = folder / "export"
    words = ["export", str(folder / BAD), "--format", "robomimic", "--review", "any", "--out", str(out_folder)]
    if found.command(*words)[0] == 0:
        found.compare("export", lambda _: exported(out_folder))
    shutil.copytree(folder / BAD, folder / "driven", symlinks=True, copy_function=_copied)
    found.attempt("run --session", lambda: opened(folder / "driven"))
    code, _, _ = found.command("repair", "--json", str(folder / BAD))
    return {"crashes": found.crashes, "wrong": found.wrong, "mended": code == 0}


class _Found:
    """What is wrong with the tools."""

    def __init__(self, session: Path, whole: dict[str, Any], forged: bool) -> None:
        self._session, self._whole, self._forged = session, whole, forged
        self.crashes: list[str] = []
        self.wrong: list[str] = []

    def command(self, *words: str) -> tuple[int, str, str]:
        """One command line: exit code, output, errors; anything but words is a crash."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main.main(list(words))
        text = out.getvalue() + err.getvalue()
        if "unexpected" in err.getvalue() or "than the memory" in text or "Errno" in text:
            self.crashes.append(f"{words[0]}: {text[-400:]}")
        return code, out.getvalue(), err.getvalue()

    def attempt(self, name: str, work: Any) -> None:
        """One thing that ends well or with words."""
        try:
            work()
        except StudioError as error:
            if "Error" in str(error) or "than the memory" in str(error):
                self.crashes.append(f"{name}: {error}")
        except Exception:
            self.crashes.append(f"{name}: {traceback.format_exc()[-800:]}")

    def compare(self, name: str, read: Any) -> None:
        """What passed as whole must be what was recorded, but for what was forged with its checksums."""
        if self._forged:
            return
        try:
            differs = differences(self._whole[name], read(self._session))
        except Exception:
            differs = traceback.format_exc()[-600:]
        if differs:
            self.wrong.append(f"{name}: {differs}")


def _amount(content: dict[str, Any]) -> tuple[int, int]:
    """Steps and verbs of a session."""
    return content["steps"], len(content.get("verbs", ()))


def differences(whole: dict[str, Any], found: dict[str, Any]) -> str:
    """In what two contents differ; "" where they do not.

    A journal that was cut between two records is what a kill leaves: it holds a prefix of what was done.
    """
    if found.get("unclosed") and _amount(found) < _amount(whole):
        nodes, verbs, left = whole["nodes"], whole.get("verbs", []), found.get("verbs", [])
        if any(nodes.get(key) != value for key, value in found["nodes"].items()):
            return "nodes"
        return "" if left == verbs[: len(left)] else "verbs"
    return ", ".join(sorted(key for key in whole if whole[key] != found.get(key)))


def content(folder: Path) -> dict[str, Any]:
    """Everything that a session holds, as numbers."""
    archive = open_archive(folder)
    nodes = {}
    for branch in archive.tree().branches.values():
        first = 0 if branch.parent is None else branch.fork_step + 1
        columns = [archive.column(name, branch.id) for name in ("action", "delta", "trust", "wall_time", "device")]
        for place, index in enumerate(range(first, branch.length + 1)):
            numbers = b"".join(np.ascontiguousarray(column[place]).tobytes() for column in columns)
            nodes[branch.id, index] = crc_of(archive.node(branch.id, index)), hashlib.sha1(numbers).hexdigest()
    contents = archive._contents
    verbs = table.read_verbs(folder / "verbs", contents.verbs_from) if contents.verbs_from else []
    return {
        "nodes": nodes,
        "steps": archive.steps,
        "labels": [labels_of(branch) for branch in archive.tree().branches.values()],
        "verbs": [(verb.wall_time, verb.text) for verb in [*verbs, *contents.verbs]],
        "edits": contents.edits,
        "unclosed": archive.recovery.steps > 0 or bool(list(folder.glob("journal/*.journal"))),
    }


def exported(folder: Path) -> dict[str, Any]:
    """Every data set of a robomimic export, as numbers."""
    found: dict[str, Any] = {}
    with h5py.File(folder / "image.hdf5", "r") as file:
        file.visititems(
            lambda name, item: (
                found.update({name: hashlib.sha1(item[()].tobytes()).hexdigest()})
                if isinstance(item, h5py.Dataset)
                else None
            )
        )
    return found


def opened(folder: Path) -> None:
    """What `main.py run --session` does before it shows a window."""
    config = made_by(Config(session=folder))
    recorder = Recorder(folder, sync=False)
    try:
        archive = recorder.archive
        settings_of(config, archive)
        recorded_branches(archive)
        archive.history()
        head = archive.head()
        if head is not None:
            archive.node(*_owner(archive, head.branch, head.index))
    finally:
        try:
            recorder.close()
        except StudioError:
            recorder.abandon()
            raise


def _owner(archive: Any, branch: int, index: int) -> tuple[int, int]:
    from core.branch_tree import owner

    at = owner(archive.tree(), branch, index)
    return at.branch, at.index


def _copied(source: str, target: str) -> None:
    """A sparse file of 40 GB stays sparse; a pipe is not read."""
    path = Path(source)
    if not path.is_file():
        return
    if path.stat().st_size < 1 << 30:
        shutil.copy2(source, target)
        return
    with open(target, "wb") as file:
        file.truncate(path.stat().st_size)
