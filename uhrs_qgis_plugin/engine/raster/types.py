"""What raster back ends promise: the data they exchange and the protocols of readers and writers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Callable, Protocol

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Geotransform, Window
from uhrs_qgis_plugin.engine.raster.source import RasterSource

POOL = "GDAL_MAX_DATASET_POOL_SIZE"  # GDAL's name for `GdalLimits.open_files`
THREADS = "GDAL_NUM_THREADS"  # GDAL's name for `GdalLimits.threads`

COG_FILES = 4  # files of a mosaic that are open while it is copied from top to bottom: more only take memory

COG_LEVEL = 5  # of DEFLATE: labels take half the time of GDAL's default, 6, for an eighth more bytes

IDENTITY = Geotransform(0.0, 1.0, 0.0, 0.0, 0.0, 1.0)  # the geotransform of a raster that has none

GDAL_TYPES = {  # data types that are read: numpy's name -> GDAL's, also in .vrt files; GDAL before 3.7 has no Int8
    "uint8": "Byte",
    "int8": "Int8",
    "uint16": "UInt16",
    "int16": "Int16",
    "uint32": "UInt32",
    "int32": "Int32",
    "float32": "Float32",
    "float64": "Float64",
}

DTYPES = tuple(GDAL_TYPES)

WRITABLE = tuple(dtype for dtype in DTYPES if dtype != "int8")  # data types that can be created

Progress = Callable[[float], None]  # gets 0..1, raises an error to stop


@dataclass(frozen=True)
class RasterInfo:
    """What is known about a raster without reading pixels.

    Attributes:
        path: As given to `open_raster`.
        width: Columns.
        height: Rows.
        count: Bands, alpha included; bands are numbered from 1.
        dtypes: numpy name per band.
        crs_wkt: Coordinate reference system, "" when there is none.
        transform: Geotransform, kept as it is for rotated and south-up rasters; `IDENTITY` when there is none.
        has_transform: False when there is no geotransform (also when there are only ground control points).
        alpha_bands: Bands that say which pixels hold data (0 = none); never more than `open_raster` was asked for.
        has_mask: False when every pixel is valid: no nodata, alpha, mask nor gaps. Float rasters may hold NaN, and
            any raster may hold unreadable blocks where these are to be nodata: True.
        block_shape: (rows, columns) of the blocks that the file is stored in, of band 1; for a mosaic those of its
            first raster, whose blocks need not start at multiples of them.
        overviews: Decimations of band 1 that the file holds (2, 4, ...); for a folder those that all its rasters hold.
        nodata: Per band, None where there is none or no pixel can have it.
        has_own_mask: Whether there is a mask (internal or .msk) that is no alpha band.
        has_band_masks: Whether each band has a mask of its own; a pixel holds data where one of the bands read does.
        placed_by: What places the raster on the map in place of a geotransform, for texts: "9 ground control points";
            "" when there is a geotransform, or nothing.
        has_palette: Whether the numbers of band 1 are indices into a colour table.
        unit_m: Metres in a unit of the CRS; None unless it is projected.
        decoded: Pixels of the file that are decoded for a pixel; above 1 on a working grid of larger pixels.
        colours: Per band GDAL's name of its colour interpretation in lower case, such as "red" or "undefined".
        descriptions: Per band its description, "" where there is none.
        bits: Per band how many bits of its numbers are used, as the file says; () where that is not known.
        bands_together: Whether a block of the file holds all bands.
        is_virtual: Whether the file is a VRT.
        nodata_is_stated: Whether `nodata` comes from a catalogue, and GDAL does not know it.
        source: The raster by its files; `open_raster` takes it to open the raster again.
    """

    path: str
    width: int
    height: int
    count: int
    dtypes: tuple[str, ...]
    crs_wkt: str
    transform: Geotransform
    has_transform: bool
    alpha_bands: tuple[int, ...]
    has_mask: bool
    block_shape: tuple[int, int] = (512, 512)
    overviews: tuple[int, ...] = ()
    nodata: tuple[float | None, ...] = ()
    has_own_mask: bool = False
    has_band_masks: bool = False
    placed_by: str = ""
    has_palette: bool = False
    decoded: float = 1.0
    unit_m: float | None = None
    colours: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    bits: tuple[int, ...] = ()
    bands_together: bool = False
    is_virtual: bool = False
    nodata_is_stated: bool = False
    source: RasterSource = field(default=RasterSource(""), repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take six numbers for a geotransform."""
        object.__setattr__(self, "transform", Geotransform(*self.transform))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the raster is read from; see `RasterSource.files`."""
        return self.source.files


class RasterReader(Protocol):
    """An open raster; also a context manager.

    Attributes:
        info: What is known about it.
    """

    info: RasterInfo

    @property
    def unreadable(self) -> list[Window]:
        """Blocks found so far that do not read and are taken for nodata, in pixels, row-major.

        Always empty unless the raster was opened with unreadable="nodata".
        """

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Tell that windows will be read soon, at full scale: what lies behind a network is then fetched side by side.

        Args:
            bands: As in `read`.
            windows: Inside the raster.
        """

    def read(
        self,
        bands: Sequence[int],
        window: Window,
        shape: tuple[int, int] | None = None,
        resampling: str = "average",
    ) -> NDArray[Any]:
        """Read pixels.

        Integer averages are rounded half away from zero, which is floor(mean + 0.5) for unsigned types; GDAL 3.6
        computes those of 32 bits in float32. Pixels that are nodata in a band, or masked, are left out of that
        band's averages, and an average that happens to equal nodata is moved by one (of signed types not always).
        An average that would not be finite is replaced by the nearest pixel, so whatever `read_valid` calls valid at
        the same shape is finite. GDAL takes alpha for a mask only among 2 or 4 bands: among others, transparent
        pixels count. Where a band that GDAL takes for alpha is data, averages are made here of all pixels, without
        overviews, which were built with that band as a mask.

        Where blocks are unreadable and to be nodata, the result is the band's nodata, else 0, and averages are made
        of the other pixels.

        Args:
            bands: Numbers from 1.
            window: Inside the raster.
            shape: (rows, columns) to reduce to, at most the window's; overviews are used where they exist. None
                reads every pixel.
            resampling: How to reduce: "average" or "nearest".

        Returns:
            (B, h, w) in the raster's data type; bands of several types are promoted.

        Raises:
            RasterError: A block cannot be read, or the file is no longer there.
            ValueError: The request does not fit the raster.
        """

    def read_valid(
        self, bands: Sequence[int], window: Window, shape: tuple[int, int] | None = None
    ) -> NDArray[np.bool_]:
        """Tell which pixels hold data; costs nothing when `info.has_mask` is False, and nothing in gaps of mosaics.

        Masks and alpha are read before the pixels, which are only read for nodata by value, NaN, and blocks that may
        be unreadable.

        Args:
            bands: The bands that count: a pixel is nodata only when all of them are, but NaN or infinity in one is
                enough. Mask 0 is invalid whatever the bands, and so is alpha 0, unless the alpha band is
                itself among the bands: a fourth band of near infrared is often labelled alpha by mistake.
            window: Inside the raster.
            shape: (rows, columns) to reduce to, by the nearest pixel.

        Returns:
            (h, w), True = valid.

        Raises:
            RasterError: A block cannot be read.
            ValueError: The request does not fit the raster.
        """

    def may_hold_data(self, window: Window, bands: Sequence[int] | None = None) -> bool:
        """Ask cheaply, without decoding a pixel, whether a window is worth reading.

        Args:
            window: Inside the raster.
            bands: The bands that count, as in `read_valid`; None = those that are not alpha.

        Returns:
            False when `read_valid` would certainly be False everywhere: in gaps of a mosaic, and in blocks that a
            file leaves out because they are all nodata or transparent. True otherwise.

        Raises:
            ValueError: The request does not fit the raster.
        """

    def close(self) -> None:
        """Close the file; reading afterwards is an error."""

    def __enter__(self) -> RasterReader: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


