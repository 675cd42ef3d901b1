"""What the installed onnxruntime can compute on, and how a session is opened on each device."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from uhrs_qgis_plugin.engine.errors import DeviceError, one_line

# Best first: "auto" takes the first that the installed onnxruntime offers and that passes a trial run.
PROVIDERS = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
ON_REQUEST = ("tensorrt",)  # not taken by "auto": builds an engine per shape, which takes minutes
# Graphs that a device leaves to another. In 32 bits OpenVINO is no faster than onnxruntime's own kernels: low 0.5 to
# 1.0, fuse 0.3 to 0.6 times their speed, the worse the busier the cores are.
ELSEWHERE = {"openvino": {"low": "cpu", "fuse": "cpu"}}
# Graphs that OpenVINO runs in bfloat16 where the processor has it (high stream: 1.5 to 2.5 times as fast as 32 bits).
# Labels equal to 32 bits at K = 0.25, 0.5, 1, the worst of three generated scenes: high stream alone in bfloat16
# 99.97, 99.95, 99.90 %; both streams 99.83, 99.83, 99.88 %, which is below the 99.9 % that we promise.
BFLOAT16_GRAPHS = ("high",)
BFLOAT16_FLAGS = ("avx512_bf16", "amx_bf16")  # as Linux calls what a processor can do
HALF_SAFE_TYPES = ("uint8", "int8")  # numbers that stay far below 65504, the largest of half precision
CPU_FILE = Path("/proc/cpuinfo")


def import_onnxruntime() -> ModuleType:
    """Import onnxruntime.

    Returns:
        The module.

    Raises:
        DeviceError: It is not installed or cannot be loaded.
    """
    # Its Linux wheels send telemetry unless this is set before the first import.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime
    except ImportError as error:
        raise DeviceError(
            f"The package onnxruntime is missing or broken ({one_line(error)}): "
            "run `python -m pip install onnxruntime` in the Python that runs this."
        ) from error
    return onnxruntime


def available_devices() -> tuple[str, ...]:
    """List the devices that the installed onnxruntime offers, best first.

    Returns:
        Keys of `PROVIDERS`; always holds "cpu".

    Raises:
        DeviceError: onnxruntime is not installed.
    """
    offered = import_onnxruntime().get_available_providers()
    return tuple(name for name, provider in PROVIDERS.items() if provider in offered)


def check_device(device: str, there: Sequence[str]) -> None:
    """Check that a device is there.

    Args:
        device: "auto" or a name.
        there: Names of the devices that are there.

    Raises:
        DeviceError: It is not; the text lists what is there.
    """
    if device != "auto" and device not in there:
        raise DeviceError(
            f"Device '{device}' is not available here: choose auto or one of {', '.join(there)}"
            " (onnxruntime-gpu and onnxruntime-openvino bring more)."
        )


def candidates(device: str, there: Sequence[str]) -> tuple[str, ...]:
    """List the devices to try, in order.

    Args:
        device: "auto" or a name out of `there`.
        there: Names of the devices that are there, best first.

    Returns:
        Names; the processor is the last.
    """
    if device == "auto":
        return tuple(name for name in there if name not in ON_REQUEST)
    close = ("cuda",) if device == "tensorrt" and "cuda" in there else ()
    return tuple(dict.fromkeys((device, *close, "cpu")))


def lanes_of(device: str) -> int:
    """Tell how many runs at the same time keep a device busy.

    Args:
        device: A key of `PROVIDERS`.

    Returns:
        2 on a processor of several cores, each run on half of them: runs of one graph leave cores idle between its
        nodes. 1 elsewhere: a GPU has its own queue, and DirectML forbids more.
    """
    return 2 if device == "cpu" and _cores() > 1 else 1


def open_session(
    ort: ModuleType,
    graph: bytes,
    kind: str,
    device: str,
    data_type: str,
    lanes: int = 1,
) -> Any:  # noqa: ANN401 (onnxruntime is untyped)
    """Open one graph on one device; raises whatever onnxruntime raises.

    Args:
        ort: onnxruntime.
        graph: Serialised ONNX graph.
        kind: "low", "high" or "fuse".
        device: A key of `PROVIDERS`.
        data_type: numpy name of the raster numbers that the model expects.
        lanes: How many runs go on at the same time, on a processor.

    Returns:
        The session.

    Raises:
        DeviceError: onnxruntime silently fell back to another device.
    """
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = max(1, _cores() // lanes)
    options.log_severity_level = 3  # errors come back as exceptions; warnings would litter stderr
    # Scenes and blocks differ in shape at the edges: remembered patterns only pile up, and DirectML forbids them.
    options.enable_mem_pattern = False
    # Threads that spin while they wait take the cores from those that read, write and run the other graphs. On two
    # shared cores: low 1.1, high 1.4, fuse 1.8 times as fast without, and 10 % less processor time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Else bytes that pass `refuse_unsafe_graph` as ONNX could be read as onnxruntime's own format.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    device = ELSEWHERE.get(device, {}).get(kind, device)
    providers = providers_of(device, kind, data_type)
    # Its own fallback prints to stdout and hides that another device computes; ours reports it.
    session = ort.InferenceSession(graph, options, providers=providers, enable_fallback=0)
    session.disable_fallback()  # for versions that ignore the keyword
    if PROVIDERS[device] not in session.get_providers():
        raise DeviceError("its libraries could not be loaded")
    return session


def providers_of(device: str, kind: str, data_type: str) -> list[tuple[str, dict[str, str]]]:
    """List the providers of a device with their options, as onnxruntime takes them.

    Args:
        device: A key of `PROVIDERS`.
        kind: "low", "high" or "fuse".
        data_type: numpy name of the raster numbers that the model expects.

    Returns:
        (provider, options); later ones take what the first cannot run.
    """
    cuda = {
        # The default tries every algorithm for every new shape: seconds for each scene at an edge.
        "cudnn_conv_algo_search": "HEURISTIC",
        # The default doubles the arena at each growth and so takes memory that other programs need.
        "arena_extend_strategy": "kSameAsRequested",
        # Convolutions on tensor cores: range of 32 bits, mantissa of half precision, and no other graph needed.
        "use_tf32": "1",
    }
    options = {
        "tensorrt": _tensorrt_options(data_type),
        "cuda": cuda,
        # The older format computes in half precision without saying so.
        "coreml": {"ModelFormat": "MLProgram"},
        "openvino": _openvino_options(kind) if device == "openvino" else {},
    }
    names = (device, "cuda") if device == "tensorrt" else (device,)
    return [(PROVIDERS[name], options.get(name, {})) for name in names]


def has_bfloat16() -> bool:
    """Tell whether the processor computes in bfloat16 by itself; where the system does not tell, it does not.

    Returns:
        True where it does. OpenVINO imitates it elsewhere, which is slower than 32 bits.
    """
    try:
        flags = CPU_FILE.read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return False
    return any(flag in flags for flag in BFLOAT16_FLAGS)


def _openvino_options(kind: str) -> dict[str, str]:
    """Options of OpenVINO, which takes its settings as JSON since onnxruntime-openvino 1.23."""
    precision = "bf16" if kind in BFLOAT16_GRAPHS and has_bfloat16() else "f32"
    return {"device_type": "CPU", "load_config": json.dumps({"CPU": {"INFERENCE_PRECISION_HINT": precision}})}


def _tensorrt_options(data_type: str) -> dict[str, str]:
    """Options of TensorRT: half precision where the raster's numbers fit, and engines kept for the next run."""
    options = {"trt_fp16_enable": "1" if data_type in HALF_SAFE_TYPES else "0"}
    folder = _cache_folder()
    if folder is not None:
        options.update(
            trt_engine_cache_enable="1",
            trt_engine_cache_path=str(folder),
            trt_timing_cache_enable="1",
            trt_timing_cache_path=str(folder),
        )
    return options


def _cache_folder() -> Path | None:
    """Folder of the user's own for engines, None where there is none. Not /tmp: others could plant engines there."""
    home = os.environ.get("LOCALAPPDATA" if platform.system() == "Windows" else "XDG_CACHE_HOME")
    try:
        return Path(home) / "uhrs" if home else Path.home() / ".cache" / "uhrs"
    except RuntimeError:  # the user has no home
        return None


def _cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
