"""Cleaned class rasters: `engine clean` and `uhrs:cleanclasses` without QGIS.

First the majority around each pixel, where that is wanted, then specks become part of the neighbour with the longest
border, as in polygons. Palette, names, nodata and grid are those of the input.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.areas import measure
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Message, Watch
from uhrs_qgis_plugin.engine.outputs import Outputs, Publication, check_disk, check_outputs
from uhrs_qgis_plugin.engine.polygons.absorb import absorb
from uhrs_qgis_plugin.engine.polygons.majority import Strip, majority_strips
from uhrs_qgis_plugin.engine.polygons.options import LARGEST, least_pixels
from uhrs_qgis_plugin.engine.polygons.plan import ClassSource, find_patches
from uhrs_qgis_plugin.engine.polygons.sources import GroundAreas
from uhrs_qgis_plugin.engine.polygons.strips import NOTHING, strip_rows
from uhrs_qgis_plugin.engine.raster import (
    RasterInfo,
    RasterProfile,
    bounded_memory,
    create_raster,
    open_raster,
    read_appearance,
)
from uhrs_qgis_plugin.engine.results import check_classes, nodata_of

LARGEST_SQUARE = 101  # pixels
FOUND, WRITTEN = 0.4, 0.75  # shares of a run
CLEANED_FROM = "UHRS_CLEANED_FROM"  # metadata item


@dataclass(frozen=True)
class CleanOptions:
    """How a class raster is cleaned.

    Attributes:
        min_area: Smallest patch in square metres, in pixels where the raster has no ground; None = 100 pixels, 0 = all
            stay.
        majority: Side in pixels of the square whose most frequent class each pixel gets, an odd number; 0 = not at all.
    """

    min_area: float | None = None
    majority: int = 0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            OptionsError: One is outside its range, or nothing is to be done.
        """
        if not 0 <= (self.min_area or 0) <= LARGEST:
            raise OptionsError(f"min_area={self.min_area} is not allowed: use 0 or more.")
        odd = self.majority == 0 or (3 <= self.majority <= LARGEST_SQUARE and self.majority % 2 == 1)
        if not odd:
            raise OptionsError(f"majority={self.majority} is not allowed: use 0, or an odd 3 to {LARGEST_SQUARE}.")
        if self.min_area == 0 and self.majority == 0:
            raise OptionsError("Nothing is to be cleaned: give a smallest area, a square for the majority, or both.")


@dataclass(frozen=True)
class CleanReport:
    """What was done.

    Attributes:
        pixels: With data.
        changed: Of them, those that have another class now.
        min_pixels: Pixels of the smallest patch that is kept.
        before: Patches before specks went, but after the majority.
        after: Patches that are left.
    """

    pixels: int
    changed: int
    min_pixels: int
    before: int
    after: int


@dataclass(frozen=True)
class CleanSource(ClassSource):
    """A class raster that is filtered while it is read.

    Attributes:
        radius: Of the square of the majority; 0 = not filtered.
    """

    radius: int = 0

    def strips(self, watch: Watch) -> Iterator[Strip]:
        """Read the strips, filtered."""
        strips = super().strips(watch)
        return majority_strips(strips, self.radius, self.info.height) if self.radius else strips


def check_clean(classes: str, backend: str = "auto") -> RasterInfo:
    """Check what is to be cleaned, without reading pixels.

    Raises:
        RasterError: It cannot be read, or is no class raster.
    """
    with open_raster(classes, backend) as reader:
        check_classes(reader.info)
        return reader.info


def clean_classes(
    info: RasterInfo,
    destination: str,
    options: CleanOptions,
    watch: Watch = UNWATCHED,
    crs_wkt: str | None = None,
    backend: str = "auto",
) -> CleanReport:
    """Write a cleaned copy of a class raster; it appears at the very end, complete and checked.

    Args:
        info: From `check_clean`.
        destination: GeoTIFF to write, cloud-optimised; replaced when it is there.
        crs_wkt: Coordinate reference system, where a user knows better than the file.

    Raises:
        RasterError: The class raster cannot be read.
        OptionsError: It is too scattered, or the destination is what is read.
        OutputError: The copy cannot be written.
        CancelledError: The caller cancelled.
    """
    check_outputs({"cleaned classes": destination}, dict.fromkeys(info.files, "the class raster that is cleaned"))
    outputs = Outputs(destination)
    check_disk(outputs, info.height * info.width)
    areas, _ = measure(info.crs_wkt if crs_wkt is None else crs_wkt, info.transform, False)
    ground = GroundAreas(info, areas if info.has_transform else None)
    if options.min_area and not ground.is_measured:
        watch.notify(Message("The raster has no ground: the smallest area is taken for pixels.", True))
    min_pixels = least_pixels(options.min_area, ground.pixel)
    source = CleanSource(info, strip_rows(info), backend, options.majority // 2)
    profile = _profile(info, backend)
    with bounded_memory(), Publication(outputs, {"classes": profile}) as publication:
        patches = find_patches(source, ground, None, min_pixels, watch.part(0, FOUND))
        owners = absorb(patches, min_pixels, 1)
        kept = patches.values[owners].astype(np.int32)
        plain = publication.scratch("classes")
        pixels, changed = int(patches.pixels.sum()), 0
        raw = ClassSource(info, source.rows, backend)
        with create_raster(plain, profile) as writer:
            unfiltered = _Rows(raw.strips(UNWATCHED)) if source.radius else None
            for row, values, labels in source.values(patches.of_strip, kept, watch.part(FOUND, WRITTEN)):
                before = labels if unfiltered is None else unfiltered.take(len(labels))
                changed += int(np.count_nonzero(values != before))
                if profile.nodata is not None:
                    values = np.where(values == NOTHING, int(profile.nodata), values)
                writer.write(values.astype(np.uint8)[None], row, 0)
        publication.finish({"classes": plain}, watch.part(WRITTEN, 1))
        publication.publish("")
    count = len(patches.pixels) - 1
    left = len(np.unique(owners)) - 1
    return CleanReport(pixels, changed, min_pixels, count, left)


class _Rows:
    """Takes as many rows as are wanted from strips."""

    def __init__(self, strips: Iterator[Strip]) -> None:
        self._strips = strips
        self._held = np.zeros((0, 0), np.int16)

    def take(self, rows: int) -> NDArray[np.int16]:
        """Return the next rows."""
        while len(self._held) < rows:
            labels = next(self._strips)[1]
            self._held = np.concatenate((self._held, labels)) if len(self._held) else labels
        taken, self._held = self._held[:rows], self._held[rows:]
        return taken


def _profile(info: RasterInfo, backend: str) -> RasterProfile:
    """Describe the copy: the grid of the class raster, and its appearance."""
    appearance = read_appearance(info.path, backend)
    return RasterProfile(
        width=info.width,
        height=info.height,
        count=1,
        crs_wkt=info.crs_wkt,
        transform=info.transform,
        nodata=nodata_of(info),
        band_names=(appearance.band_name,),
        colours=appearance.colours,
        categories=appearance.names,
        metadata={**appearance.metadata, CLEANED_FROM: os.path.basename(info.path)},
    )