@dataclass(frozen=True)
class GdalLimits:
    """What GDAL may take, in the whole process.

    Attributes:
        cache_bytes: Of decoded blocks.
        open_files: Files of mosaics that are open at the same time; None = as many as GDAL likes.
        threads: That decode and encode tiles of a file at the same time; None = as many as GDAL likes, mostly one.
    """

    cache_bytes: int
    open_files: int | None
    threads: int | None = None


@dataclass(frozen=True)
class RasterProfile:
    """A raster to create.

    Attributes:
        width: Columns.
        height: Rows.
        count: Bands.
        crs_wkt: Coordinate reference system, "" for none.
        transform: Geotransform; `IDENTITY` stands for none.
        nodata: A number that `dtype` holds, or None.
        band_names: One per band.
        scale: Band scale: value = scale * number. None for none.
        colours: Number -> (red, green, blue), colour table of band 1.
        categories: Names of the numbers 0, 1, ... of band 1; they go into a sidecar (`sidecar_path`), where GDAL and
            QGIS look for them, and as metadata items CLASS_0, CLASS_1, ... into the file itself.
        metadata: Metadata items of the file.
        dtype: numpy name of the numbers, one of `WRITABLE`.
    """

    width: int
    height: int
    count: int
    crs_wkt: str
    transform: Geotransform
    nodata: float | None
    band_names: tuple[str, ...]
    scale: float | None = None
    colours: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    dtype: str = "uint8"

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: Something is outside what such a raster can hold.
        """
        if self.width < 1 or self.height < 1 or self.count < 1 or len(self.band_names) != self.count:
            raise ValueError(
                f"A raster of {self.width} x {self.height} pixels with {self.count} bands named {self.band_names} "
                "cannot be created: at least one pixel and one band, and one name per band."
            )
        numbers = [*self.colours, *(part for colour in self.colours.values() for part in colour)]
        if len(self.transform) != 6 or len(self.categories) > 256 or not all(0 <= n <= 255 for n in numbers):
            raise ValueError("Colours and categories are numbers in 0..255, and a transform has 6 numbers.")
        object.__setattr__(self, "transform", Geotransform(*self.transform))
        if self.dtype not in WRITABLE:
            raise ValueError(f"Rasters of {self.dtype} cannot be created: use one of {WRITABLE}.")
        limits = None if self.dtype.startswith("float") else np.iinfo(self.dtype)
        if limits is not None and self.nodata is not None and not limits.min <= self.nodata <= limits.max:
            raise ValueError(f"Nodata {self.nodata} is no {self.dtype}: use {limits.min}..{limits.max}.")


class RasterWriter(Protocol):
    """A plain GeoTIFF being written: tiled, lightly compressed; also a context manager."""

    def write(self, array: NDArray[Any], row: int, col: int) -> None:
        """Write a block.

        Args:
            array: (B, h, w) of the profile's data type, all bands.
            row: Row of its upper left pixel.
            col: Column of its upper left pixel.

        Raises:
            OutputError: Full disk and the like.
            ValueError: The block does not fit the raster.
        """

    def close(self) -> None:
        """Write what is still in memory, and check that the file is complete.

        Raises:
            OutputError: Full disk and the like.
        """

    def __enter__(self) -> RasterWriter: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close; an error that is already on its way is not replaced by one of closing."""


UNREADABLE = ("stop", "nodata")  # what to do with blocks that do not read
