"""A short run on a generated raster: does this installation work, does the device compute right, and how fast is it?"""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle
from uhrs_qgis_plugin.engine.errors import BundleError, OutputError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.inference import LEAST_AGREEMENT, agreement_of_int8
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.segmentation import Options, Report, segment

SECONDS = 2.0  # that the whole takes, about
TRIAL_SIDE, LARGEST_SIDE = 512, 4096  # pixels; the largest is a file of 48 MB with three bands of 8 bits
FIELD = 32  # pixels along a field of one colour
NOISE = 12  # grey steps of 255
INT8_SLACK = 0.005  # rounding differs between processors, and labels with it
ENVI_TYPES = {"uint8": 1, "int16": 2, "int32": 3, "float32": 4, "float64": 5, "uint16": 12, "uint32": 13}


@dataclass(frozen=True)
class SelfTest:
    """What the run found.

    Attributes:
        device: Device that computed.
        side: Pixels along the raster that was timed.
        ratio: K, the share of patches that were refined.
        seconds: How long that took, without loading the model.
        megapixels_per_s: Speed: million pixels a second.
        agreement: Share of labels that equal those of the processor, 0..1; None where the processor computed.
        int8_agreement: Share of labels of a test scene that are the same in 8 bits as in floating point, on the
            processor; None where the model has only one of them.
        messages: Messages of the engine, such as a device that could not be used.
        problems: What is wrong, empty when all is well.
    """

    device: str
    side: int
    ratio: float
    seconds: float
    megapixels_per_s: float
    agreement: float | None = None
    int8_agreement: float | None = None
    messages: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def self_test(model: str, device: str = "auto", seconds: float = SECONDS, watch: Watch = UNWATCHED) -> SelfTest:
    """Segment generated rasters in a temporary folder: a small one for a first guess, then one for the time given.

    Args:
        device: "auto" or a key of `PROVIDERS`.
        seconds: Approximate duration of the timed run, > 0.

    Returns:
        What was found; the folder is gone by then.

    Raises:
        UhrsError: The model, the device or onnxruntime cannot be used, or the temporary folder not be written.
        CancelledError: The caller cancelled.
    """
    bundle = read_bundle(model)
    try:
        with tempfile.TemporaryDirectory(prefix="uhrs-self-test-") as name:
            return _try_and_measure(Path(name), bundle, Options(device=device, resolution="native"), seconds, watch)
    except OSError as error:
        raise OutputError(
            f"The folder for temporary files cannot be used ({error.strerror or error}): free space there, or let "
            "TMPDIR (TEMP on Windows) name another."
        ) from error


def _try_and_measure(folder: Path, bundle: Bundle, options: Options, seconds: float, watch: Watch) -> SelfTest:
    """Run a trial, compare with the processor, measure."""
    scene = write_scene(folder / "trial.img", TRIAL_SIDE, bundle)
    labels = folder / "trial.tif"
    trial = segment(scene, bundle, Outputs(str(labels)), options, watch=watch)
    agreement = None
    if trial.device != "cpu":
        plain = folder / "plain.tif"
        segment(scene, bundle, Outputs(str(plain)), replace(options, device="cpu"), watch=watch)
        agreement = float((read_labels(labels) == read_labels(plain)).mean())
    int8_agreement = agreement_of_int8(bundle) if len(bundle.precisions) > 1 else None
    # The device that works, so that a fall-back is not tried a second time.
    side = timed_side(_speed(trial), seconds)
    scene = write_scene(folder / "timed.img", side, bundle)
    outputs = Outputs(str(folder / "timed.tif"), str(folder / "timed_uncertainty.tif"))
    report = segment(scene, bundle, outputs, replace(options, device=trial.device), watch=watch)
    return SelfTest(
        device=report.device,
        side=side,
        ratio=report.ratio,
        seconds=_seconds(report),
        megapixels_per_s=_speed(report),
        agreement=agreement,
        int8_agreement=int8_agreement,
        messages=tuple(dict.fromkeys((*_messages(trial), *_messages(report)))),
        problems=(*_problems(report, agreement), *_int8_problems(bundle, int8_agreement)),
    )


