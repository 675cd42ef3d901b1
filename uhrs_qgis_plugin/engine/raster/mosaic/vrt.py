"""Laying rasters out side by side, and writing that down as GDAL's virtual raster (VRT) XML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape  # that of xml.sax.saxutils is the same and loads urllib and ssl
from pathlib import Path
from xml.etree import ElementTree  # nosec B405  # only builds XML, parses none

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.grid import Geotransform, Window
from uhrs_qgis_plugin.engine.raster.coverage import Coverage, make_coverage
from uhrs_qgis_plugin.engine.raster.output_files import output_metadata
from uhrs_qgis_plugin.engine.raster.types import GDAL_TYPES, IDENTITY, RasterInfo, RasterProfile

SIGNED_BYTE_REMARK = '<Metadata domain="IMAGE_STRUCTURE"><MDI key="PIXELTYPE">SIGNEDBYTE</MDI></Metadata>'

SKIP_ZEROS = "<NODATA>0</NODATA>"

SKIP_MASKED = "<UseMaskBand>true</UseMaskBand>"


@dataclass(frozen=True)
class Layout:
    """Where rasters lie in their mosaic.

    Attributes:
        infos: The rasters, later ones on top.
        width: Columns of the mosaic.
        height: Rows of the mosaic.
        transform: Geotransform of the mosaic.
        rects: (N, 4) row, column, row after the last, column after the last.
        on_others: (N,) whether a raster lies on pixels of an earlier one.
        nodata: Per band, the number that stands for no data in the mosaic.
        is_mixed: Whether nodata of the rasters differs so that no number can stand for it reliably.
        coverage: Where the rasters lie.
    """

    infos: tuple[RasterInfo, ...]
    width: int
    height: int
    transform: Geotransform
    rects: NDArray[np.int64]
    on_others: tuple[bool, ...]
    nodata: tuple[float | None, ...]
    is_mixed: bool
    coverage: Coverage

    @property
    def places(self) -> list[tuple[int, int]]:
        """Row and column of the upper left corner of each raster."""
        return [(row, col) for row, col, _, _ in self.rects.tolist()]

    @property
    def needs_mask(self) -> bool:
        """Whether a mask band must mark pixels without data, because neither nodata nor alpha does."""
        if any(number is not None for number in self.nodata):
            return False
        gaps = self.coverage.has_gaps and not self.infos[0].alpha_bands
        return gaps or any(info.has_own_mask for info in self.infos)


def offsets(info: RasterInfo, first: RasterInfo) -> tuple[float, float]:
    """Rows and columns (pixels, not whole if the grids differ) from the origin of one raster to another's."""
    one, other = info.transform, first.transform
    return (one.y - other.y) / other.y_row, (one.x - other.x) / other.x_col


def lay_out(infos: Sequence[RasterInfo]) -> Layout:
    """Find out where rasters lie.

    Args:
        infos: The rasters, later ones on top; alike and on one grid.

    Returns:
        The layout; the upper left corner of the mosaic is that of the box around all.
    """
    first = infos[0]
    starts = np.array([[round(offset) for offset in offsets(info, first)] for info in infos], np.int64)
    sizes = np.array([[info.height, info.width] for info in infos], np.int64)
    top, left = starts.min(axis=0).tolist()
    rects = np.concatenate([starts, starts + sizes], axis=1) - (top, left, top, left)
    height, width = rects[:, 2:].max(axis=0).tolist()
    sources = [(info.path, 0, tuple(rect)) for info, rect in zip(infos, rects.tolist())]
    declared = {_comparable(info.nodata) for info in infos}
    some_nodata = any(number is not None for info in infos for number in info.nodata)
    return Layout(
        infos=tuple(infos),
        width=width,
        height=height,
        transform=first.transform.of_window(Window(top, left, height, width)),
        rects=rects,
        on_others=tuple(_overlaps(rects[:index], rect) for index, rect in enumerate(rects)),
        nodata=tuple(_first_number(numbers) for numbers in zip(*(info.nodata for info in infos))),
        is_mixed=some_nodata and (len(declared) > 1 or any(info.has_own_mask for info in infos)),
        coverage=make_coverage(sources, height, width, first.count),
    )


