"""ONNX graphs of shipped weights: exported once from torch, cached by weight hash, run on a stated number of threads.

A graph is written to the cache folder on first use, with its SHA-256 beside it; later starts import neither torch nor
the exporter. A cached graph that does not match its hash is exported again.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import PartFailed
from core.folders import cache_folder

if TYPE_CHECKING:
    from models.onnx_runtime import InferenceSession

Export = Callable[[Path], None]
"""Writes an ONNX file to a path."""


def session(name: str, key: str, export: Export, threads: int = 1) -> "InferenceSession":
    """The graph ``name`` of the weights ``key`` (a SHA-256 of everything that shapes the graph).

    A cached graph is used only if it matches the hash beside it and loads. Otherwise it is exported again; where the
    cache folder cannot be written, the graph is used from memory and exported again by the next start.

    Raises:
        PartFailed: the graph cannot be exported, or does not load even when fresh.
    """
    from models.onnx_runtime import REFUSED, inference_session

    path = cache_folder() / "onnx" / f"{name}-{key[:32]}.onnx"
    if (cached := _read(path)) is not None:
        try:
            return inference_session(cached, threads)
        except REFUSED:  # written by another version of onnxruntime
            pass
    fresh = _exported(name, export)
    _keep(path, fresh)
    try:
        return inference_session(fresh, threads)
    except REFUSED as error:
        raise PartFailed(
            f"onnxruntime cannot load the fresh graph of {name!r} ({error}). `make env` installs the version we test."
        ) from error


def backend() -> str:
    """What an Identity says about arithmetic that runs here."""
    from models.onnx_runtime import version

    return f"onnxruntime {version} cpu"


def _hash_file(path: Path) -> Path:
    return path.with_suffix(".sha256")


def _read(path: Path) -> bytes | None:
    """The bytes of a cached graph, None where there is none or it does not match the hash beside it."""
    try:
        graph, wanted = path.read_bytes(), _hash_file(path).read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    return graph if hashlib.sha256(graph).hexdigest() == wanted else None


def _exported(name: str, export: Export) -> bytes:
    """A fresh graph, exported into a temporary folder.

    Raises:
        PartFailed: there is no room for it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="hi-wm-studio-") as folder:
            file = Path(folder) / "graph.onnx"
            export(file)
            return file.read_bytes()
    except OSError as error:
        raise PartFailed(
            f"The graph of {name!r} cannot be exported to {tempfile.gettempdir()}: {error}. "
            "Free some space, or set TMPDIR to a folder that can be written."
        ) from error


def _keep(path: Path, graph: bytes) -> None:
    """Write a graph and its hash to the cache, readable by this user only; nothing where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        _replace(path, graph)
        _replace(_hash_file(path), f"{hashlib.sha256(graph).hexdigest()}\n".encode())
    except OSError:
        return  # a cache saves time; without one the next start exports again


def _replace(path: Path, content: bytes) -> None:
    """Write beside the final name, then rename: a reader sees the old content or the new one."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.unlink(missing_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
