"""Finished blocks as small rasters in the folder of a run, and the mosaic that shows them as one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree  # nosec B405  # only builds XML, parses none

import numpy as np

from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.raster import create_raster
from uhrs_qgis_plugin.engine.raster_checks import output_metadata
from uhrs_qgis_plugin.engine.raster_contract import IDENTITY, RasterProfile
from uhrs_qgis_plugin.engine.refine import RefinedBlock


class BlockFiles:
    """Writes blocks and knows which are there. A block's mark is written last: with it the block is whole."""

    def __init__(self, folder: Path, profiles: Mapping[str, RasterProfile], cell: int, classes: int) -> None:
        """Look at what is there.

        Args:
            folder: The folder of the run.
            profiles: "classes" and, if wanted, "uncertainty" -> the whole raster.
            cell: Pixels per pixel of the uncertainty raster.
            classes: Classes of the model.
        """
        self._folder, self._profiles, self._cell = folder, profiles, cell
        self.pixels = [0] * classes  # pixels per class in all blocks that are whole
        self._marks: dict[int, dict[str, list[int]]] = {}
        for path in sorted(folder.glob("block-*.json")):
            mark = json.loads(path.read_text(encoding="utf-8"))
            self._note(int(path.stem.split("-")[1]), mark)

    def __contains__(self, index: int) -> bool:
        """Tell whether a block is whole."""
        return index in self._marks

    def write(self, block: RefinedBlock) -> None:
        """Write a block.

        Args:
            block: Labels and uncertainty of a part of the canvas.

        Raises:
            OutputError: Full disk and the like.
        """
        mark: dict[str, list[int]] = {"pixels": [0] * len(self.pixels)}
        if not block.empty:
            # Comparing bytes is some ten times faster than np.bincount, which turns them into 8 bytes each.
            mark["pixels"] = [int(np.count_nonzero(block.labels == value)) for value in range(len(self.pixels))]
            arrays = {"classes": (block.labels[None], 1), "uncertainty": (block.uncertainty, self._cell)}
            for name in self._profiles:
                array, cell = arrays[name]
                count, height, width = array.shape
                mark[name] = [block.row // cell, block.col // cell, height, width]
                profile = RasterProfile(width, height, count, "", IDENTITY, None, ("",) * count)
                with create_raster(str(self._file(block.index, name)), profile) as writer:
                    writer.write(array, 0, 0)
        path = self._folder / f"block-{block.index:06}.json"
        part = path.with_suffix(".part")
        try:
            part.write_text(json.dumps(mark), encoding="utf-8")
            os.replace(part, path)
        except OSError as error:
            raise OutputError(
                f"Cannot write '{path}' ({error.strerror or error}): free disk space or choose another folder."
            ) from error
        self._note(block.index, mark)

    def mosaic(self, name: str) -> str:
        """Describe all blocks as one raster; where none lies there is no data.

        Args:
            name: "classes" or "uncertainty".

        Returns:
            Path of a VRT file in the folder.
        """
        profile = self._profiles[name]
        root = _header(profile)
        bands = root.findall("VRTRasterBand")
        for index, mark in sorted(self._marks.items()):
            if name not in mark:
                continue
            row, col, height, width = map(str, mark[name])
            size = {"xSize": width, "ySize": height}
            for number, band in enumerate(bands, 1):
                source = ElementTree.SubElement(band, "SimpleSource")
                file = self._file(index, name).name
                ElementTree.SubElement(source, "SourceFilename", relativeToVRT="1").text = file
                ElementTree.SubElement(source, "SourceBand").text = str(number)
                ElementTree.SubElement(source, "SrcRect", {"xOff": "0", "yOff": "0", **size})
                ElementTree.SubElement(source, "DstRect", {"xOff": col, "yOff": row, **size})
        path = self._folder / f"{name}.vrt"
        try:
            ElementTree.ElementTree(root).write(path, encoding="UTF-8")
        except OSError as error:
            raise OutputError(f"Cannot write '{path}' ({error.strerror or error}): free disk space.") from error
        return str(path)

    def _file(self, index: int, name: str) -> Path:
        return self._folder / f"block-{index:06}-{name}.tif"

    def _note(self, index: int, mark: dict[str, list[int]]) -> None:
        self._marks[index] = mark
        self.pixels = [total + more for total, more in zip(self.pixels, mark["pixels"])]


def _header(profile: RasterProfile) -> ElementTree.Element:
    """A VRT without sources that carries all that an output is to say of itself."""
    root = ElementTree.Element("VRTDataset", rasterXSize=str(profile.width), rasterYSize=str(profile.height))
    if profile.crs_wkt:
        ElementTree.SubElement(root, "SRS").text = profile.crs_wkt
    if tuple(profile.transform) != IDENTITY:
        numbers = ", ".join(f"{value:.17g}" for value in profile.transform)
        ElementTree.SubElement(root, "GeoTransform").text = numbers
    metadata = ElementTree.SubElement(root, "Metadata")
    for key, text in output_metadata(profile).items():
        ElementTree.SubElement(metadata, "MDI", key=key).text = text
    for number, name in enumerate(profile.band_names, 1):
        band = ElementTree.SubElement(root, "VRTRasterBand", dataType="Byte", band=str(number))
        ElementTree.SubElement(band, "Description").text = name
        if profile.nodata is not None:
            ElementTree.SubElement(band, "NoDataValue").text = str(profile.nodata)
        if profile.scale is not None:
            ElementTree.SubElement(band, "Offset").text = "0"
            ElementTree.SubElement(band, "Scale").text = f"{profile.scale:.17g}"
        if number == 1 and profile.colours:
            ElementTree.SubElement(band, "ColorInterp").text = "Palette"
            table = ElementTree.SubElement(band, "ColorTable")
            for value in range(max(profile.colours) + 1):
                colour = profile.colours.get(value, (0, 0, 0))
                ElementTree.SubElement(table, "Entry", dict(zip(("c1", "c2", "c3", "c4"), map(str, (*colour, 255)))))
    return root
