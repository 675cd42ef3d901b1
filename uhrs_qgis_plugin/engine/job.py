"""A checked job: what one run is about, and what follows from it before the first pixel."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from uhrs_qgis_plugin.engine import __version__
from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.checks import check_disk, check_outputs, choose_bands
from uhrs_qgis_plugin.engine.coarse import ScenePlan
from uhrs_qgis_plugin.engine.grid import CELL32, Canvas, Window, fit_side
from uhrs_qgis_plugin.engine.options import Options, Outputs
from uhrs_qgis_plugin.engine.raster import transform_of_window, window_from_bounds
from uhrs_qgis_plugin.engine.raster_contract import IDENTITY, RasterInfo, RasterProfile
from uhrs_qgis_plugin.engine.refine import NODATA

UNCERTAINTY_NAMES = ("resolution-biased uncertainty (U)", "final uncertainty")
PIXEL_COORDINATES = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)  # where QGIS draws a raster that has no geotransform


@dataclass(frozen=True)
class Job:
    """What one run is about; made by `check_job`.

    Attributes:
        info: The raster.
        model: The model.
        outputs: Where the results go.
        options: How to segment.
        bands: Raster bands (from 1) in the model's order.
        window: Pixels of the raster to process.
        canvas: The canvas over them.
    """

    info: RasterInfo
    model: Bundle
    outputs: Outputs
    options: Options
    bands: tuple[int, ...]
    window: Window
    canvas: Canvas

    @property
    def ratio(self) -> float | None:
        """K as asked for, or the model's default; None when a threshold rules."""
        if self.options.threshold is not None:
            return None
        return self.model.default_ratio if self.options.ratio is None else self.options.ratio

    @property
    def scene_plan(self) -> ScenePlan:
        """How to cut the canvas into scenes."""
        side = fit_side(self.options.scene_side, self.model.patch_side)
        # Rounding the side may leave less than the overlap asked for.
        overlap = min(self.options.scene_overlap, side - CELL32)
        return ScenePlan(side, overlap, self.model.coarse_channels, self.model.uncertainty_stride)

    @property
    def block_side(self) -> int:
        """Side of a block in pixels."""
        return fit_side(self.options.block_side, self.model.patch_side)


def check_job(info: RasterInfo, model: Bundle, outputs: Outputs, options: Options) -> Job:
    """Check everything that can be known before the first pixel, but for the device.

    Args:
        info: The raster.
        model: The model.
        outputs: Where the results go.
        options: How to segment.

    Returns:
        The job.

    Raises:
        RasterError: The raster does not fit the model.
        OptionsError: The options do not fit the raster, the model or the outputs.
        OutputError: An output cannot be written, or the disk is too full.
    """
    check_outputs(outputs, info.path, model)
    bands = choose_bands(info, model, options.bands)
    window = Window(0, 0, info.height, info.width)
    if options.bounds is not None:
        window = window_from_bounds(info, options.bounds)
    canvas = Canvas(window.height, window.width, model.patch_side)
    check_disk(outputs, canvas, options)
    return Job(info, model, outputs, options, bands, window, canvas)


def output_profiles(job: Job) -> dict[str, RasterProfile]:
    """Describe the rasters to create.

    Args:
        job: What the run is about.

    Returns:
        "classes" and, if wanted, "uncertainty" -> profile.
    """
    model, window, cell = job.model, job.window, job.options.uncertainty_cell
    profiles = {
        "classes": RasterProfile(
            width=window.width,
            height=window.height,
            count=1,
            crs_wkt=job.info.crs_wkt,
            transform=_transform(job.info, window, 1),
            nodata=NODATA,
            band_names=("classes",),
            colours={entry.value: entry.colour for entry in model.classes},
            categories=tuple(entry.name for entry in model.classes),
            metadata=_provenance(job),
        )
    }
    if job.outputs.uncertainty is not None:
        profiles["uncertainty"] = RasterProfile(
            width=-(-window.width // cell),
            height=-(-window.height // cell),
            count=2,
            crs_wkt=job.info.crs_wkt,
            transform=_transform(job.info, window, cell),
            nodata=NODATA,
            band_names=UNCERTAINTY_NAMES,
            scale=1 / 254,
            metadata=_provenance(job),
        )
    return profiles


def _transform(info: RasterInfo, window: Window, scale: int) -> tuple[float, ...]:
    """Geotransform of an output; it stays away where the input has none and the output is the same grid."""
    if info.has_transform:
        return transform_of_window(info.transform, window, scale)
    if scale == 1 and (window.row, window.col) == (0, 0):
        return IDENTITY
    return transform_of_window(PIXEL_COORDINATES, window, scale)


def _provenance(job: Job) -> dict[str, str]:
    """Metadata items that say how an output came about."""
    options = {key: value for key, value in asdict(job.options).items() if value is not None}
    if job.ratio is not None:
        options["ratio"] = job.ratio
    options["bands"] = list(job.bands)
    return {
        "UHRS_VERSION": __version__,
        "UHRS_MODEL": job.model.name,
        "UHRS_MODEL_SHA256": job.model.sha256,
        "UHRS_OPTIONS": json.dumps(options),
    }
