"""Floating point or 8 bits: what a bundle holds, and what is faster on this processor.

Networks in 8 bits are fast where the processor multiplies and adds four bytes in one instruction (VNNI, dot product).
Others may come out slower than in floating point, and need sums of another kind, see `exact_sums.py`.
"""

from __future__ import annotations

import platform
import time
from types import ModuleType

import numpy as np

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.inference.agreement import is_remembered, key_of, remember
from uhrs_qgis_plugin.engine.inference.contract import NETWORK
from uhrs_qgis_plugin.engine.inference.devices import CPU_FILE, kind_of, lanes_of, open_session
from uhrs_qgis_plugin.engine.inference.network import as_tensor

PRECISIONS = ("auto", "float", "int8")
PROCESSORS = ("cpu", "openvino")  # devices that are the processor
DOT_FLAGS = ("avx512_vnni", "avx_vnni", "asimddp")  # as Linux calls these instructions
TRIAL_PATCHES = 4
TRIALS = 3
GAIN = 1.1  # by which 8 bits must be faster where that is measured
NO_DOT_PRODUCT = (
    "This processor has no instructions for 8-bit networks: the 8-bit graphs may take longer here than those in "
    "floating point."
)


def check_precision(bundle: Bundle, precision: str) -> None:
    """Check that a bundle has its graphs in a precision.

    Args:
        precision: One of `PRECISIONS`.

    Raises:
        OptionsError: It has not.
    """
    if precision in ("auto", *bundle.precisions):
        return
    if precision == "int8":
        raise OptionsError(
            f"Model '{bundle.path}' has no 8-bit graphs: choose precision auto or float, or add them with "
            "training/quantise_model.py."
        )
    raise OptionsError(f"Model '{bundle.path}' has no floating-point graphs: choose precision auto or int8.")


def choices(ort: ModuleType, bundle: Bundle, device: str, precision: str) -> tuple[str, ...]:
    """List the precisions to try on a device, in order.

    Args:
        ort: onnxruntime.
        device: Its name.
        precision: One of `PRECISIONS` that `check_precision` has passed.

    Returns:
        One or both of "float" and "int8", each of them in the bundle.
    """
    if precision != "auto":
        return (precision,)
    if len(bundle.precisions) > 1 and kind_of(device) in PROCESSORS and _gains(ort, bundle):
        return ("int8", "float")
    return bundle.precisions[:1]


def has_dot_product() -> bool | None:
    """Tell whether the processor has instructions for 8-bit networks.

    Returns:
        None where the system does not tell without more packages (Windows, macOS on Intel).
    """
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return True  # every processor of Apple's for computers
    try:
        flags = CPU_FILE.read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return None
    return any(flag in flags for flag in DOT_FLAGS)


def _gains(ort: ModuleType, bundle: Bundle) -> bool:
    """Whether 8 bits are faster on this processor: by its instructions, or measured once and remembered."""
    known = has_dot_product()
    if known is not None:
        return known
    keys = {answer: key_of(bundle, "cpu", [f"8 bits gain: {answer}"], str(ort.__version__)) for answer in (True, False)}
    for answer, key in keys.items():
        if is_remembered(key):
            return answer
    gains = _seconds(ort, bundle, "int8") * GAIN < _seconds(ort, bundle, "float")
    remember(keys[gains])
    return gains


def _seconds(ort: ModuleType, bundle: Bundle, precision: str) -> float:
    """Time of a network on a few patches: the high stream, or the low one where only that is there in 8 bits."""
    graph = next(name for name in ("high", "low", NETWORK) if name in bundle.int8_graphs)
    session = open_session(ort, bundle.in_precision(precision).graphs[graph], graph, "cpu", lanes_of("cpu"))
    windows = bundle.windows
    side = bundle.patch_side if windows is None else windows.side
    count = TRIAL_PATCHES if windows is None else windows.batch or 1
    pixels = np.random.default_rng(0).integers(0, 128, (count, len(bundle.bands), side, side)).astype(bundle.data_type)
    pixels = pixels if windows is None else as_tensor(pixels, windows)
    times = []
    for _ in range(1 + TRIALS):  # the first one plans its memory
        begun = time.perf_counter()
        session.run(None, {session.get_inputs()[0].name: pixels})
        times.append(time.perf_counter() - begun)
    return min(times[1:])
