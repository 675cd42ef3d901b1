"""Reading .vrt files: which rasters they are made of, and where these lie."""

from __future__ import annotations

import os
import re
from xml.etree import ElementTree  # nosec B405  # see _parse

import numpy as np

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.raster.coverage import Coverage, make_coverage
from uhrs_qgis_plugin.engine.raster.servers import is_remote, shown
from uhrs_qgis_plugin.engine.raster.source import VrtFile

LARGEST_VRT = 256 * 2**20  # bytes: half a million sources; nobody waits for more to be parsed
LARGEST_EDGE = 2**40  # pixels: GDAL's own limit is 2**31; more would not fit our integers
PLAIN_SOURCES = ("SimpleSource", "ComplexSource", "AveragedSource", "KernelFilteredSource")
SOURCE_TAGS = ("SourceFilename", "SourceDataset")
SIZE_KEYS = ("rasterYSize", "rasterXSize")
NOT_A_FILE = re.compile(r"^\s*<|^/vsi|^[A-Za-z0-9_]{2,}:")  # XML, virtual file systems, URLs, GDAL's driver prefixes


def read_vrt(path: str) -> VrtFile | None:
    """Read which rasters a .vrt file is made of.

    Args:
        path: Any raster.

    Returns:
        Its content, None when this is no .vrt file (by its content, not by its name) or one above `LARGEST_VRT`.

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
    elements = [element for element in root.iter() if element.tag in SOURCE_TAGS]
    names = [_source_path(element, folder) for element in elements]
    far = [text for text in ((element.text or "").strip() for element in elements) if is_remote(text)]
    return VrtFile(
        tuple(dict.fromkeys(name for name in names if name)),
        _vrt_coverage(root, folder),
        _first_block_shape(root),
        tuple(dict.fromkeys(map(shown, far))),
    )


def _parse(path: str, text: str) -> ElementTree.Element:
    """Parse XML from an untrusted source."""
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
    if element.tag not in SOURCE_TAGS or not name:
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
    found: list[tuple[str, int, tuple[int, int, int, int]]] = []
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
    names, numbers, rects = zip(*found)
    return make_coverage(names, np.array(numbers, np.int64), np.array(rects, np.int64), height, width, len(bands))


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
