"""What a run did, for people and programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterInfo
from uhrs_qgis_plugin.engine.results import __version__
from uhrs_qgis_plugin.engine.segmentation.ground_areas import areas_of_blocks
from uhrs_qgis_plugin.engine.segmentation.passes import ReadStatistics
from uhrs_qgis_plugin.engine.segmentation.planning import SegmentationJob, StartedModel, scene_windows

MB_FROM = 10_000_000  # bytes; what is less is told in kB


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes:
        software_version: Version of this engine.
        raster: Path of the input.
        raster_pixel_m: Ground size of the input's pixel in metres, None where it is not known.
        working_pixel_m: Ground size of the pixel at which it was read, None where it is not known.
        model_pixel_m: Ground size of the pixel that the model was made for, None where it does not say.
        width: Columns that were processed.
        height: Rows that were processed.
        pixels: width * height.
        valid_pixels: Pixels with data.
        patches: Patches with data.
        selected_patches: Patches that got the high stream.
        ratio_asked: K of the options (or the model's default); None when a threshold or a time was given.
        threshold: Least mean U of a selected patch, None when none was given.
        minutes: Time that was given, None when none was.
        ratio: selected_patches / patches, 0 when there are none.
        seconds: Stage -> seconds; "total" is all of them.
        pixels_read: "coarse" -> numbers read per band at 1/4 scale, "refine" -> pixels read per band at full scale.
        network: "requests" to servers and "bytes" that came, as GDAL counts them; None where nothing did.
        classes: Per class: value, name, pixels, and area_m2: in the plane of a projected CRS, on the ellipsoid of one
            in degrees, None without either.
        bands: Raster bands (from 1) that the model read, in its order.
        bands_reason: How they were found.
        alpha: What alpha bands are; see `Options`.
        stretch: How numbers became 8 bits: "limits", band -> (what became 0, what became 255), and "reason"; None when
            they stayed as they are.
        fit: How well the raster fits the model's training imagery: "overall", 0 to 1, below 0.5 is unlike it;
            "scenes", of each [row, col, height, width] on the working grid and its "fit", None where it holds no data;
            "windows" that were looked at; "message" on what differs, "" where it fits. None where that is not known.
        model: The model's name.
        model_sha256: Digest of the bundle.
        device: Device that was used.
        precision: "float", or "int8" where the 8-bit graphs of the model were used.
        onnxruntime_version: Its version.
        workers: What the workers of a cluster did: "cluster", its address; "devices", each in words -> how many workers
            used it; "tasks" and "seconds" of all of them. None where this process computed by itself.
        peak_memory_bytes: Largest memory of the process so far, None where the system does not report it.
        unreadable: Damaged parts of the raster that count as no data: [row, col, height, width] in pixels.
        run: Digest of what the results depend on, which the rasters carry too; see `digest_of`.
        messages: What happened on the way, such as a device that could not be used.
        warnings: Those of them that say that results may be useless.
    """

    software_version: str
    raster: str
    raster_pixel_m: float | None
    working_pixel_m: float | None
    model_pixel_m: float | None
    width: int
    height: int
    pixels: int
    valid_pixels: int
    patches: int
    selected_patches: int
    ratio_asked: float | None
    threshold: float | None
    minutes: float | None
    ratio: float
    seconds: Mapping[str, float]
    pixels_read: Mapping[str, int]
    network: Mapping[str, int] | None
    classes: Sequence[Mapping[str, str | int | float | None]]
    bands: Sequence[int]
    bands_reason: str
    alpha: str
    stretch: Mapping[str, Any] | None
    fit: Mapping[str, Any] | None
    model: str
    model_sha256: str
    device: str
    precision: str
    onnxruntime_version: str
    workers: Mapping[str, Any] | None
    peak_memory_bytes: int | None
    unreadable: Sequence[Sequence[int]]
    run: str
    messages: Sequence[str]
    warnings: Sequence[str]

    def result(self) -> dict[str, Any]:
        """Return the numbers that a table of many runs shows, and the class raster carries.

        Equal runs have equal ones: how long they took is not among them.
        """
        return {
            "pixels": self.valid_pixels,
            "ratio": round(self.ratio, 6),
            "fit": None if self.fit is None else round(self.fit["overall"], 6),
            "warnings": list(self.warnings),
            "classes": [{key: entry[key] for key in ("value", "pixels", "area_m2")} for entry in self.classes],
        }

    def traffic(self) -> str:
        """Return a sentence on what came over the network, "" where nothing did: "Fetched 38 MB in 412 requests."."""
        if self.network is None:
            return ""
        requests, size = self.network["requests"], self.network["bytes"]
        amount = f"{size / 1e6:,.0f} MB" if size >= MB_FROM else f"{size / 1e3:,.0f} kB"
        return f"Fetched {amount} in {requests:,} request{'' if requests == 1 else 's'}."

    def to_json(self) -> str:
        """Return the report as indented JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


class RunCounts:
    """What is counted along a run.

    Attributes:
        patches: Patches with data.
        selected_patches: Patches that got the high stream.
        pixels: Pixels per class.
        blocks: Where blocks lie in the outputs, and their pixels per class.
    """

    def __init__(
        self,
        valid_patches: NDArray[np.bool_],
        selected: NDArray[np.bool_],
        pixels: Sequence[int],
        blocks: Iterable[tuple[Window, Sequence[int]]] = (),
    ) -> None:
        """Count the patches.

        Args:
            valid_patches: (patch rows, patch cols) whether a patch holds data.
            selected: (patch rows, patch cols) whether it got the high stream.
            pixels: Pixels per class.
            blocks: Where blocks lie in the outputs, and their pixels per class.
        """
        self.blocks = blocks
        self.patches = int(np.count_nonzero(valid_patches))
        self.selected_patches = int(np.count_nonzero(selected))
        self.pixels = list(pixels)


def make_report(
    job: SegmentationJob,
    counts: RunCounts,
    statistics: ReadStatistics,
    streams: StartedModel,
    seconds: Mapping[str, float],
    network: Mapping[str, int] | None = None,
    doubts: Sequence[str] = (),
) -> Report:
    """Put a report together.

    Args:
        streams: The model as it was started.
        seconds: Name of each stage -> seconds.
        network: See `Report`.
        doubts: What could not be made sure of.
    """
    areas = _class_areas(job, counts)
    warnings = () if job.fit is None or job.fit.fits else (job.fit.message,)
    warnings = warnings if sum(counts.pixels) else (*warnings, _no_data(job))
    classes: list[dict[str, str | int | float | None]] = []
    for entry in job.model.classes:
        pixels = counts.pixels[entry.value]
        area_m2 = None if areas is None else areas[entry.value]
        classes.append({"value": entry.value, "name": entry.name, "pixels": pixels, "area_m2": area_m2})
    return Report(
        software_version=__version__,
        raster=job.info.path,
        raster_pixel_m=job.pixel_size.raster_m,
        working_pixel_m=job.pixel_size.working_m,
        model_pixel_m=job.model.resolution_m,
        width=job.window.width,
        height=job.window.height,
        pixels=job.window.width * job.window.height,
        valid_pixels=sum(counts.pixels),
        patches=counts.patches,
        selected_patches=counts.selected_patches,
        ratio_asked=job.ratio,
        threshold=job.options.threshold,
        minutes=job.options.minutes,
        ratio=counts.selected_patches / max(1, counts.patches),
        seconds=seconds,
        pixels_read={"coarse": statistics.coarse_pixels, "refine": statistics.fine_pixels},
        network=network,
        classes=classes,
        bands=job.bands,
        bands_reason=job.bands_reason,
        alpha=job.options.alpha,
        stretch=None if job.stretch is None else asdict(job.stretch),
        fit=_fit_of(job),
        model=job.model.name,
        model_sha256=job.model.sha256,
        device=streams.device,
        precision=streams.precision,
        onnxruntime_version=streams.version,
        workers=None,
        peak_memory_bytes=peak_memory_bytes(),
        unreadable=tuple(
            (window.row, window.col, window.height, window.width)
            for window in sorted(statistics.unreadable, key=lambda window: (window.row, window.col))
        ),
        run=job.digest,
        messages=(*job.notes, *streams.messages, *doubts, *warnings),
        warnings=(*job.warnings, *doubts, *warnings),
    )


def _fit_of(job: SegmentationJob) -> dict[str, Any] | None:
    """The fit as the report has it."""
    if job.fit is None:
        return None
    places = [(scene.row, scene.col, scene.height, scene.width) for scene in scene_windows(job.canvas, job.scene_plan)]
    scenes = [{"window": place, "fit": fit} for place, fit in zip(places, job.fit.scenes)]
    return {**asdict(job.fit), "scenes": scenes}


def _no_data(job: SegmentationJob) -> str:
    """Word a run that found nothing to segment."""
    part = "" if job.options.bounds is None else " within the bounds"
    part += "" if job.options.area is None else " within the area of interest"
    marks = [f"alpha band {band}" for band in job.info.alpha_bands if band not in job.bands]
    marks += ["its mask"] if job.info.has_own_mask else []
    marks += [f"nodata {number:g}" for number in sorted({n for n in job.info.nodata if n is not None})]
    why = f" by {' or '.join(marks)}" if marks else ""
    advice = " If that alpha band is data, choose --alpha data (ALPHA in QGIS)." if job.info.alpha_bands else ""
    return f"No pixel of '{job.info.path}'{part} holds data{why}: the results are empty.{advice}"


def _class_areas(job: SegmentationJob, counts: RunCounts) -> list[float] | None:
    """Square metres per class; None where pixels have no size on the ground."""
    area = _pixel_area_m2(job.info)
    if area is not None:
        return [pixels * area for pixels in counts.pixels]
    return areas_of_blocks(job.info, job.window, counts.blocks, len(counts.pixels))


def _pixel_area_m2(info: RasterInfo) -> float | None:
    """Square metres of a pixel in the plane of the map; None unless the CRS is projected."""
    if not info.has_transform or info.unit_m is None:
        return None
    return abs(info.transform.pixel_area) * info.unit_m**2


def peak_memory_bytes() -> int | None:
    """Largest resident memory of this process so far, None where the system does not report it."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
