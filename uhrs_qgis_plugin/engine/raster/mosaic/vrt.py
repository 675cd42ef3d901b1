"""Rasters that lie side by side, written down as GDAL's virtual raster (VRT) XML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape  # that of xml.sax.saxutils is the same and loads urllib and ssl

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.raster.source import Mosaic
from uhrs_qgis_plugin.engine.raster.types import GDAL_TYPES

SIGNED_BYTE_REMARK = '<Metadata domain="IMAGE_STRUCTURE"><MDI key="PIXELTYPE">SIGNEDBYTE</MDI></Metadata>'

SKIP_ZEROS = "<NODATA>0</NODATA>"

SKIP_MASKED = "<UseMaskBand>true</UseMaskBand>"

FULL_MASK = escape(  # a pixel of a raster without a file, whose nodata stands where it has no source
    '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1">'
    "<NoDataValue>255</NoDataValue></VRTRasterBand></VRTDataset>",
    quote=False,
)


def pixels_xml(mosaic: Mosaic, chosen: NDArray[np.int64]) -> str:
    """Write a mosaic.

    Args:
        mosaic: The mosaic.
        chosen: (n,) numbers of the rasters that it shows, ascending; where others lie there is no data.

    Returns:
        XML that GDAL opens in place of a file name.
    """
    parts = [f"<GeoTransform>{', '.join(map(repr, mosaic.transform))}</GeoTransform>"]
    if mosaic.crs_wkt:
        parts.append(f"<SRS>{escape(mosaic.crs_wkt, quote=False)}</SRS>")
    for band, (dtype, number) in enumerate(zip(mosaic.dtypes, mosaic.nodata), 1):
        gdal_type = mosaic.signed_byte if dtype == "int8" else GDAL_TYPES[dtype]
        notes = SIGNED_BYTE_REMARK if (dtype, gdal_type) == ("int8", "Byte") else ""
        notes += "" if number is None else f"<NoDataValue>{number!r}</NoDataValue>"
        notes += f"<ColorInterp>{'Alpha' if band in mosaic.alpha_bands else 'Undefined'}</ColorInterp>"
        parts.append(_band(gdal_type, band, notes + "".join(_pixel_sources(mosaic, chosen, band, gdal_type))))
    if mosaic.needs_mask:
        parts.append(f"<MaskBand>{_band('Byte', None, ''.join(_mask_sources(mosaic, chosen, 1, False)))}</MaskBand>")
    return _dataset(mosaic.height, mosaic.width, parts)


def masks_xml(mosaic: Mosaic, chosen: NDArray[np.int64]) -> str:
    """Write a raster whose bands are the masks of the mosaic's bands: 0 where all rasters there say no data."""
    # GDAL 3.10 returns wrong masks of bytes with nodata to simple sources that fill a part of a row, so none is simple.
    bands = [
        _band("Byte", band, "".join(_mask_sources(mosaic, chosen, band, True)))
        for band in range(1, len(mosaic.dtypes) + 1)
    ]
    return _dataset(mosaic.height, mosaic.width, bands)


@dataclass(frozen=True)
class _Placed:
    """A raster of a mosaic: its name, row and column, sides, and sides of its blocks."""

    name: str
    row: int
    col: int
    height: int
    width: int
    block_height: int
    block_width: int


def _placed(mosaic: Mosaic, chosen: NDArray[np.int64]) -> Iterator[tuple[int, _Placed]]:
    """The chosen rasters, with their numbers."""
    rects, blocks, names = mosaic.coverage.rects[chosen].tolist(), mosaic.blocks[chosen].tolist(), mosaic.coverage.names
    for number, (row, col, row_end, col_end), block in zip(chosen.tolist(), rects, blocks):
        yield number, _Placed(names[number], row, col, row_end - row, col_end - col, *block)


