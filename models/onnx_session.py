"""ONNX graphs of shipped weights: exported once from torch, kept by weight hash, run on a stated number of threads.

A graph is written to the cache folder on first use; later starts import neither torch nor the exporter.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import PartFailed

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Export = Callable[[Path], None]
"""Writes an ONNX file to a path."""


def cache_folder() -> Path:
    """Where graphs are kept: $HI_WM_CACHE, else the user's cache folder of this system."""
    if chosen := os.environ.get("HI_WM_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "hi-wm-studio"


def session(name: str, key: str, export: Export, threads: int = 1) -> "InferenceSession":
    """The graph ``name`` of the weights ``key`` (a SHA-256 of everything that shapes the graph).

    A cached file that does not load (torn, of another onnxruntime) is exported again.

    Raises:
        PartFailed: the graph cannot be written, or does not load even when fresh.
    """
    path = cache_folder() / "onnx" / f"{name}-{key[:32]}.onnx"
    if path.exists() and (cached := _open(path, threads)) is not None:
        return cached
    _write(name, path, export)
    fresh = _open(path, threads)
    if fresh is None:
        raise PartFailed(f"onnxruntime cannot load the fresh graph {path}. `make env` installs the version we test.")
    return fresh


def backend() -> str:
    """What an Identity says about arithmetic that runs here."""
    import onnxruntime

    return f"onnxruntime {onnxruntime.__version__} cpu"


def _open(path: Path, threads: int) -> "InferenceSession | None":
    """The session of a file, None where the file is not a graph that this onnxruntime can run."""
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (errors.Fail, errors.InvalidProtobuf, errors.InvalidGraph, errors.NotImplemented, errors.NoSuchFile):
        return None


def _write(name: str, path: Path, export: Export) -> None:
    """Export beside the final name, then rename: a torn export is never found by the next start."""
    partial = path.with_name(f"{path.stem}.{os.getpid()}.partial.onnx")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        export(partial)
        partial.replace(path)
    except OSError as error:
        raise PartFailed(
            f"The graph of {name!r} cannot be written to {path.parent}: {error}. "
            "Free some space, or set HI_WM_CACHE to a folder that can be written."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
