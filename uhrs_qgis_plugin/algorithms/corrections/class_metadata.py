"""What a class raster carries besides its pixels: classes, colours, provenance."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from osgeo import gdal

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.raster import Appearance
from uhrs_qgis_plugin.engine.results import VALUES
from uhrs_qgis_plugin.engine.samples import SampleClass
from uhrs_qgis_plugin.layers import UNNAMED, AddedClass, Colour, merge_classes, read_palette

# Written anew with each raster, or about the file and not about its content.
NOT_KEPT = re.compile(r"CLASS_\d+|AREA_OR_POINT|TIFFTAG_.*")


def read_appearance(path: str, provenance: Mapping[str, str], added: Sequence[AddedClass] = ()) -> Appearance:
    """Read what a copy of a class raster shall carry: colours, names and metadata.

    Args:
        path: Name that GDAL opens.
        provenance: Metadata items to add.
        added: Classes that the review has added.
    """
    dataset = gdal.Open(path)  # a band dies with its dataset
    band, palette = dataset.GetRasterBand(1), _palette(path, added)
    names = [name for _, _, name in palette]
    numbered = [UNNAMED.format(value) for value, _, _ in palette]
    kept = {key: value for key, value in dataset.GetMetadata().items() if not NOT_KEPT.fullmatch(key)}
    return Appearance(
        colours={value: colour[:3] for value, colour, _ in palette},
        names=_by_number(palette) if names != numbered else (),
        metadata={**kept, **provenance},
        band_name=band.GetDescription() or "classes",
    )


def class_names(path: str, added: Sequence[AddedClass] = ()) -> dict[int, str]:
    """Read the classes of a class raster and its review: number -> name, empty when its file has no colour table."""
    return {value: name for value, _, name in _palette(path, added)}


def _palette(path: str, added: Sequence[AddedClass]) -> list[tuple[int, Colour, str]]:
    """Read the classes of a class raster and its review; without a colour table none is known."""
    palette = read_palette(path)
    return merge_classes(palette, list(added), path) if palette else []


def sample_classes(path: str, added: Sequence[AddedClass] = ()) -> tuple[SampleClass, ...]:
    """Read the classes that training samples are labelled with, in order of the number.

    Raises:
        OptionsError: The class raster has no colour table.
    """
    palette = _palette(path, added)
    if not palette:
        raise OptionsError(
            f"'{path}' has no colour table, so that its classes have no names: choose the classes that 'Segment "
            "raster' or 'Corrected classes' wrote."
        )
    return tuple(SampleClass(value, name, colour[:3]) for value, colour, name in palette)


def known_classes(names: Mapping[int, str], nodata: int | None, added: Sequence[AddedClass] = ()) -> dict[int, str]:
    """List the numbers that pixels may get: the classes of file and review, else all that do not mean no data.

    Args:
        names: From `class_names`, of the file alone.
        nodata: The number that means no data, None for none.
        added: Classes that the review has added.

    Returns:
        Number -> name.
    """
    numbered = {value: UNNAMED.format(value) for value in range(VALUES)}
    # A colour table alone does not show which of its 256 colours are classes.
    every = numbered if names.items() <= numbered.items() else names
    every = {**every, **{item.value: item.name for item in added}}
    return {value: name for value, name in every.items() if value != nodata}


def _by_number(palette: list[tuple[int, Colour, str]]) -> tuple[str, ...]:
    """Return the names as a sequence that is indexed by the number."""
    row = [""] * (palette[-1][0] + 1) if palette else []
    for value, _, name in palette:
        row[value] = name
    return tuple(row)
