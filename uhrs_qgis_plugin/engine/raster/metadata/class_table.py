"""The classes that a class raster carries: numbers, colours and names, however its file stores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.raster.backends import backend_of

UNNAMED = "class {}"

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class ClassTable:
    """The classes of a class raster.

    Attributes:
        names: Number -> name of those that have a name of their own.
        colours: Number -> red, green, blue.
    """

    names: Mapping[int, str] = field(default_factory=dict)
    colours: Mapping[int, Colour] = field(default_factory=dict)

    def name(self, value: int) -> str:
        """Name a class: 'class 7' where 7 has no name."""
        return self.names.get(value, UNNAMED.format(value))


def read_class_table(path: str, nodata: float | None = None, backend: str = "auto") -> ClassTable:
    """Read the classes that a raster carries.

    Args:
        path: A raster; one of another kind, and one that does not open, has none.
        nodata: The number that is no class.
        backend: As in `open_raster`.
    """
    colours, named_in_file, items, _ = backend_of(backend).read_marks(path)
    names = tuple(named_in_file) or _names_in_metadata(items)
    named = {n: name for n, name in enumerate(names) if name and n != nodata and name != UNNAMED.format(n)}
    # A TIFF's table always has 256 entries: only as many are classes as there are names.
    kept = {n: colour for n, colour in colours.items() if n != nodata and (n < len(names) if names else any(colour))}
    return ClassTable(named, kept)


def read_metadata(path: str, backend: str = "auto") -> dict[str, str]:
    """Read the metadata items of a raster; one that does not open has none."""
    try:
        return backend_of(backend).read_marks(path)[2]
    except RasterError:
        return {}


def _names_in_metadata(items: Mapping[str, str]) -> tuple[str, ...]:
    """Read the names that the file itself keeps, for a file that lost its sidecar."""
    names: list[str] = []
    while f"CLASS_{len(names)}" in items:
        names.append(items[f"CLASS_{len(names)}"])
    return tuple(names)
