"""What is known of a raster by its files alone, before GDAL opens any of them."""

from __future__ import annotations

from dataclasses import dataclass

from uhrs_qgis_plugin.engine.raster.coverage import Coverage


@dataclass(frozen=True)
class VrtFile:
    """What is written in a .vrt file.

    Attributes:
        sources: Paths of the source files, each once, in the order of the file.
        coverage: Where they lie; None when the file does not determine it (warped, derived).
        block_shape: Rows and columns of the blocks of the first source, None when the file does not note it.
    """

    sources: tuple[str, ...]
    coverage: Coverage | None
    block_shape: tuple[int, int] | None


@dataclass(frozen=True)
class Mosaic:
    """The rasters of a folder as one virtual raster.

    Attributes:
        pixels: Its XML.
        masks: XML of a second raster whose bands are the masks of the first; None where the first's own nodata, alpha
            and mask are enough.
        coverage: Where its rasters lie.
        block_shape: Rows and columns of the blocks of its first raster.
        overviews: Decimations that all rasters hold.
        has_palette: Whether the first raster has a colour table.
        colours: Colour interpretation of each band of the first raster.
        descriptions: Description of each band of the first raster.
        bits: Bits that are used of the numbers of each band, the most of all rasters.
    """

    pixels: str
    masks: str | None
    coverage: Coverage
    block_shape: tuple[int, int]
    overviews: tuple[int, ...]
    has_palette: bool
    colours: tuple[str, ...]
    descriptions: tuple[str, ...]
    bits: tuple[int, ...]


@dataclass(frozen=True)
class RasterSource:
    """A raster by its files; made by `describe`, and then opened any number of times without parsing again.

    Attributes:
        path: As given.
        files: Absolute paths of the files it is read from, its own first, .vrt files in .vrt files included; empty
            when the path is not that of a file (/vsicurl/...).
        vrt: Content of a .vrt file; None for other rasters.
        rasters: The rasters of a folder, later ones on top; empty for other rasters.
        mosaic: How the rasters of a folder are joined; None before the folder has been opened.
        alpha: What alpha bands are; see `open_raster`.
        has_hidden_alpha: Whether a .vrt file shows bands as data that its files declare as alpha; None before it has
            been opened.
        overviews: Whether overviews are used; else everything is made of the pixels themselves.
    """

    path: str
    files: tuple[str, ...] = ()
    vrt: VrtFile | None = None
    rasters: tuple[RasterSource, ...] = ()
    mosaic: Mosaic | None = None
    alpha: str = "auto"
    has_hidden_alpha: bool | None = None
    overviews: bool = True

    @property
    def coverage(self) -> Coverage | None:
        """Where the rasters of a mosaic lie; None for other rasters, and where it is not known."""
        if self.mosaic is not None:
            return self.mosaic.coverage
        return None if self.vrt is None else self.vrt.coverage