def _comparable(nodata: Sequence[float | None]) -> tuple[str, ...]:
    """Nodata as texts: NaN does not equal itself."""
    return tuple(map(repr, nodata))


def _first_number(numbers: Sequence[float | None]) -> float | None:
    """The first that is not None."""
    return next((number for number in numbers if number is not None), None)


def _overlaps(others: NDArray[np.int64], rect: NDArray[np.int64]) -> bool:
    """Whether a rectangle shares pixels with others."""
    row, col, row_end, col_end = others.T
    return bool(((row < rect[2]) & (row_end > rect[0]) & (col < rect[3]) & (col_end > rect[1])).any())


def pixels_xml(layout: Layout, signed_byte: str) -> str:
    """Write the mosaic itself.

    Args:
        layout: Where the rasters lie.
        signed_byte: What GDAL calls int8 here: "Int8", or "Byte" before 3.7.

    Returns:
        XML that GDAL opens in place of a file name.
    """
    first = layout.infos[0]
    parts = [f"<GeoTransform>{', '.join(map(repr, layout.transform))}</GeoTransform>"]
    if first.crs_wkt:
        parts.append(f"<SRS>{escape(first.crs_wkt, quote=False)}</SRS>")
    for band in range(1, first.count + 1):
        dtype, number = first.dtypes[band - 1], layout.nodata[band - 1]
        gdal_type = signed_byte if dtype == "int8" else GDAL_TYPES[dtype]
        notes = SIGNED_BYTE_REMARK if (dtype, gdal_type) == ("int8", "Byte") else ""
        notes += "" if number is None else f"<NoDataValue>{number!r}</NoDataValue>"
        notes += f"<ColorInterp>{'Alpha' if band in first.alpha_bands else 'Undefined'}</ColorInterp>"
        parts.append(_band(gdal_type, band, notes + "".join(_pixel_sources(layout, band, gdal_type))))
    if layout.needs_mask:
        parts.append(f"<MaskBand>{_band('Byte', None, ''.join(_mask_sources(layout, 1, False)))}</MaskBand>")
    return _dataset(layout.height, layout.width, parts)


def masks_xml(layout: Layout) -> str:
    """Write a raster whose bands are the masks of the mosaic's bands: 0 where all rasters there say no data."""
    # GDAL 3.10 returns wrong masks of bytes with nodata to simple sources that fill a part of a row, so none is simple.
    bands = [
        _band("Byte", band, "".join(_mask_sources(layout, band, True))) for band in range(1, layout.infos[0].count + 1)
    ]
    return _dataset(layout.height, layout.width, bands)


def _pixel_sources(layout: Layout, band: int, gdal_type: str) -> Iterator[str]:
    """One source per raster; masked pixels are skipped where that shows something else: a raster below, or nodata."""
    for index, (info, place) in enumerate(zip(layout.infos, layout.places)):
        holes = info.has_own_mask or bool(info.alpha_bands) or any(number is not None for number in info.nodata)
        if not holes or not (layout.on_others[index] or layout.is_mixed):
            yield _source(info, info.path, str(band), gdal_type, place)
        elif band in info.alpha_bands:
            yield _source(info, info.path, str(band), gdal_type, place, SKIP_ZEROS)
        elif info.alpha_bands:
            yield _source(info, _alpha_as_mask(info, band, gdal_type), "1", gdal_type, place, SKIP_MASKED)
        else:
            yield _source(info, info.path, str(band), gdal_type, place, SKIP_MASKED)


def _mask_sources(layout: Layout, band: int, skip_all: bool) -> Iterator[str]:
    """One source per raster: its mask, which GDAL makes up from nodata or alpha where there is none."""
    for info, place, on_others in zip(layout.infos, layout.places, layout.on_others):
        yield _source(info, info.path, f"mask,{band}", "Byte", place, SKIP_ZEROS if on_others or skip_all else "")


