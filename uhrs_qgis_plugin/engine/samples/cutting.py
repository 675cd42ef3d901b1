"""Cuts training samples from judged regions and corrections: `uhrs:trainingsamples` without QGIS.

Streams over rasters of any size: memory depends on a block, on a crop, on the polygons, and on one byte for 32 x 32
pixels of the raster.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.corrections import Judgements
from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import (
    RasterInfo,
    RasterProfile,
    RasterReader,
    WorkingReader,
    band_roles,
    create_raster,
    open_raster,
)
from uhrs_qgis_plugin.engine.results import VALUES, block_windows, check_classes, nodata_of, read_labels
from uhrs_qgis_plugin.engine.samples.alignment import (
    bands_of_image,
    data_type_of,
    image_window,
    nodata_of_image,
    on_working_grid,
)
from uhrs_qgis_plugin.engine.samples.crops import Crop, JudgedCells, goes_to_validation
from uhrs_qgis_plugin.engine.samples.sample_set import UNJUDGED, Content, SampleClass, SampleSet, sample_names

JUDGED_FOUND = 0.3  # share of the work that is done when all judged places are known
LEAST_SIDE, MOST_SIDE = 64, 8192


@dataclass(frozen=True)
class SampleOptions:
    """How samples are cut.

    Attributes:
        side: Side of a crop in pixels, 64..8192; crops are smaller where the raster is.
        validation: Share of the samples for validation, 0..0.5; see `goes_to_validation`.
        bands: Bands of the image (from 1) in the order of the model; None = all that are not alpha.
        append: Whether samples may be added to those that are in the folder.
    """

    side: int = 640
    validation: float = 0.2
    bands: tuple[int, ...] | None = None
    append: bool = False

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            OptionsError: One is outside its range.
        """
        if not LEAST_SIDE <= self.side <= MOST_SIDE:
            raise OptionsError(f"Crops of {self.side} pixels are not allowed: use {LEAST_SIDE} to {MOST_SIDE}.")
        if not 0 <= self.validation <= 0.5:
            raise OptionsError(f"The share {self.validation} for validation is not allowed: use 0 to 0.5.")