def _pixel_sources(mosaic: Mosaic, chosen: NDArray[np.int64], band: int, gdal_type: str) -> Iterator[str]:
    """One source per raster; masked pixels are skipped where that shows something else: a raster below, or nodata."""
    for number, raster in _placed(mosaic, chosen):
        if not mosaic.holes[number] or not (mosaic.on_others[number] or mosaic.is_mixed):
            yield _source(raster, str(band), gdal_type)
        elif mosaic.is_stated and mosaic.nodata[band - 1] is not None:
            stated = replace(raster, name=_with_nodata(raster, band, mosaic.nodata[band - 1], gdal_type))
            yield _source(stated, "1", gdal_type, SKIP_MASKED)
        elif band in mosaic.alpha_bands:
            yield _source(raster, str(band), gdal_type, SKIP_ZEROS)
        elif mosaic.alpha_bands:
            masked = replace(raster, name=_alpha_as_mask(raster, band, mosaic.alpha_bands[0], gdal_type))
            yield _source(masked, "1", gdal_type, SKIP_MASKED)
        else:
            yield _source(raster, str(band), gdal_type, SKIP_MASKED)


def _mask_sources(mosaic: Mosaic, chosen: NDArray[np.int64], band: int, skip_all: bool) -> Iterator[str]:
    """One source per raster: its mask, which GDAL makes up from nodata or alpha; of no file where all is valid."""
    for number, raster in _placed(mosaic, chosen):
        skip = SKIP_ZEROS if mosaic.on_others[number] or skip_all else ""
        yield _source(raster, f"mask,{band}", "Byte", skip) if mosaic.holes[number] else _full_mask(raster)


def _alpha_as_mask(raster: _Placed, band: int, alpha_band: int, gdal_type: str) -> str:
    """XML of one band of a raster with its alpha as the mask: GDAL itself does so only among 2 or 4 bands."""
    alone = replace(raster, row=0, col=0)
    pixels, alpha = (_source(alone, str(number), gdal_type) for number in (band, alpha_band))
    mask = f"<MaskBand>{_band('Byte', None, alpha)}</MaskBand>"
    return _dataset(raster.height, raster.width, [_band(gdal_type, 1, pixels), mask])


def _with_nodata(raster: _Placed, band: int, number: float | None, gdal_type: str) -> str:
    """XML of one band of a raster with nodata that its file does not declare."""
    pixels = _source(replace(raster, row=0, col=0), str(band), gdal_type)
    return _dataset(
        raster.height, raster.width, [_band(gdal_type, 1, f"<NoDataValue>{number!r}</NoDataValue>{pixels}")]
    )


def _source(raster: _Placed, band: str, gdal_type: str, skip: str = "") -> str:
    """A source: with its properties noted, so that GDAL opens the file only when its pixels are wanted."""
    tag = "ComplexSource" if skip else "SimpleSource"
    size = f'xSize="{raster.width}" ySize="{raster.height}"'
    return (
        f'<{tag}><SourceFilename relativeToVRT="0">{escape(raster.name, quote=False)}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand>"
        f'<SourceProperties RasterXSize="{raster.width}" RasterYSize="{raster.height}" DataType="{gdal_type}" '
        f'BlockXSize="{raster.block_width}" BlockYSize="{raster.block_height}"/>'
        f'<SrcRect xOff="0" yOff="0" {size}/><DstRect xOff="{raster.col}" yOff="{raster.row}" {size}/>{skip}</{tag}>'
    )


def _full_mask(raster: _Placed) -> str:
    """A source that says that all pixels of a raster hold data."""
    return (
        f'<SimpleSource><SourceFilename relativeToVRT="0">{FULL_MASK}</SourceFilename><SourceBand>1</SourceBand>'
        '<SourceProperties RasterXSize="1" RasterYSize="1" DataType="Byte" BlockXSize="1" BlockYSize="1"/>'
        '<SrcRect xOff="0" yOff="0" xSize="1" ySize="1"/>'
        f'<DstRect xOff="{raster.col}" yOff="{raster.row}" xSize="{raster.width}" ySize="{raster.height}"/>'
        "</SimpleSource>"
    )


def _band(gdal_type: str, number: int | None, content: str) -> str:
    """A band."""
    band = "" if number is None else f' band="{number}"'
    return f'<VRTRasterBand dataType="{gdal_type}"{band}>{content}</VRTRasterBand>'


def _dataset(height: int, width: int, parts: Sequence[str]) -> str:
    """The root element."""
    return f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">{"".join(parts)}</VRTDataset>'