def _alpha_as_mask(info: RasterInfo, band: int, gdal_type: str) -> str:
    """XML of one band of a raster with its alpha as the mask: GDAL itself does so only among 2 or 4 bands."""
    pixels = _source(info, info.path, str(band), gdal_type, (0, 0))
    alpha = _source(info, info.path, str(info.alpha_bands[0]), gdal_type, (0, 0))
    mask = f"<MaskBand>{_band('Byte', None, alpha)}</MaskBand>"
    return _dataset(info.height, info.width, [_band(gdal_type, 1, pixels), mask])


def _source(info: RasterInfo, name: str, band: str, gdal_type: str, place: tuple[int, int], skip: str = "") -> str:
    """A source: with its properties noted, so that GDAL opens the file only when its pixels are wanted."""
    tag = "ComplexSource" if skip else "SimpleSource"
    size = f'xSize="{info.width}" ySize="{info.height}"'
    return (
        f'<{tag}><SourceFilename relativeToVRT="0">{escape(name, quote=False)}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand>"
        f'<SourceProperties RasterXSize="{info.width}" RasterYSize="{info.height}" DataType="{gdal_type}" '
        f'BlockXSize="{info.block_shape[1]}" BlockYSize="{info.block_shape[0]}"/>'
        f'<SrcRect xOff="0" yOff="0" {size}/><DstRect xOff="{place[1]}" yOff="{place[0]}" {size}/>{skip}</{tag}>'
    )


def _band(gdal_type: str, number: int | None, content: str) -> str:
    """A band."""
    band = "" if number is None else f' band="{number}"'
    return f'<VRTRasterBand dataType="{gdal_type}"{band}>{content}</VRTRasterBand>'


def _dataset(height: int, width: int, parts: Sequence[str]) -> str:
    """The root element."""
    return f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">{"".join(parts)}</VRTDataset>'


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
        profile: The raster that it stands for.
        tiles: Its pieces, of as many bands.
        overviews: Names of rasters in the same folder, each half of the one before.

    Raises:
        OutputError: Full disk and the like.
    """
    root = _header(profile)
    bands = root.findall("VRTRasterBand")
    for number, band in enumerate(bands, 1):
        for name in overviews:
            _name_source(ElementTree.SubElement(band, "Overview"), name, number)
    for tile in tiles:
        size = {"xSize": str(tile.inside.width), "ySize": str(tile.inside.height)}
        for number, band in enumerate(bands, 1):
            source = ElementTree.SubElement(band, "SimpleSource")
            _name_source(source, tile.file, number)
            ElementTree.SubElement(
                source, "SrcRect", {"xOff": str(tile.inside.col), "yOff": str(tile.inside.row), **size}
            )
            ElementTree.SubElement(source, "DstRect", {"xOff": str(tile.col), "yOff": str(tile.row), **size})
    try:
        ElementTree.ElementTree(root).write(path, encoding="UTF-8")
    except OSError as error:
        raise OutputError(f"Cannot write '{path}' ({error.strerror or error}): free disk space.") from error


def _name_source(parent: ElementTree.Element, file: str, band: int) -> None:
    """Name a band of a raster in the same folder."""
    ElementTree.SubElement(parent, "SourceFilename", relativeToVRT="1").text = file
    ElementTree.SubElement(parent, "SourceBand").text = str(band)


def _header(profile: RasterProfile) -> ElementTree.Element:
    """A VRT without sources, with the georeference, metadata, names and colours of the profile."""
    root = ElementTree.Element("VRTDataset", rasterXSize=str(profile.width), rasterYSize=str(profile.height))
    if profile.crs_wkt:
        ElementTree.SubElement(root, "SRS").text = profile.crs_wkt
    if profile.transform != IDENTITY:
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