@dataclass(frozen=True)
class SampleSources:
    """What samples are cut from.

    Attributes:
        image: The raster that was segmented.
        classes: The class raster; it lies on the image's pixels and may cover a part of it.
        labels: Its classes.
        facts: Further entries about them for the list of the set.
    """

    image: str
    classes: str
    labels: tuple[SampleClass, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Samples:
    """What was written.

    Attributes:
        train: Samples for training.
        val: Samples for validation.
        in_set: Samples in the folder now, those of other rasters included.
        pixels: (256,) judged pixels per class.
        valid_pixels: Pixels of the class raster with data.
    """

    train: int
    val: int
    in_set: int
    pixels: NDArray[np.int64]
    valid_pixels: int


@dataclass(frozen=True)
class _Cutting:
    """What the steps share."""

    image: RasterReader
    classes: RasterReader
    judgements: Judgements
    sources: SampleSources
    bands: tuple[int, ...]
    watch: Watch

    def labels(self, window: Window) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Read the labels of a window, and which of its pixels were judged."""
        self.watch.check()
        nodata = nodata_of(self.classes.info)
        labels = read_labels(self.classes, window, nodata)
        return labels, self.judgements.apply(labels, window, nodata)


def cut_samples(
    sources: SampleSources,
    judgements: Judgements,
    folder: str,
    options: SampleOptions = SampleOptions(),
    watch: Watch = UNWATCHED,
) -> Samples:
    """Write samples of all judged pixels; they appear at the very end, when all are complete.

    Args:
        sources: Image, class raster and its classes.
        judgements: In pixels of the class raster.

    Returns:
        What was written.

    Raises:
        RasterError: A raster cannot be read, or they do not fit each other.
        OptionsError: The folder is not for these samples, or no pixel with data was judged.
        OutputError: A file cannot be written.
        CancelledError: The caller cancelled.
    """
    with open_raster(sources.classes) as classes, _open_image(sources.image, classes.info) as image:
        check_classes(classes.info)
        image_window(image.info, classes.info, Window(0, 0, classes.info.height, classes.info.width))
        bands = bands_of_image(image.info, options.bands)
        run = _Cutting(image, classes, judgements, sources, bands, watch)
        content = Content(sources.labels, len(bands), data_type_of(image.info, bands))
        samples = SampleSet(folder, content, os.path.abspath(sources.image), options.append)
        cells, pixels, valid = _find_crops(run, watch.part(0, JUDGED_FOUND))
        crops = list(cells.crops(options.side))
        _check_judged(run, pixels, bool(crops))
        with samples:
            _check_space(folder, crops, content)
            entries = _write_crops(run, crops, samples, options, watch.part(JUDGED_FOUND, 1))
            samples.publish({**sources.facts, "bands": list(bands), "side": options.side, "samples": entries})
    val = sum(entry["split"] == "val" for entry in entries)
    return Samples(len(entries) - val, val, samples.others + len(entries), pixels, valid)


def _open_image(path: str, classes: RasterInfo) -> RasterReader:
    """Open the image at the pixel size of its class raster."""
    image = open_raster(path)
    grid = on_working_grid(image.info, classes)
    return image if grid is image.info else WorkingReader(image, grid.height, grid.width)


def _find_crops(run: _Cutting, watch: Watch) -> tuple[JudgedCells, NDArray[np.int64], int]:
    """Find the judged places; also the judged pixels per class, and the pixels with data."""
    info, nodata = run.classes.info, nodata_of(run.classes.info)
    cells, pixels, valid = JudgedCells(info.height, info.width), np.zeros(VALUES, np.int64), 0
    for window in block_windows(info):
        labels, judged = run.labels(window)
        valid += labels.size if nodata is None else int(np.count_nonzero(labels != nodata))
        if judged.any():
            cells.add(judged, window)
            pixels += np.bincount(labels[judged], minlength=VALUES)
        watch.report((window.row * info.width + window.col_end * window.height) / (info.height * info.width))
    return cells, pixels, valid


def _check_judged(run: _Cutting, pixels: NDArray[np.int64], any_crop: bool) -> None:
    """Check what was judged.

    Raises:
        OptionsError: Nothing, or a class that is not named.
    """
    if not any_crop:
        raise OptionsError(
            f"No judged region or correction lies on pixels of '{run.classes.info.path}' that have data: judge some of "
            "its regions first, or choose the class raster that was reviewed."
        )
    unknown = sorted(set(np.flatnonzero(pixels).tolist()) - {entry.value for entry in run.sources.labels})
    if unknown:
        raise OptionsError(
            f"Judged pixels of '{run.classes.info.path}' hold the classes {unknown[:10]}, which it does not name: "
            "choose a class raster that names all its classes."
        )


def _check_space(folder: str, crops: list[Crop], content: Content) -> None:
    """Check that the samples fit on the disk, for images that do not compress at all.

    Raises:
        OutputError: They do not.
    """
    pixel = content.bands * np.dtype(content.data_type).itemsize + 1
    needed = pixel * sum(crop.window.height * crop.window.width for crop in crops)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise OutputError(
            f"{len(crops)} samples may need {needed / 1e6:.0f} MB but {free / 1e6:.0f} MB are free at '{folder}': "
            "free some space or choose another disk."
        )


def _write_crops(
    run: _Cutting, crops: list[Crop], samples: SampleSet, options: SampleOptions, watch: Watch
) -> list[dict[str, Any]]:
    """Write the crops under temporary names; returns what the list keeps about each."""
    stem = os.path.splitext(os.path.basename(run.sources.image))[0]
    entries = []
    for index, (crop, name) in enumerate(zip(crops, sample_names(stem, samples.number))):
        split = "val" if goes_to_validation(samples.others + index, options.validation) else "train"
        image_path, label_path = samples.paths(name, split)
        labels, judged = run.labels(crop.window)
        in_core = np.zeros(judged.shape, np.bool_)
        core = crop.core
        in_core[Window(core.row - crop.window.row, core.col - crop.window.col, core.height, core.width).slices()] = 1
        labels[~(judged & in_core)] = UNJUDGED
        _write_image(run, crop.window, image_path)
        _write_label(run, crop.window, label_path, labels)
        entries.append({"name": name, "split": split, "judged_pixels": int(np.count_nonzero(labels != UNJUDGED))})
        watch.report((index + 1) / len(crops))
    return entries


def _write_image(run: _Cutting, window: Window, path: str) -> None:
    """Write the bands of a crop, named by what they are; pixels without data stay such."""
    info = run.image.info
    in_image = image_window(info, run.classes.info, window)
    roles = band_roles(info)
    pixels, nodata = _with_nodata(run, in_image, nodata_of_image(info, run.bands))
    profile = RasterProfile(
        width=window.width,
        height=window.height,
        count=len(run.bands),
        crs_wkt=info.crs_wkt,
        transform=info.transform.of_window(in_image) if info.has_transform else info.transform,
        nodata=nodata,
        band_names=tuple((*roles[band - 1].names, f"band {band}")[0] for band in run.bands),
        dtype=data_type_of(info, run.bands),
    )
    with create_raster(path, profile) as writer:
        writer.write(pixels, 0, 0)


def _with_nodata(run: _Cutting, window: Window, nodata: float | None) -> tuple[NDArray[Any], float | None]:
    """Read pixels of the image (B, h, w), and the number that means no data in them.

    Alpha and masks do not go into crops. Where only they tell, pixels without data become NaN, or 0 in all bands;
    whole numbers that are 0 in all bands by chance become 1 in the first.
    """
    pixels = run.image.read(run.bands, window)
    if nodata is not None or not run.image.info.has_mask:
        return pixels, nodata
    missing = ~run.image.read_valid(run.bands, window)
    if not missing.any():
        return pixels, None
    if pixels.dtype.kind == "f":
        pixels[:, missing] = np.nan
        return pixels, None
    pixels[0, (pixels == 0).all(0)] = 1
    pixels[:, missing] = 0
    return pixels, 0.0


def _write_label(run: _Cutting, window: Window, path: str, labels: NDArray[np.uint8]) -> None:
    """Write the labels of a crop, with the class colours."""
    info = run.image.info
    in_image = image_window(info, run.classes.info, window)
    profile = RasterProfile(
        width=window.width,
        height=window.height,
        count=1,
        crs_wkt=info.crs_wkt,
        transform=info.transform.of_window(in_image) if info.has_transform else info.transform,
        nodata=UNJUDGED,
        band_names=("class",),
        colours={entry.value: entry.colour for entry in run.sources.labels},
        metadata={f"CLASS_{entry.value}": entry.name for entry in run.sources.labels},
    )
    with create_raster(path, profile) as writer:
        writer.write(labels[None], 0, 0)
