"""One pass of a bundle: its graphs on one image, as the engine calls them, without rasters and blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from training.benchmarking.jobs import BUNDLE_MODES, Job
from training.errors import CheckpointError
from uhrs_qgis_plugin.engine.bundle import Bundle, Windows, read_bundle
from uhrs_qgis_plugin.engine.grid import Window, window_around
from uhrs_qgis_plugin.engine.inference import import_onnxruntime, limit_cores, open_streams

_DOWN, _CELL8 = 4, 8  # pixels: of a pixel of the low stream's image, of a cell of the final map
_BATCH_PIXELS = 1 << 19  # of patches that the high stream sees at once


def prepare(job: Job) -> Callable[[], npt.NDArray[np.uint8]]:
    """One pass, ready to be timed; it returns the labels (H, W).

    Sessions are made here, so a pass does not pay for them.

    Args:
        job: its mode says the precision; for two streams height and width are multiples of 32 and of the patch's side.
    """
    bundle = read_bundle(job.subject.weights or "").in_precision(BUNDLE_MODES[job.mode])
    return _two_streams(bundle, job) if bundle.windows is None else _in_windows(bundle, bundle.windows, job)


def _two_streams(bundle: Bundle, job: Job) -> Callable[[], npt.NDArray[np.uint8]]:
    """A pass of three graphs.

    The image is at 1/4 scale for the low stream, U chooses round(K * patches), the high stream sees these, and both are
    fused.
    """
    ort = import_onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = job.threads or 0
    options.log_severity_level = 3
    sessions = {
        kind: ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        for kind, graph in bundle.graphs.items()
    }
    side, channels = bundle.patch_side, bundle.feature_channels
    image = picture(job, len(bundle.bands)).astype(bundle.data_type)
    rows, cols, cell = job.height // side, job.width // side, side // _CELL8

    def run(kind: str, *arrays: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        names = [entry.name for entry in sessions[kind].get_inputs()]
        found: list[npt.NDArray[Any]] = sessions[kind].run(None, dict(zip(names, arrays, strict=True)))
        return found

    def one_pass() -> npt.NDArray[np.uint8]:
        features, u = run("low", at_quarter_scale(image))[:2]
        score = u.reshape(rows, u.shape[2] // rows, cols, u.shape[3] // cols).mean((1, 3)).ravel()
        chosen = np.sort(np.argsort(-score, kind="stable")[: round(job.ratio * score.size)])
        patches = image.reshape(-1, rows, side, cols, side).transpose(1, 3, 0, 2, 4)
        high = np.zeros((rows, cols, channels, cell, cell), np.float32)
        selected = np.zeros((rows, cols, 1, cell, cell), np.bool_)
        batch = max(1, _BATCH_PIXELS // side**2)
        for start in range(0, len(chosen), batch):
            place = np.unravel_index(chosen[start : start + batch], (rows, cols))
            high[place] = run("high", np.ascontiguousarray(patches[place]))[0]
            selected[place] = True
        return np.asarray(run("fuse", features, u, laid(high), laid(selected))[0][0], np.uint8)

    return one_pass


def _in_windows(bundle: Bundle, windows: Windows, job: Job) -> Callable[[], npt.NDArray[np.uint8]]:
    """A pass of one network that sees every patch in a window around it, and gives labels and final uncertainty.

    Raises:
        CheckpointError: where there is a first look, whose pass is not measured here.
    """
    if windows.has_first_look:
        raise CheckpointError(f"'{bundle.path}' looks twice; export it with --first-look none")
    limit_cores(job.threads)
    streams = open_streams(bundle, "cpu", precision=bundle.precision)
    size = (job.height, job.width)
    image = picture(job, len(bundle.bands)).astype(bundle.data_type)
    kept = windows.patch_side
    patches = [Window(row, col, kept, kept) for row in range(0, size[0], kept) for col in range(0, size[1], kept)]

    def one_pass() -> npt.NDArray[np.uint8]:
        labels = np.zeros((-(-size[0] // kept) * kept, -(-size[1] // kept) * kept), np.uint8)
        for start in range(0, len(patches), streams.batch_size):
            part = patches[start : start + streams.batch_size]
            seen = [window_around(own, windows.side, windows.margin, *size) for own in part]
            places = np.array([(own.row - at.row, own.col - at.col) for own, at in zip(part, seen, strict=True)])
            found = streams.run("high", [np.stack([_cut(image, at) for at in seen]), places])[0]
            for own, cells in zip(part, found, strict=True):
                known = cells[:-1].reshape(_CELL8, _CELL8, *cells.shape[1:]).transpose(2, 0, 3, 1)
                labels[own.slices()] = known.reshape(kept, kept)
        return labels[: size[0], : size[1]]

    return one_pass


def _cut(image: npt.NDArray[Any], window: Window) -> npt.NDArray[Any]:
    """A window of an image (B, H, W); beyond its end the last pixels are repeated."""
    rows, cols = (
        np.arange(start, start + length).clip(0, last - 1)
        for start, length, last in zip(
            (window.row, window.col), (window.height, window.width), image.shape[1:], strict=True
        )
    )
    return image[:, rows[:, None], cols]


def picture(job: Job, bands: int) -> npt.NDArray[Any]:
    """The image (bands, H, W) of a job: that of its file, repeated to its size, or noise."""
    if job.image is None:
        noise = np.random.default_rng(0).normal(128, 58, (bands, job.height, job.width))
        return np.clip(noise, 0, 255)
    known = np.load(job.image)
    tiles = [-(-wanted // given) for wanted, given in zip((job.height, job.width), known.shape[1:], strict=True)]
    return np.asarray(np.tile(known, (1, *tiles))[:, : job.height, : job.width])


def at_quarter_scale(image: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(B, H, W) -> (1, B, H/4, W/4): means of 4x4 pixels, integers rounded half up."""
    bands, height, width = image.shape
    sums = image.reshape(bands, height // _DOWN, _DOWN, width // _DOWN, _DOWN).sum((2, 4), np.float32)
    mean = sums / np.float32(_DOWN**2)
    mean = mean if image.dtype.kind == "f" else np.floor(mean + 0.5)
    return np.asarray(mean.astype(image.dtype)[None])


def laid(maps: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Maps of patches (rows, cols, F, h, w) -> one map (1, F, rows * h, cols * w)."""
    rows, cols, channels, height, width = maps.shape
    return np.ascontiguousarray(maps.transpose(2, 0, 3, 1, 4).reshape(1, channels, rows * height, cols * width))