def write_scene(path: Path, side: int, bundle: Bundle) -> str:
    """Write fields of random colours with noise, the same at each call.

    Args:
        path: File of raw numbers; its header lies beside it (ENVI, which GDAL reads and which is easy to write).
        side: Pixels along it, a multiple of `FIELD`.

    Returns:
        The path.

    Raises:
        BundleError: ENVI has no such data type.
    """
    if bundle.data_type not in ENVI_TYPES:
        raise BundleError(f"No self-test for models of {bundle.data_type} rasters: use one of {', '.join(ENVI_TYPES)}.")
    random = np.random.default_rng(7)
    with path.open("wb") as file:
        for _ in bundle.bands:
            fields = random.integers(0, 255, (side // FIELD, side // FIELD), np.int16)
            band = fields.repeat(FIELD, axis=0).repeat(FIELD, axis=1)
            band += random.integers(-NOISE, NOISE + 1, (side, side), np.int16)
            file.write(band.clip(0, 255).astype(bundle.data_type).tobytes())
    path.with_suffix(".hdr").write_text(
        f"ENVI\nsamples = {side}\nlines = {side}\nbands = {len(bundle.bands)}\nheader offset = 0\n"
        f"file type = ENVI Standard\ndata type = {ENVI_TYPES[bundle.data_type]}\ninterleave = bsq\nbyte order = 0\n",
        encoding="ascii",
    )
    return str(path)


def timed_side(megapixels_per_s: float, seconds: float) -> int:
    """Choose the size of a raster that takes the given time.

    Returns:
        Pixels along it, a multiple of `TRIAL_SIDE` up to `LARGEST_SIDE`: 5 million pixels a second and 2 seconds
        make 3072.
    """
    side = round(math.sqrt(megapixels_per_s * 1e6 * seconds) / TRIAL_SIDE) * TRIAL_SIDE
    return min(LARGEST_SIDE, max(TRIAL_SIDE, side))


def read_labels(path: Path) -> NDArray[Any]:
    """Read all classes of a small raster.

    Returns:
        (height, width) class numbers.
    """
    with open_raster(str(path)) as reader:
        return reader.read((1,), Window(0, 0, reader.info.height, reader.info.width))[0]


def _messages(report: Report) -> list[str]:
    """The messages of a run without that on its fit: fields of random colours are like no imagery."""
    unlike = report.fit["message"] if report.fit else ""
    return [message for message in report.messages if message != unlike]


def _problems(report: Report, agreement: float | None) -> tuple[str, ...]:
    """Describe what is wrong with the results."""
    problems = []
    if report.valid_pixels != report.pixels:
        problems.append(f"only {report.valid_pixels:,} of {report.pixels:,} pixels got a class")
    if agreement is not None and agreement < LEAST_AGREEMENT:
        problems.append(
            f"{report.device} gives other classes than the processor in {1 - agreement:.1%} of the pixels: choose "
            "Device: cpu, and report this"
        )
    return tuple(problems)


def _int8_problems(bundle: Bundle, agreement: float | None) -> tuple[str, ...]:
    """Describe how the 8-bit graphs fall short of what the bundle states."""
    stated = float(bundle.int8.get("test_scene_agreement", 0.0))
    if agreement is None or agreement >= stated - INT8_SLACK:
        return ()
    return (
        f"in 8 bits the model gives other classes in {1 - agreement:.1%} of a test scene, it states {1 - stated:.1%}: "
        "choose Precision: float, and report this",
    )


def _seconds(report: Report) -> float:
    """Seconds of a run, without those in which the model was loaded."""
    return max(1e-3, report.seconds["total"] - report.seconds["check"])


def _speed(report: Report) -> float:
    """Million pixels a second."""
    return report.pixels / 1e6 / _seconds(report)
