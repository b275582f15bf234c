"""onnxruntime with its telemetry off: the only module that imports it.

From 1.29 on, its Linux builds collect events and send them to their maker. The collection starts while the library
is imported (it writes a device identifier and a queue of events under the home folder), so the environment variable
must be set before the import; the function of the library covers the platforms that do not read the variable.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # also for child processes

import onnxruntime
from onnxruntime import InferenceSession
from onnxruntime.capi import onnxruntime_pybind11_state as errors

onnxruntime.disable_telemetry_events()

REFUSED = (errors.Fail, errors.InvalidProtobuf, errors.InvalidGraph, errors.NotImplemented, errors.NoSuchFile)
"""What is raised where bytes are not a graph that this version can run."""

__all__ = ["REFUSED", "InferenceSession", "inference_session", "version"]

version: str = onnxruntime.__version__


def inference_session(graph: bytes, threads: int = 1) -> InferenceSession:
    """A session of an ONNX graph on the processor, on a stated number of threads.

    Raises:
        REFUSED: the bytes are not a graph that this version can run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
