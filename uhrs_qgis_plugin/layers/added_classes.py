"""Classes that a reviewer has added to those of a model: a table beside the judgements, with number, name and colour.

The review writes it; corrected classes and training samples read it, so that number, name and colour are kept.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from osgeo import gdal, ogr

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.layers.palettes import Colour

ADDED_CLASSES = "added_classes"  # the table; the number of a class is the id of its row
NAME, COLOUR = "name", "colour"


@dataclass(frozen=True)
class AddedClass:
    """A class that a reviewer has added.

    Attributes:
        value: Number in class rasters.
        name: Name.
        colour: Red, green, blue, opacity.
    """

    value: int
    name: str
    colour: Colour


def read_added_classes(path: str | None) -> list[AddedClass]:
    """Read the classes that were added in a GeoPackage of judgements.

    Args:
        path: The GeoPackage; None, or a file without the table, has none.

    Returns:
        Ordered by number.
    """
    if path is None or not os.path.isfile(path):
        return []
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(path, gdal.OF_VECTOR)
        table = None if dataset is None else dataset.GetLayerByName(ADDED_CLASSES)
        if table is None:
            return []
        rows = [(int(row.GetFID()), row.GetField(NAME), row.GetField(COLOUR)) for row in table]
    except RuntimeError:  # another plugin may have made GDAL raise
        return []
    finally:
        gdal.PopErrorHandler()
    return [AddedClass(value, str(name), _colour(str(text))) for value, name, text in sorted(rows) if name]


def write_added_class(path: str, added: AddedClass) -> str:
    """Add a class to the table, which is made where it is missing.

    Args:
        path: A GeoPackage; made where it is missing.

    Returns:
        "" when the file has it, else GDAL's reason: "taken" where another class has got the number meanwhile.
    """
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    gdal.ErrorReset()
    try:
        exists = os.path.exists(path)
        dataset = gdal.OpenEx(path, gdal.OF_VECTOR | gdal.OF_UPDATE) if exists else _create(path)
        table = None if dataset is None else _open_table(dataset)
        if table is None:
            return str(gdal.GetLastErrorMsg()) or "?"
        if table.GetFeature(added.value) is not None:
            return "taken"
        row = ogr.Feature(table.GetLayerDefn())
        row.SetFID(added.value)
        row.SetField(NAME, added.name)
        row.SetField(COLOUR, "#{:02x}{:02x}{:02x}".format(*added.colour[:3]))
        done = table.CreateFeature(row) == ogr.OGRERR_NONE
        reason = str(gdal.GetLastErrorMsg()) or "?"  # before the file is closed, which may fail for the same reason
        row = table = dataset = None
        return "" if done else reason
    except RuntimeError as error:
        return str(error)
    finally:
        gdal.PopErrorHandler()


def merge_classes(
    palette: list[tuple[int, Colour, str]], added: list[AddedClass], path: str
) -> list[tuple[int, Colour, str]]:
    """Add the classes of a review to those of the class raster that was reviewed.

    Args:
        palette: From `read_palette`.
        added: From `read_added_classes`.
        path: The class raster, for the error.

    Returns:
        As `palette`.

    Raises:
        OptionsError: The raster has another class of that number.
    """
    names = {value: name for value, _, name in palette}
    for item in added:
        if names.get(item.value, item.name) != item.name:
            raise OptionsError(
                f"The review has added class {item.value} '{item.name}', but '{path}' calls it '{names[item.value]}': "
                "choose the class raster that was reviewed."
            )
    new = [(item.value, item.colour, item.name) for item in added if item.value not in names]
    return sorted([*palette, *new])


def _create(path: str) -> gdal.Dataset | None:
    return gdal.GetDriverByName("GPKG").Create(path, 0, 0, 0, gdal.GDT_Unknown)


def _open_table(dataset: gdal.Dataset) -> ogr.Layer | None:
    """Open the table, or make it; None where the file cannot be read now."""
    table = dataset.GetLayerByName(ADDED_CLASSES)
    if table is not None:
        return table
    # While another program holds the file, GDAL sees no tables, and would make this one again.
    found = dataset.ExecuteSQL("SELECT name FROM sqlite_master LIMIT 1")
    if found is None or found.GetFeatureCount() < 1:
        return None
    dataset.ReleaseResultSet(found)
    table = dataset.CreateLayer(ADDED_CLASSES, None, ogr.wkbNone)
    for name in (NAME, COLOUR) if table is not None else ():
        table.CreateField(ogr.FieldDefn(name, ogr.OFTString))
    return table


def _colour(text: str) -> Colour:
    """Read '#rrggbb'; grey where it is something else."""
    try:
        red, green, blue = bytes.fromhex(text.lstrip("#"))
    except ValueError:
        return (150, 150, 150, 255)
    return red, green, blue, 255
