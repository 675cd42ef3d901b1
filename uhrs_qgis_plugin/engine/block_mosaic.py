"""A mosaic of finished blocks as a VRT, with all that the output made of it is to say of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree  # nosec B405  # only builds XML, parses none

from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster_checks import output_metadata
from uhrs_qgis_plugin.engine.raster_contract import IDENTITY, RasterProfile


@dataclass(frozen=True)
class Tile:
    """A piece of a mosaic.

    Attributes:
        file: Name of a raster in the folder of the mosaic.
        inside: The part of that raster.
        row: Where it lies on the mosaic.
        col: Where it lies on the mosaic.
    """

    file: str
    inside: Window
    row: int
    col: int


def write_mosaic(path: Path, profile: RasterProfile, tiles: Iterable[Tile], overviews: Sequence[str] = ()) -> None:
    """Write a VRT; where no tile lies there is no data.

    Args:
        path: The VRT.
        profile: What it is to be.
        tiles: Its pieces, of as many bands.
        overviews: Names of rasters in the same folder, each half of the one before.

    Raises:
        OutputError: Full disk and the like.
    """
    root = _header(profile)
    bands = root.findall("VRTRasterBand")
    for number, band in enumerate(bands, 1):
        for name in overviews:
            _source(ElementTree.SubElement(band, "Overview"), name, number)
    for tile in tiles:
        size = {"xSize": str(tile.inside.width), "ySize": str(tile.inside.height)}
        for number, band in enumerate(bands, 1):
            source = ElementTree.SubElement(band, "SimpleSource")
            _source(source, tile.file, number)
            ElementTree.SubElement(
                source, "SrcRect", {"xOff": str(tile.inside.col), "yOff": str(tile.inside.row), **size}
            )
            ElementTree.SubElement(source, "DstRect", {"xOff": str(tile.col), "yOff": str(tile.row), **size})
    try:
        ElementTree.ElementTree(root).write(path, encoding="UTF-8")
    except OSError as error:
        raise OutputError(f"Cannot write '{path}' ({error.strerror or error}): free disk space.") from error


def _source(parent: ElementTree.Element, file: str, band: int) -> None:
    """Name a band of a raster in the same folder."""
    ElementTree.SubElement(parent, "SourceFilename", relativeToVRT="1").text = file
    ElementTree.SubElement(parent, "SourceBand").text = str(band)


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
