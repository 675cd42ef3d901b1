"""A checked job: what one run is about, and what follows from it before the first pixel."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.familiarity import ImageryFit
from uhrs_qgis_plugin.engine.grid import CELL32, DOWN_RATIO, TILE, Canvas, Window, fit_side
from uhrs_qgis_plugin.engine.inference import kind_of
from uhrs_qgis_plugin.engine.outputs import Outputs, check_disk, check_outputs
from uhrs_qgis_plugin.engine.raster import (
    RasterInfo,
    RasterReader,
    Stretch,
    check_stretch,
    few_bits,
    is_worth_keeping,
    kept_bytes,
    measure_stretch,
    reductions,
    with_crs,
    working_info,
)
from uhrs_qgis_plugin.engine.results import __version__
from uhrs_qgis_plugin.engine.segmentation.planning.area_of_interest import processed_window
from uhrs_qgis_plugin.engine.segmentation.planning.bands import check_numbers, choose_bands
from uhrs_qgis_plugin.engine.segmentation.planning.digest import digest_of, state_of_source
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options
from uhrs_qgis_plugin.engine.segmentation.planning.pixel_size import PixelSize, choose_pixel_size
from uhrs_qgis_plugin.engine.segmentation.planning.scene_plan import ScenePlan

COARSE_BYTES_IN_MEMORY = 32 << 20  # a larger coarse map lies in files beside the output, and what else must wait

BYTES_AHEAD = 24 << 20  # pixels of patches that wait for the device

MOST_STRETCHED = 1.1  # areas in the plane of a map of the region are within a hundredth of those on the ground

STRIPED = 4  # a file block this many times as wide as a block of ours is a strip


class StartedModel(Protocol):
    """What a run has to know of the model's start, wherever that was.

    Attributes:
        device: Name of the device.
        precision: "float" or "int8".
        version: Of onnxruntime.
        messages: What happened on the way, for people.
    """

    @property
    def version(self) -> str: ...  # noqa: D102 (see above)

    @property
    def precision(self) -> str: ...  # noqa: D102

    @property
    def device(self) -> str: ...  # noqa: D102

    @property
    def messages(self) -> list[str]: ...  # noqa: D102


@dataclass(frozen=True)
class SegmentationJob:
    """What one run is about; made by `check_job`.

    Attributes:
        raster: The raster.
        info: The raster on the working grid; the same where it is read at its own pixels.
        pixel_size: How these two differ.
        model: The model.
        outputs: Where the results go.
        options: How to segment.
        bands: Raster bands (from 1) in the model's order.
        bands_reason: Why these bands; see `BandChoice`.
        stretches: Whether the raster's numbers must become 8 bits.
        window: Pixels of the working grid to process.
        canvas: The canvas over them.
        stretch: How numbers become 8 bits; None when they stay, or before it has been measured.
        fit: How well the raster fits the model's training imagery; None where that is not known, or not yet.
        digest: What the results depend on; see `digest_of`. "" where nothing is written.
        notes: What people must know about how the raster is read.
        warnings: Those notes that say that the results may be useless.
    """

    raster: RasterInfo
    info: RasterInfo
    pixel_size: PixelSize
    model: Bundle
    outputs: Outputs
    options: Options
    bands: tuple[int, ...]
    bands_reason: str
    stretches: bool
    window: Window
    canvas: Canvas
    stretch: Stretch | None = None
    fit: ImageryFit | None = None
    digest: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_resampled(self) -> bool:
        """Whether the working grid is not the raster's own."""
        return self.info is not self.raster

    @property
    def on_raster(self) -> SegmentationJob:
        """The same part of the raster in its own pixels."""
        return replace(self, info=self.raster, window=processed_window(self.raster, self.options))

    @property
    def ratio(self) -> float | None:
        """K of the options, or the model's default; None when a threshold or a time is given."""
        if self.options.threshold is not None or self.options.minutes is not None:
            return None
        return self.model.default_ratio if self.options.ratio is None else self.options.ratio

    @property
    def scene_plan(self) -> ScenePlan:
        """How to cut the canvas into scenes."""
        side = fit_side(self.options.scene_side, self.model.patch_side)
        # Rounding the side may leave less than the requested overlap.
        overlap = min(self.options.scene_overlap, side - CELL32)
        model = self.model
        return ScenePlan(side, overlap, model.coarse_channels, model.uncertainty_stride, model.has_first_look)

    @property
    def block_shape(self) -> tuple[int, int]:
        """Rows and columns of a block in pixels. Files in strips get flat blocks: a strip is then decoded once.

        A small raster is cut in the middle: one block would be fused in one lane, and written when all else is done.
        """
        side = fit_side(self.options.block_side, self.model.patch_side)
        if self.is_striped:
            flat = fit_side(min(side, TILE), self.model.patch_side)
            return flat, fit_side(side * side // flat, self.model.patch_side)
        half = -(-max(self.canvas.height, self.canvas.width) // (2 * TILE)) * TILE
        side = fit_side(min(side, half), self.model.patch_side)
        return side, side

    @property
    def is_striped(self) -> bool:
        """Whether blocks are flat: see `block_shape`."""
        return self.info.block_shape[1] >= STRIPED * fit_side(self.options.block_side, self.model.patch_side)

    @property
    def coarse_bytes(self) -> int:
        """Size of the coarse map; what scenes share counts for each."""
        plan = self.scene_plan
        cells32, cells = self.canvas.cells(CELL32), self.canvas.cells(plan.stride)
        size = 4 * (plan.channels * cells32[0] * cells32[1] + cells[0] * cells[1])
        return size * plan.side**2 // (plan.side - plan.overlap) ** 2

    @property
    def keeps_pixels(self) -> bool:
        """Whether pixels of the working grid are kept for the refine pass. Unreadable blocks are looked for anew."""
        both_passes = self.ratio != 0 and self.options.unreadable == "stop" and self.model.has_first_look
        return self.is_resampled and both_passes and is_worth_keeping(self.raster, self.info)

    @property
    def scratch_bytes(self) -> int:
        """Size of what is kept between the passes: the coarse map, and pixels of the working grid."""
        pixels = self.window.height * self.window.width
        return self.coarse_bytes + (kept_bytes(self.info, self.bands, pixels) if self.keeps_pixels else 0)

    @property
    def spills(self) -> bool:
        """Whether the coarse map, and what else waits for a part of the canvas, is kept in files."""
        return self.scratch_bytes > COARSE_BYTES_IN_MEMORY

    def batches_ahead(self, batch_size: int) -> int:
        """Batches of `batch_size` patches that may wait for the device."""
        pixel = len(self.bands) * np.dtype(self.model.data_type).itemsize
        batch = batch_size * self.model.window_side**2 * pixel
        return max(2, min(64, BYTES_AHEAD // batch))

    @property
    def preview_outputs(self) -> Outputs:
        """Where the preview goes: 'p.tif', and its uncertainty 'p_uncertainty.tif'."""
        stem, ending = os.path.splitext(self.outputs.preview or "")
        return Outputs(f"{stem}{ending}", f"{stem}_uncertainty{ending}")


def read_reductions(info: RasterInfo, model: Bundle, options: Options) -> tuple[int, ...]:
    """Tell how many pixels along a side of a raster a run reads as one: by these overviews are chosen.

    Raises:
        OptionsError: As in `choose_pixel_size`.
    """
    size = choose_pixel_size(with_crs(info, options.crs), model, options.resolution)
    if (size.height, size.width) == (info.height, info.width):
        return (DOWN_RATIO,)
    return reductions(info, working_info(info, size.height, size.width))


def check_job(info: RasterInfo, model: Bundle, outputs: Outputs, options: Options) -> SegmentationJob:
    """Check everything that can be known before the first pixel, but for the device.

    Raises:
        RasterError: The raster does not fit the model.
        OptionsError: The options do not fit the raster, the model or the outputs.
        OutputError: An output cannot be written, or the disk is too full.
    """
    job = plan_job(info, model, outputs, options)
    _check_unfamiliar(job)
    wanted = outputs.named()
    if outputs.preview is not None:
        wanted.update({f"preview of {name}": path for name, path in job.preview_outputs.named().items()})
    inputs = dict.fromkeys((job.info.path, *job.info.files), "the input raster")
    check_outputs(wanted, {**inputs, model.path: "the model"})
    scratch = job.scratch_bytes if options.resume or options.cluster or job.spills else 0
    pixels = job.window.height * job.window.width
    if job.is_resampled and options.grid == "input":
        pixels += job.on_raster.window.height * job.on_raster.window.width
    check_disk(outputs, pixels, options.uncertainty_cell, scratch, options.cluster is not None)
    return replace(job, digest=digest_of(info.source, model, options, outputs))


def plan_job(info: RasterInfo, model: Bundle, outputs: Outputs, options: Options) -> SegmentationJob:
    """Check raster, model and options against each other; outputs are not looked at.

    Raises:
        RasterError: The raster does not fit the model.
        OptionsError: The options do not fit the raster or the model.
    """
    _check_first_look(model, outputs, options)
    choice = choose_bands(info, model, options.bands)
    stretches = check_numbers(info, model, choice.numbers, options.stretch)
    raster, pixel_size = info, choose_pixel_size(info, model, options.resolution)
    if (pixel_size.height, pixel_size.width) != (raster.height, raster.width):
        info = working_info(raster, pixel_size.height, pixel_size.width)
    window = processed_window(info, options)
    warnings = (*_warnings(raster), *_stretched_areas(raster, pixel_size))
    return SegmentationJob(
        raster=raster,
        info=info,
        pixel_size=pixel_size,
        model=model,
        outputs=outputs,
        options=options,
        bands=choice.numbers,
        bands_reason=choice.reason,
        stretches=stretches,
        window=window,
        warnings=(*warnings, pixel_size.message) if pixel_size.is_unknown else warnings,
        canvas=Canvas(window.height, window.width, model.patch_side),
        notes=tuple(
            filter(
                None,
                (
                    *warnings,
                    _copied(raster),
                    _given_crs(info, options),
                    choice.note(model),
                    pixel_size.message,
                    _unknown_fit(model),
                    _area_note(options),
                ),
            )
        ),
    )


def with_stretch(job: SegmentationJob, reader: RasterReader, check: Callable[[], None]) -> SegmentationJob:
    """Find out how the raster's numbers become 8 bits, where they must.

    Args:
        job: The job.
        reader: The raster.
        check: Called now and then; an error that it raises comes out of here.

    Returns:
        The job with its stretch, and a note about it.
    """
    if not job.stretches:
        return job
    given = check_stretch(job.options.stretch)
    if given is not None:
        stretch = Stretch(dict.fromkeys(job.bands, given), "as given")
    else:
        stretch = few_bits(job.info, job.bands) or measure_stretch(reader, job.bands, check)
    types = ", ".join(sorted({job.info.dtypes[band - 1] for band in job.bands}))
    limits = ", ".join(f"band {band} {low:g} to {high:g}" for band, (low, high) in sorted(stretch.limits.items()))
    note = f"The raster's {types} numbers are brought to 8 bits: {limits} become 0 to 255 ({stretch.reason})."
    return replace(job, stretch=stretch, notes=(*job.notes, note))


def _check_first_look(model: Bundle, outputs: Outputs, options: Options) -> None:
    """Check that nothing is asked for that only a first look can give.

    Raises:
        OptionsError: It is, and the model has none.
    """
    if model.has_first_look:
        return
    asked = {"threshold": options.threshold, "minutes": options.minutes, "preview": outputs.preview}
    if options.ratio != 1:
        asked["ratio"] = options.ratio
    for name, value in asked.items():
        if value is not None:
            raise OptionsError(
                f"{name}={value} was given but model '{model.name}' has no first look, so that every patch is looked "
                f"at closely (K = 1): leave {name} away, or choose another model."
            )


def _unknown_fit(model: Bundle) -> str:
    """Word that the model cannot tell whether imagery fits."""
    if model.imagery is not None:
        return ""
    return "Fit unknown: the model carries no statistics of its training imagery to compare the raster with."


def _area_note(options: Options) -> str:
    """Say that only an area is segmented, "" where all is."""
    if options.area is None:
        return ""
    return "Pixels outside of the area of interest count as no data."


def _check_unfamiliar(job: SegmentationJob) -> None:
    """Check that a band of what is unfamiliar can be had.

    Raises:
        OptionsError: It cannot.
    """
    if not job.options.unfamiliar:
        return
    if job.outputs.uncertainty is None:
        raise OptionsError(
            "unfamiliar is a band of the uncertainty raster, and none is written: give one, or leave it away."
        )
    if job.model.imagery is None:
        raise OptionsError(
            f"unfamiliar was asked for but model '{job.model.name}' carries no statistics of its training imagery: "
            "choose another model, or describe its imagery (training/describe_imagery.py)."
        )


def _warnings(info: RasterInfo) -> tuple[str, ...]:
    """What is doubtful about a raster."""
    notes = []
    if not info.source.overviews:
        notes.append(
            f"The overviews of '{info.path}' show another image, such as an older one of the same name: the raster is "
            "read without them. Rebuild them with gdaladdo."
        )
    if info.placed_by:
        notes.append(
            f"'{info.path}' is placed on the map by {info.placed_by} alone, which the results do not carry: they lie "
            "at its pixel coordinates and areas are not measured. To have them on the map, warp it first (gdalwarp)."
        )
    return tuple(notes)


def _copied(info: RasterInfo) -> str:
    """Say that a raster was downloaded, "" where it was not."""
    size = sum(copy.size for copy in info.source.copies)
    if not size:
        return ""
    return (
        f"The server of '{info.path}' sends files only whole, not parts of them (HTTP ranges): its {size / 1e6:.0f} MB "
        "were downloaded, and are deleted after the run."
    )


def _stretched_areas(info: RasterInfo, pixel_size: PixelSize) -> tuple[str, ...]:
    """Word that areas in the plane of the map are not those on the ground, as in Web Mercator; () where they are."""
    if not info.has_transform or info.unit_m is None or pixel_size.raster_m is None:
        return ()
    times = abs(info.transform.pixel_area) * info.unit_m**2 / pixel_size.raster_m**2
    if 1 / MOST_STRETCHED <= times <= MOST_STRETCHED:
        return ()
    return (
        f"Areas are measured in the plane of the map, where they are {times:.3g} times those on the ground: measure "
        "them with Class areas in QGIS, or warp the raster into a projection of the region first (gdalwarp -t_srs).",
    )


def _given_crs(info: RasterInfo, options: Options) -> str:
    """Name a CRS that was given, "" without one."""
    if not options.crs:
        return ""
    parts = info.crs_wkt.split('"')
    name = parts[1] if len(parts) > 1 else options.crs
    return f"The coordinate reference system is taken to be '{name}', as given."


def run_identity(job: SegmentationJob, streams: StartedModel) -> dict[str, Any]:
    """Everything that the result of a run depends on, for `Journal`.

    Returns:
        Word for people -> what must be equal.
    """
    options = {**asdict(job.options), "resume": None}
    del options["cluster"]  # the result does not depend on who computes it
    return {
        "raster": state_of_source(job.raster.source),
        "model": job.model.sha256,
        "set of options": options,
        "choice of bands": [list(job.bands), sorted(job.stretch.limits.items()) if job.stretch else None],
        "set of outputs": {name: os.path.abspath(path) for name, path in job.outputs.named().items()},
        "version": [__version__, streams.version],
        "device": kind_of(streams.device),
        "precision": streams.precision,
    }
