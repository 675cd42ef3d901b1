"""Where the sources of a mosaic lie, so that gaps are known without opening a single one of them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree  # nosec B405  # see _parse

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.resampling import nearest_pixels

LARGEST_VRT = 256 * 2**20  # bytes: half a million sources; nobody waits for more to be parsed
MOST_GAP_CELLS = 20_000_000  # beyond it gaps are assumed, not looked for
LARGEST_EDGE = 2**40  # pixels: GDAL's own limit is 2**31; more would not fit our integers
PLAIN_SOURCES = ("SimpleSource", "ComplexSource", "AveragedSource", "KernelFilteredSource")
SIZE_KEYS = ("rasterYSize", "rasterXSize")
NOT_A_FILE = re.compile(r"^\s*<|^/vsi|^[A-Za-z0-9_]{2,}:")  # XML, virtual file systems, URLs, GDAL's driver prefixes


@dataclass(frozen=True)
class Coverage:
    """Rectangles that the sources of a mosaic fill; what none of them fills is no data.

    Attributes:
        names: (N) file of each rectangle.
        bands: (N) int64, the band that the rectangle is in, 0 = every band.
        rects: (N, 4) int64, row, column, row after the last, column after the last; in pixels of the mosaic.
        has_gaps: False when the rectangles fill every band of the mosaic.
    """

    names: tuple[str, ...]
    bands: NDArray[np.int64]
    rects: NDArray[np.int64]
    has_gaps: bool

    def touching(self, bands: Sequence[int] | None, window: Window) -> NDArray[np.int64]:
        """Find the rectangles that reach into a window.

        Args:
            bands: The bands that count, None = all.
            window: Pixels of the mosaic.

        Returns:
            (n,) numbers of rectangles.
        """
        row, col, row_end, col_end = self.rects.T
        inside = (row < window.row_end) & (row_end > window.row) & (col < window.col_end) & (col_end > window.col)
        if bands is not None:
            inside &= np.isin(self.bands, [0, *bands])
        return np.flatnonzero(inside)

    def covered(self, bands: Sequence[int], window: Window, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Tell which pixels of a window some source fills.

        Args:
            bands: The bands that count: one that is filled is enough.
            window: Pixels of the mosaic.
            shape: (rows, columns) to reduce to, by the nearest pixel.

        Returns:
            (h, w) bool.
        """
        result = np.zeros(shape, np.bool_)
        rows = nearest_pixels(window.height, shape[0]) + window.row
        cols = nearest_pixels(window.width, shape[1]) + window.col
        for row, col, row_end, col_end in self.rects[self.touching(bands, window)]:
            top, bottom = np.searchsorted(rows, (row, row_end))
            left, right = np.searchsorted(cols, (col, col_end))
            result[top:bottom, left:right] = True
        return result

    def names_in(self, window: Window) -> tuple[str, ...]:
        """Name the files that reach into a window, each once."""
        return tuple(dict.fromkeys(self.names[index] for index in self.touching(None, window)))


def make_coverage(
    sources: Sequence[tuple[str, int, tuple[int, int, int, int]]], height: int, width: int, count: int
) -> Coverage:
    """Collect rectangles.

    Args:
        sources: Name, band (0 = every band) and rectangle per source; see `Coverage`.
        height: Rows of the mosaic.
        width: Columns of the mosaic.
        count: Bands of the mosaic.

    Returns:
        The coverage.
    """
    bands = np.array([band for _, band, _ in sources], np.int64)
    rects = np.array([rect for _, _, rect in sources], np.int64).reshape(-1, 4)
    gaps = any(
        _leaves_gaps(rects[np.isin(bands, (0, band))], height, width)
        for band in range(1, count + 1 if bands.any() else 2)
    )
    return Coverage(tuple(name for name, _, _ in sources), bands, rects, gaps)


def _leaves_gaps(rects: NDArray[np.int64], height: int, width: int) -> bool:
    """Whether rectangles leave a pixel of a raster open: looked at per cell between their edges, not per pixel."""
    rows = np.unique(np.concatenate([rects[:, 0], rects[:, 2], [0, height]]).clip(0, height))
    cols = np.unique(np.concatenate([rects[:, 1], rects[:, 3], [0, width]]).clip(0, width))
    if rows.size * cols.size > MOST_GAP_CELLS:
        return True
    filled = np.zeros((rows.size - 1, cols.size - 1), np.bool_)
    for row, col, row_end, col_end in rects:
        top, bottom = np.searchsorted(rows, (row, row_end))
        left, right = np.searchsorted(cols, (col, col_end))
        filled[top:bottom, left:right] = True
    return not bool(filled.all())


