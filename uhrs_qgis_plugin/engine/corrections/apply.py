"""Writes a copy of a class raster with the judgements of reviewers applied: `uhrs:correctedclasses` without QGIS.

Streams over rasters of any size: memory depends on the block, and on the polygons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.corrections.judgements import Judgements
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.outputs import Outputs, Publication, check_disk, check_outputs
from uhrs_qgis_plugin.engine.raster import Appearance, RasterProfile, RasterReader, create_raster, open_raster
from uhrs_qgis_plugin.engine.results import VALUES, block_windows, check_classes, nodata_of, read_labels

WRITTEN = 0.7  # share of the work that is done when all blocks are written; then overviews are made


@dataclass(frozen=True, eq=False)
class Applied:
    """What was done.

    Attributes:
        changed: (256, 256) pixels by class before and class now; only those that changed.
        judged: Pixels with data that were judged, including those that were right.
    """

    changed: NDArray[np.int64]
    judged: int

    @property
    def pixels(self) -> int:
        """How many pixels changed."""
        return int(self.changed.sum())

    def moves(self) -> list[tuple[int, int, int]]:
        """List what changed: class before, class now, pixels; most pixels first."""
        places = np.argwhere(self.changed)
        found = [(int(old), int(new), int(self.changed[old, new])) for old, new in places]
        return sorted(found, key=lambda move: (-move[2], move[0], move[1]))


def apply_corrections(
    classes: str,
    judgements: Judgements,
    destination: str,
    appearance: Appearance,
    watch: Watch = UNWATCHED,
) -> Applied:
    """Write a corrected copy of a class raster; it appears at the very end, complete and checked.

    Args:
        judgements: In pixels of the class raster.
        destination: GeoTIFF to write, cloud-optimised; replaced when it is there.

    Returns:
        What was done.

    Raises:
        RasterError: The class raster cannot be read, or is none.
        OptionsError: The destination is the class raster, or no GeoTIFF by its name.
        OutputError: The copy cannot be written.
        CancelledError: The caller cancelled.
    """
    with open_raster(classes) as reader:
        check_classes(reader.info)
        inputs = dict.fromkeys(reader.info.files, "the class raster that is corrected")
        check_outputs({"corrected classes": destination}, inputs)
        outputs = Outputs(destination)
        check_disk(outputs, reader.info.height * reader.info.width)
        profile = _profile(reader, appearance)
        with Publication(outputs, {"classes": profile}) as publication:
            plain = publication.scratch("classes")
            applied = _write_corrected(reader, judgements, plain, profile, watch.part(0, WRITTEN))
            publication.finish({"classes": plain}, watch.part(WRITTEN, 1))
            publication.publish("")
    return applied


def _write_corrected(
    reader: RasterReader, judgements: Judgements, path: str, profile: RasterProfile, watch: Watch
) -> Applied:
    """Write the corrected pixels into a plain GeoTIFF."""
    info, nodata = reader.info, nodata_of(reader.info)
    changed, judged = np.zeros((VALUES, VALUES), np.int64), 0
    with create_raster(path, profile) as writer:
        for window in block_windows(info):
            watch.check()
            labels = read_labels(reader, window, nodata)
            if judgements.touches(window):
                before = labels.copy()
                judged += int(np.count_nonzero(judgements.apply(labels, window, nodata)))
                differs = before != labels
                np.add.at(changed, (before[differs], labels[differs]), 1)
            writer.write(labels[None], window.row, window.col)
            watch.report((window.row * info.width + window.col_end * window.height) / (info.height * info.width))
    return Applied(changed, judged)


def _profile(reader: RasterReader, appearance: Appearance) -> RasterProfile:
    """Describe the copy: the grid of the class raster, and its appearance."""
    info = reader.info
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
        metadata=appearance.metadata,
    )
