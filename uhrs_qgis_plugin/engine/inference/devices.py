"""What the installed onnxruntime can compute on, and how a session is opened on each device."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from uhrs_qgis_plugin.engine.errors import DeviceError, one_line
from uhrs_qgis_plugin.engine.inference.exact_sums import sums_are_exact

# Best first: "auto" takes the first that the installed onnxruntime offers and that answers as the processor does.
# TensorRT is not among them: it builds an engine for every graph and range of shapes, which takes minutes, its cache
# knows engines by the names in a graph and not by the weights, and it comes with no package of onnxruntime.
PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
NUMBERED, ALL = "cuda", "all"  # "cuda:1" is the second card; "cuda:0,2" are two cards, "cuda:all" every one
INSTALL_CUDA = 'run `python -m pip install "onnxruntime-gpu[cuda,cudnn]"` in the Python that runs this'
# Graphs that a device leaves to another. In 32 bits OpenVINO is no faster than onnxruntime's own kernels: low 0.5 to
# 1.0, fuse 0.3 to 0.6 times their speed, the worse the busier the cores are.
ELSEWHERE = {"openvino": {"low": "cpu", "fuse": "cpu"}}
# Graphs that OpenVINO runs in bfloat16 where the processor has it (high stream: 1.5 to 2.5 times as fast as 32 bits).
# Labels equal to 32 bits at K = 0.25, 0.5, 1, the worst of three generated scenes: high stream alone in bfloat16
# 99.97, 99.95, 99.90 %; both streams 99.83, 99.83, 99.88 %, which is below the 99.9 % that we promise.
BFLOAT16_GRAPHS = ("high",)
BFLOAT16_FLAGS = ("avx512_bf16", "amx_bf16")  # as Linux calls what a processor can do
QUANTISED = b"QuantizeLinear"  # an operator of graphs in 8 bits
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


def is_device(name: str) -> bool:
    """Tell whether a text names a device: a key of `PROVIDERS`, or cards such as "cuda:1", "cuda:0,2", "cuda:all"."""
    return name in PROVIDERS or re.fullmatch(rf"{NUMBERED}:({ALL}|\d{{1,3}}(,\d{{1,3}})*)", name) is not None


def kind_of(device: str) -> str:
    """The key of `PROVIDERS` of a device: "cuda" for "cuda:1"."""
    return device.partition(":")[0]


def card_of(device: str) -> int:
    """The number of the card that a device names, 0 where it names none."""
    return int(device.partition(":")[2] or 0)


def check_device(device: str, there: Sequence[str]) -> None:
    """Check that a device is there.

    Args:
        device: "auto" or a name.
        there: Names of the devices that are there.

    Raises:
        DeviceError: It is not; the text lists what is there.
    """
    if device != "auto" and kind_of(device) not in there:
        raise DeviceError(
            f"Device '{device}' is not available here: choose auto or one of {', '.join(there)}"
            " (onnxruntime-gpu and onnxruntime-openvino bring more)."
        )


def candidates(device: str, there: Sequence[str]) -> tuple[str, ...]:
    """List the devices to try, in order.

    Args:
        device: "auto" or a name.
        there: Names of the devices that are there, best first.

    Returns:
        Names; the processor is the last.
    """
    return tuple(there) if device == "auto" else tuple(dict.fromkeys((device, "cpu")))


def lanes_of(device: str) -> int:
    """Tell how many runs at the same time keep a device busy.

    Args:
        device: Its name.

    Returns:
        2 on a processor of several cores, each run on half of them: runs of one graph leave cores idle between its
        nodes. 1 elsewhere: a GPU has its own queue, and DirectML forbids more.
    """
    return 2 if device == "cpu" and usable_cores() > 1 else 1


def idle_cores(device: str) -> int | None:
    """Tell how many cores of the processor a device leaves to others, None where it computes on them itself."""
    return None if kind_of(device) in ("cpu", "openvino") else usable_cores()


def open_session(
    ort: ModuleType,
    graph: bytes,
    kind: str,
    device: str,
    lanes: int = 1,
) -> Any:  # noqa: ANN401 (onnxruntime is untyped)
    """Open one graph on one device; raises whatever onnxruntime raises.

    Args:
        ort: onnxruntime.
        graph: Serialised ONNX graph.
        kind: "low", "high" or "fuse".
        device: Its name.
        lanes: How many runs go on at the same time, on a processor.

    Returns:
        The session.

    Raises:
        DeviceError: onnxruntime silently fell back to another device.
    """
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = max(1, usable_cores() // lanes)
    options.log_severity_level = 3  # errors come back as exceptions; warnings would litter stderr
    # Scenes and blocks differ in shape at the edges: remembered patterns only pile up, and DirectML forbids them.
    options.enable_mem_pattern = False
    # Threads that spin while they wait take the cores from those that read, write and run the other graphs. On two
    # shared cores: low 1.1, high 1.4, fuse 1.8 times as fast without, and 10 % less processor time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if QUANTISED in graph and not sums_are_exact(ort):
        options.add_session_config_entry("session.x64quantprecision", "1")
    # Else bytes that pass `refuse_unsafe_graph` as ONNX could be read as onnxruntime's own format.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    device = ELSEWHERE.get(device, {}).get(kind, device)
    providers = providers_of(device, kind, str(ort.__version__))
    # Its own fallback prints to stdout and hides that another device computes; ours reports it.
    session = ort.InferenceSession(graph, options, providers=providers, enable_fallback=0)
    session.disable_fallback()  # for versions that ignore the keyword
    if PROVIDERS[kind_of(device)] not in session.get_providers():
        advice = f": {INSTALL_CUDA}" if kind_of(device) == "cuda" else ""
        raise DeviceError(f"its libraries could not be loaded{advice}")
    return session


def providers_of(device: str, kind: str, version: str) -> list[tuple[str, dict[str, str]]]:
    """List the providers of a device with their options, as onnxruntime takes them.

    Args:
        device: Its name.
        kind: "low", "high" or "fuse".
        version: Of onnxruntime: an option that it does not know is an error.

    Returns:
        (provider, options); later ones take what the first cannot run.
    """
    options = {
        "cuda": _cuda_options(card_of(device), version),
        # The older format computes in half precision without saying so.
        "coreml": {"ModelFormat": "MLProgram"},
        "openvino": _openvino_options(kind) if device == "openvino" else {},
    }
    return [(PROVIDERS[kind_of(device)], options.get(kind_of(device), {}))]


def load_cuda_libraries(ort: ModuleType) -> None:
    """Load the libraries of CUDA and cuDNN out of pip's packages, where onnxruntime does not find them by itself.

    It looks beside itself only; the second look finds packages in another folder, such as those of torch. What is
    missing then shows when a session is opened.
    """
    preload = getattr(ort, "preload_dlls", None)  # since onnxruntime 1.21
    if preload is None:
        return
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does not find, also where nothing is wrong
        for folder in (None, *_library_folders(Path(str(ort.__file__)).resolve().parents[1])):
            preload(directory=folder)


def cuda_of(ort: ModuleType) -> str:
    """Version of CUDA that onnxruntime was built for, such as "13.0"; "" where it does not tell."""
    return str(getattr(ort, "cuda_version", "") or "")


def _library_folders(known: Path) -> Iterator[str]:
    """Folders of NVIDIA's libraries in pip's packages, except those below a folder; of CUDA itself before others."""
    try:
        spec = importlib.util.find_spec("nvidia")
    except (ImportError, ValueError):
        return
    for root in (spec.submodule_search_locations or ()) if spec else ():
        if Path(root).resolve().parent != known:
            folders = [*Path(root).glob("*/lib"), *Path(root).glob("*/bin"), *Path(root).glob("*/bin/x86_64")]
            yield from sorted((str(folder) for folder in folders), key=lambda folder: ("cudnn" in folder, folder))


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


def _cuda_options(card: int, version: str) -> dict[str, str]:
    """Options of CUDA."""
    options = {
        "device_id": str(card),
        # The default tries every algorithm for every new shape: seconds for each scene at an edge.
        "cudnn_conv_algo_search": "HEURISTIC",
        # The default doubles the arena at each growth and so takes memory that other programs need.
        "arena_extend_strategy": "kSameAsRequested",
    }
    if version_of(version) >= (1, 18):
        # Convolutions on tensor cores: range of 32 bits, mantissa of half precision, and no other graph needed.
        options["use_tf32"] = "1"
    return options


def version_of(text: str) -> tuple[int, int]:
    """First two numbers of a version: (1, 18) of "1.18.0"; (0, 0) where there are none."""
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


class _Limit:
    """Cores that this process shall use; None = those that it may."""

    cores: int | None = None


def limit_cores(cores: int | None) -> None:
    """Let sessions that are opened from now on use so many cores: others work on this computer, too."""
    _Limit.cores = cores


def usable_cores() -> int:
    """Count the cores that this process may use."""
    if _Limit.cores is not None:
        return _Limit.cores
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
