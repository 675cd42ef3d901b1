"""The classes that a class raster carries: numbers, colours and names. Needs GDAL alone."""

from __future__ import annotations

from osgeo import gdal

UNNAMED = "class {}"

Colour = tuple[int, int, int, int]  # red, green, blue, opacity


def read_palette(path: str) -> list[tuple[int, Colour, str]]:
    """Read the classes that a class raster carries.

    Args:
        path: A raster whose band 1 has a colour table and, as a rule, category names.

    Returns:
        (value, colour, name) per class in order of the value, without the no-data value; empty when the file has no
        colour table.
    """
    dataset = gdal.Open(path)
    if dataset is None:
        return []
    band = dataset.GetRasterBand(1)
    table = band.GetColorTable()
    if table is None:
        return []
    names = band.GetCategoryNames() or _names_in_metadata(dataset)
    # A TIFF's table always has 256 entries: only as many are classes as there are names. Black without a name is a gap
    # in the numbers, as in rasters of changes.
    values = range(len(names)) if names else range(table.GetCount())
    return [
        (value, tuple(table.GetColorEntry(value)), names[value] if names else UNNAMED.format(value))
        for value in values
        if value != band.GetNoDataValue() and ((names and names[value]) or any(table.GetColorEntry(value)[:3]))
    ]


def _names_in_metadata(dataset: gdal.Dataset) -> list[str]:
    """Read the names from the file itself, for a file that lost its .aux.xml."""
    items = dataset.GetMetadata()
    names: list[str] = []
    while f"CLASS_{len(names)}" in items:
        names.append(items[f"CLASS_{len(names)}"])
    return names
