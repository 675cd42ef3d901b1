"""Class names beside a GeoTIFF: the .aux.xml file in which GDAL keeps what the format itself has no place for.

Written here and not by GDAL, because rasterio has no call for category names and GDAL skips the file where a user
has switched it off (GDAL_PAM_ENABLED=NO); so both back ends write the same.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from xml.etree import ElementTree  # nosec B405  # see _parse

from uhrs_qgis_plugin.engine.files import cannot_write


def sidecar_path(path: str) -> str:
    """Name the sidecar of a raster file: `path` + ".aux.xml"."""
    return f"{path}.aux.xml"


def read_categories(path: str) -> tuple[str, ...]:
    """Read the class names of band 1 of a raster that we wrote: those of 0, 1, ...; empty without a sidecar."""
    if not os.path.exists(sidecar_path(path)):
        return ()
    names = _parse(path).findall("./PAMRasterBand[@band='1']/CategoryNames/Category")
    return tuple(name.text or "" for name in names)


def write_categories(path: str, categories: Sequence[str]) -> None:
    """Write the class names of band 1 beside a raster, keeping what else the sidecar holds.

    Args:
        path: The raster file, complete and closed.
        categories: Names of the numbers 0, 1, ...; nothing is written when empty.

    Raises:
        OutputError: The sidecar cannot be written.
    """
    if not categories:
        return
    root = _parse(path) if os.path.exists(sidecar_path(path)) else ElementTree.Element("PAMDataset")
    band = root.find("./PAMRasterBand[@band='1']")
    if band is None:
        band = ElementTree.SubElement(root, "PAMRasterBand", band="1")
    for old in band.findall("CategoryNames"):
        band.remove(old)
    names = ElementTree.SubElement(band, "CategoryNames")
    for category in categories:
        ElementTree.SubElement(names, "Category").text = category
    try:
        # GDAL looks for its root in the first node, so there must be no XML declaration; without one it is UTF-8.
        ElementTree.ElementTree(root).write(sidecar_path(path), encoding="UTF-8", xml_declaration=False)
    except OSError as error:
        raise cannot_write(sidecar_path(path), error) from error


def _parse(path: str) -> ElementTree.Element:
    """Parse a sidecar; GDAL itself ignores a damaged one, so do we."""
    try:
        return ElementTree.parse(sidecar_path(path)).getroot()  # nosec B314  # beside a file that we wrote ourselves
    except (ElementTree.ParseError, OSError):
        return ElementTree.Element("PAMDataset")
