"""What a class raster carries besides its pixels: colours and names of its classes, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from uhrs_qgis_plugin.engine.raster.backends import backend_of
from uhrs_qgis_plugin.engine.raster.metadata.class_table import UNNAMED
from uhrs_qgis_plugin.engine.raster.metadata.sidecar import read_categories

# Written anew with each raster, or about the file and not about its content.
NOT_KEPT = re.compile(r"CLASS_\d+|AREA_OR_POINT|TIFFTAG_.*|OVR_RESAMPLING_ALG|LAYOUT")


@dataclass(frozen=True)
class Appearance:
    """What a class raster carries besides its pixels; its copies carry it too.

    Attributes:
        colours: Number -> red, green, blue.
        names: Names of the numbers 0, 1, ...; empty when they are not known.
        metadata: Metadata items.
        band_name: Description of its band.
    """

    colours: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    band_name: str = "classes"

    def name(self, value: int) -> str:
        """Name a class; 'class 7' where the raster does not."""
        named = value < len(self.names) and self.names[value]
        return str(self.names[value]) if named else UNNAMED.format(value)


def read_appearance(path: str, backend: str = "auto") -> Appearance:
    """Read what a class raster carries besides its pixels.

    Args:
        path: A raster that opens.
        backend: As in `open_raster`.
    """
    colours, names, items, description = backend_of(backend).read_marks(path)
    numbered: list[str] = []
    while f"CLASS_{len(numbered)}" in items:
        numbered.append(items[f"CLASS_{len(numbered)}"])
    names = tuple(names) or read_categories(path) or tuple(numbered)
    kept = {key: value for key, value in items.items() if not NOT_KEPT.fullmatch(key)}
    # A table always has 256 entries: only as many are classes as there are names, or else those that are not black.
    used = {value: colour for value, colour in colours.items() if (value < len(names) if names else any(colour))}
    return Appearance(used, names, kept, description or "classes")