@dataclass(frozen=True)
class VrtFile:
    """What is written in a .vrt file.

    Attributes:
        sources: Paths of the source files, each once, in the order of the file.
        coverage: Where they lie; None when that cannot be told from the file (warped, derived).
        block_shape: Rows and columns of the blocks of the first source, None when the file does not tell.
    """

    sources: tuple[str, ...]
    coverage: Coverage | None
    block_shape: tuple[int, int] | None


def read_vrt(path: str) -> VrtFile | None:
    """Read which rasters a .vrt file is made of.

    Args:
        path: Any raster.

    Returns:
        Its content, None when this is no .vrt file (by its content, not by its name) or a hopelessly large one.

    Raises:
        RasterError: It is damaged, or declares XML entities.
    """
    try:
        with open(path, "rb") as file:
            if not re.match(rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--|<VRTDataset)", file.read(1000)):
                return None
            if os.fstat(file.fileno()).st_size > LARGEST_VRT:
                return None
            file.seek(0)
            text = file.read().decode("utf-8-sig", errors="replace")
    except (OSError, ValueError):
        return None
    root = _parse(path, text)
    if root.tag != "VRTDataset":
        return None
    folder = os.path.dirname(os.path.abspath(path))
    names = [_source_path(element, folder) for element in root.iter() if element.tag.startswith("Source")]
    return VrtFile(
        tuple(dict.fromkeys(name for name in names if name)), _vrt_coverage(root, folder), _first_block_shape(root)
    )


def _parse(path: str, text: str) -> ElementTree.Element:
    """Parse XML that a stranger may have written."""
    if "<!ENTITY" in text:
        raise RasterError(f"'{path}' declares XML entities, which no .vrt file needs: do not use it.")
    try:
        return ElementTree.fromstring(text)  # nosec B314  # entities are refused above
    except ElementTree.ParseError as error:
        raise RasterError(
            f"'{path}' is a damaged .vrt file ({error}): build it again, for example with gdalbuildvrt."
        ) from error


def _source_path(element: ElementTree.Element, folder: str) -> str:
    """Path of a source file; "" for other elements, and for sources that are not files."""
    name = (element.text or "").strip()
    if element.tag not in ("SourceFilename", "SourceDataset") or not name:
        return ""
    relative = element.get("relativeToVRT", element.get("relativetoVRT", "0")) == "1"
    path = os.path.join(folder, name) if relative else name
    # A drive letter is one character, so this keeps Windows paths.
    return "" if NOT_A_FILE.match(name) else path


def _vrt_coverage(root: ElementTree.Element, folder: str) -> Coverage | None:
    """Where the sources of a parsed .vrt file lie, None when it is more than rasters side by side."""
    height, width = (int(root.get(key, "")) if root.get(key, "").isdecimal() else 0 for key in SIZE_KEYS)
    bands = root.findall("VRTRasterBand")
    if root.get("subClass") or not bands or not (height and width):
        return None
    found = []
    for number, band in enumerate(bands, 1):
        if band.get("subClass", "VRTSourcedRasterBand") != "VRTSourcedRasterBand":
            return None
        for source in band:
            if source.tag not in PLAIN_SOURCES:
                if source.tag.endswith("Source"):
                    return None
                continue
            rect = _target(source, height, width)
            name = source.find("SourceFilename")
            if rect is None or name is None:
                return None
            found.append((_source_path(name, folder), number, rect))
    # A band without any source is a constant that somebody wants, not a hole.
    if {number for _, number, _ in found} != set(range(1, len(bands) + 1)):
        return None
    return make_coverage(found, height, width, len(bands))


def _target(source: ElementTree.Element, height: int, width: int) -> tuple[int, int, int, int] | None:
    """Pixels that a source may fill, widened to whole ones; None when the numbers make no sense."""
    target = source.find("DstRect")
    if target is None:
        return 0, 0, height, width
    try:
        col, row, cols, rows = (float(target.get(key, "")) for key in ("xOff", "yOff", "xSize", "ySize"))
        edges = int(row // 1), int(col // 1), -int(-(row + rows) // 1), -int(-(col + cols) // 1)
    except (ValueError, OverflowError):
        return None
    return edges if max(map(abs, edges)) < LARGEST_EDGE else None


def _first_block_shape(root: ElementTree.Element) -> tuple[int, int] | None:
    """Block shape that a .vrt file notes for its first source."""
    for element in root.iter("SourceProperties"):
        try:
            rows, cols = int(element.get("BlockYSize", "")), int(element.get("BlockXSize", ""))
        except ValueError:
            return None
        return (rows, cols) if rows > 0 and cols > 0 else None
    return None
