"""A device is trusted after its answers were compared with the processor's, on a small scene that needs no file.

Kernels for a device can be wrong without an error: a graph that was never run on it, an engine of another model, a
driver. What passed is remembered in the user's cache, for this device, this model and these versions.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import DeviceError, UhrsError
from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.engine.grid import CELL8, DOWN_RATIO, Window, window_around
from uhrs_qgis_plugin.engine.inference.contract import Streams
from uhrs_qgis_plugin.engine.inference.network import wide_enough
from uhrs_qgis_plugin.engine.inference.resident import Layout, ResidentFeatures, lay_out
from uhrs_qgis_plugin.engine.results import LEVELS, __version__

# Reduced precision changes some labels, most where fields meet: up to 0.2 % on the devices that we measured.
LEAST_AGREEMENT = 0.99  # share of equal labels
MOST_DIFFERENCE = 0.02  # mean absolute difference of U, in 0..1: also seen where all labels are of one class
SIDE = 256  # pixels along the scene, or two patches
FIELD = 32  # pixels along a field of one colour
SCENE = 1  # number of the scene below: changed with it, so that what is remembered is compared again

Answers = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def check_agreement(bundle: Bundle, device: str, found: Answers, expected: Answers) -> None:
    """Check that a device answers as the processor does.

    Args:
        device: Its name, for the message.
        found: What it gave, see `answers`.
        expected: What the processor gave.

    Raises:
        DeviceError: Labels or uncertainties differ by more than reduced precision explains.
    """
    equal = float((found[0] == expected[0]).mean())
    difference = float(np.abs(found[1].astype(np.float32) - expected[1]).mean()) / LEVELS
    if equal < LEAST_AGREEMENT or difference > MOST_DIFFERENCE:
        raise DeviceError(
            f"'{bundle.name}' on {device} gives other classes than on the processor in {1 - equal:.1%} of a test "
            f"scene, and uncertainties that differ by {difference:.3f} on average"
        )


def answers(streams: Streams, bundle: Bundle, image: NDArray[Any]) -> Answers:
    """Segment a small square image in one piece: every second patch is refined, as a chessboard.

    Args:
        streams: The model on a device.
        image: (B, h, h) of the model's data type; h is a multiple of 32 and of two patches.

    Returns:
        Labels (h, h), and 254 * (U, final uncertainty) (2, h/8, h/8).
    """
    bands, side, patch = len(image), image.shape[-1], bundle.patch_side
    count, cells = side // patch, side // CELL8
    small = image.reshape(bands, side // DOWN_RATIO, DOWN_RATIO, -1, DOWN_RATIO).mean((2, 4)).astype(image.dtype)
    features, uncertainty = streams.low(small[np.newaxis])
    tiles = [Window(row, col, patch, patch) for row in range(0, side, patch) for col in range(0, side, patch)]
    high = streams.high(*closely(bundle, image, tiles))
    chosen = np.indices((count, count)).sum(0) % 2 == 0
    places = np.where(chosen, np.arange(count * count).reshape(count, count), -1)
    layout = Layout(((high, places),), (0, cells), (0, cells))
    # A device that keeps features lays them out by itself: that is compared as well.
    laid: Any = layout if isinstance(high, ResidentFeatures) else lay_out(layout, bundle.feature_channels, np.asarray)
    selected = chosen.repeat(patch // CELL8, 0).repeat(patch // CELL8, 1)
    labels, uncertainty8 = streams.fuse(features, uncertainty, laid, selected[np.newaxis, np.newaxis])
    return labels[0], uncertainty8[0]


def closely(bundle: Bundle, image: NDArray[Any], patches: Sequence[Window]) -> tuple[NDArray[Any], ...]:
    """Cut what the second look takes out of an image.

    Args:
        image: (B, h, w).
        patches: Inside the image.

    Returns:
        What `Streams.high` takes.
    """
    windows = bundle.windows
    if windows is None:
        return (np.stack([image[(slice(None), *patch.slices())] for patch in patches]),)
    _, height, width = image.shape
    around = [window_around(patch, windows.side, windows.margin, height, width) for patch in patches]
    image = wide_enough(image, windows.side)
    places = [(patch.row - window.row, patch.col - window.col) for patch, window in zip(patches, around)]
    return np.stack([image[(slice(None), *window.slices())] for window in around]), np.array(places)


def scene(bundle: Bundle) -> NDArray[Any]:
    """Make fields of random colours, with noise; the same at each call.

    Returns:
        (B, h, h) of the model's data type; h is a multiple of 32 and of two patches.
    """
    two = 2 * bundle.patch_side  # patches are multiples of 16
    side = two * max(1, SIDE // two)
    dtype, generator = np.dtype(bundle.data_type), np.random.default_rng(SCENE)
    fields = generator.random((len(bundle.bands), -(-side // FIELD), -(-side // FIELD)))
    shares = fields.repeat(FIELD, 1).repeat(FIELD, 2)[:, :side, :side]
    shares = shares + 0.05 * generator.standard_normal(shares.shape)
    # Numbers of 8 bits fill their range; where wider ones lie, only the fill values tell.
    most = np.full(len(bundle.bands), 255.0) if dtype == np.uint8 else 2 * np.maximum(1.0, np.abs(bundle.fill))
    values = most[:, np.newaxis, np.newaxis] * shares
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        values = values.round().clip(limits.min, limits.max)
    return values.astype(dtype)


def key_of(bundle: Bundle, hardware: str, options: Sequence[object], version: str) -> str:
    """Name what was compared: anything that changes it makes it to be compared again.

    Args:
        hardware: The device and its driver, in words.
        options: How the sessions were opened.
        version: Of onnxruntime.

    Returns:
        Hexadecimal digits.
    """
    parts = [SCENE, hardware, platform.platform(), list(options), bundle.sha256, version, __version__]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def is_remembered(key: str) -> bool:
    """Tell whether a comparison with this key, from `key_of`, was passed before."""
    folder = _folder()
    try:
        return folder is not None and (folder / key).is_file()
    except OSError:
        return False


def remember(key: str) -> None:
    """Note that a comparison was passed; where the cache cannot be written, it is made again next time."""
    folder = _folder()
    if folder is None:
        return
    with contextlib.suppress(OSError, UhrsError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with replacing(folder / key) as part:
            part.write_bytes(b"")


def _folder() -> Path | None:
    """Folder of the user's own, None where there is none. Not /tmp: others could write there."""
    home = os.environ.get("LOCALAPPDATA" if platform.system() == "Windows" else "XDG_CACHE_HOME")
    try:
        return (Path(home) if home else Path.home() / ".cache") / "uhrs" / "compared"
    except RuntimeError:  # the user has no home
        return None
