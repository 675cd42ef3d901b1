"""What is known of a raster by its files alone, before GDAL opens any of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Geotransform
from uhrs_qgis_plugin.engine.raster.coverage import Coverage
from uhrs_qgis_plugin.engine.raster.servers import LocalCopy, RemoteFile, gdal_name


@dataclass(frozen=True)
class VrtFile:
    """What is written in a .vrt file.

    Attributes:
        sources: Paths of the source files, each once, in the order of the file.
        coverage: Where they lie; None when the file does not determine it (warped, derived).
        block_shape: Rows and columns of the blocks of the first source, None when the file does not note it.
        on_servers: Sources on servers, as people see them, each once.
    """

    sources: tuple[str, ...]
    coverage: Coverage | None
    block_shape: tuple[int, int] | None
    on_servers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mosaic:
    """The rasters of a folder as one virtual raster; N rasters in arrays, for there may be a hundred thousand.

    Attributes:
        width: Columns of the mosaic.
        height: Rows of the mosaic.
        transform: Its geotransform.
        crs_wkt: Its coordinate reference system.
        dtypes: numpy name per band.
        signed_byte: What GDAL calls int8: "Int8", or "Byte" before 3.7.
        alpha_bands: Bands that say which pixels hold data (0 = none).
        coverage: Where the rasters lie, later ones on top.
        blocks: (N, 2) int64 rows and columns of the blocks of each raster.
        holes: (N,) bool, whether nodata, a mask or alpha may hide pixels of a raster.
        on_others: (N,) bool, whether a raster lies on pixels of an earlier one.
        nodata: Per band, the number that stands for no data in the mosaic.
        is_stated: Whether nodata is known from a catalogue alone, and not to GDAL.
        is_mixed: Whether nodata of the rasters differs so that no number can stand for it reliably.
        has_masks: Whether a raster has a mask of its own.
        overviews: Decimations that all rasters hold.
        has_palette: Whether the first raster has a colour table.
        colours: Colour interpretation of each band of the first raster.
        descriptions: Description of each band of the first raster.
        bits: Bits that are used of the numbers of each band, the most of all rasters.
    """

    width: int
    height: int
    transform: Geotransform
    crs_wkt: str
    dtypes: tuple[str, ...]
    signed_byte: str
    alpha_bands: tuple[int, ...]
    coverage: Coverage
    blocks: NDArray[np.int64]
    holes: NDArray[np.bool_]
    on_others: NDArray[np.bool_]
    nodata: tuple[float | None, ...]
    is_stated: bool
    is_mixed: bool
    has_masks: bool
    overviews: tuple[int, ...]
    has_palette: bool
    colours: tuple[str, ...]
    descriptions: tuple[str, ...]
    bits: tuple[int, ...]

    @property
    def needs_mask(self) -> bool:
        """Whether a mask band must mark pixels without data, because neither nodata nor alpha does."""
        if any(number is not None for number in self.nodata):
            return False
        return (self.coverage.has_gaps and not self.alpha_bands) or self.has_masks


@dataclass(frozen=True)
class Stated:
    """What a catalogue states of a raster.

    Attributes:
        bands: Common names of its bands ("red", "nir"), "" where a band has none; empty where it states none.
        nodata: Number of each band that means no data, or one for all; empty where it states none.
    """

    bands: tuple[str, ...] = ()
    nodata: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class RasterSource:
    """A raster by its files; made by `describe`, and then opened any number of times without parsing again.

    Attributes:
        path: As given.
        files: Absolute paths of the files it is read from, its own first, .vrt files in .vrt files included; empty
            when the path is not that of a file (/vsicurl/...).
        vrt: Content of a .vrt file; None for other rasters.
        rasters: The rasters of a folder or list, later ones on top; empty for other rasters, and once it has been
            opened.
        mosaic: How these rasters are joined; None before they have been opened.
        alpha: What alpha bands are; see `open_raster`.
        has_hidden_alpha: Whether a .vrt file shows bands as data that its files declare as alpha; None before it has
            been opened.
        overviews: Whether overviews are used; else everything is made of the pixels themselves.
        remote: What servers said of the file, or of those of a mosaic, when they were opened first; empty for local
            ones, and before that.
        stated: What a catalogue states of the raster; None where none names it.
        copies: Local copies of rasters whose server sends files only whole.
        unwatched: Sources on servers that .vrt files name, as people see them: GDAL reads them by itself.
    """

    path: str
    files: tuple[str, ...] = ()
    vrt: VrtFile | None = None
    rasters: tuple[RasterSource, ...] = ()
    mosaic: Mosaic | None = None
    alpha: str = "auto"
    has_hidden_alpha: bool | None = None
    overviews: bool = True
    remote: tuple[RemoteFile, ...] = ()
    stated: Stated | None = None
    copies: tuple[LocalCopy, ...] = ()
    unwatched: tuple[str, ...] = ()

    @property
    def location(self) -> str:
        """What GDAL calls the raster, which may hold secrets; of no use for mosaics."""
        return self.copies[0].path if self.copies else gdal_name(self.path)

    @property
    def coverage(self) -> Coverage | None:
        """Where the rasters of a mosaic lie; None for other rasters, and where it is not known."""
        if self.mosaic is not None:
            return self.mosaic.coverage
        return None if self.vrt is None else self.vrt.coverage
