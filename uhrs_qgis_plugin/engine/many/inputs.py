"""Which rasters a folder or a list holds, and what the results of each are called."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError, without_secrets
from uhrs_qgis_plugin.engine.files import identity
from uhrs_qgis_plugin.engine.raster.mosaic import is_stac_name, rasters_in, read_list

NOT_IN_NAMES = re.compile(r"[^\w.+ -]")
QUERY = re.compile(r"[?#].*$")


@dataclass(frozen=True)
class Input:
    """A raster of many.

    Attributes:
        raster: As `segment` takes it.
        name: What its results are called, below their folders and without an ending: 'north/tile_7'.
    """

    raster: str
    name: str


def find_inputs(source: str, outputs: Collection[str] = ()) -> list[Input]:
    """Find the rasters of a source.

    Args:
        source: A folder: its rasters and those of the folders in it, which the results mirror. A list of rasters, see
            `read_list`: their results are called as they are. Else one raster.
        outputs: Folders of results, which are not looked into.

    Returns:
        The rasters, sorted by name in a folder, in the order of a list.

    Raises:
        RasterError: There is none, or a list names a file that is not there.
        OptionsError: Two would have results of the same name, the results would lie among the rasters, or these are
            STAC items.
    """
    if is_stac_name(source) and not os.path.isdir(source):
        raise OptionsError(
            f"'{without_secrets(source)}' holds STAC items, which make one mosaic: to have each for itself, give a "
            "list (.txt) of the items or of their imagery, a path or address a line."
        )
    if os.path.isdir(source):
        # Absolute, as the names of the mosaic of a folder are.
        found = list(_in_folder(os.path.abspath(source), outputs))
    else:
        found = [Input(raster, _name_of(raster)) for raster in read_list(source) or (source,)]
    if not found:
        raise RasterError(f"The folder '{source}' holds no rasters, nor do the folders in it: give another one.")
    _check_names(found)
    return found


def _in_folder(folder: str, outputs: Collection[str]) -> Iterator[Input]:
    """List the rasters of a folder and of those in it; hidden ones and results are left out."""
    results = {identity(output) for output in outputs}
    if identity(folder) in results:
        raise OptionsError(f"The results would lie among the rasters in '{folder}': give another folder for them.")
    for place, folders, _ in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and identity(os.path.join(place, name)) not in results
        )
        below = os.path.relpath(place, folder)
        for raster in rasters_in(place):
            stem = os.path.splitext(os.path.basename(raster))[0]
            yield Input(raster, os.path.normpath(os.path.join(below, stem)))


def _name_of(raster: str) -> str:
    """Name the results of a path or address after its last part."""
    last = re.split(r"[/\\]", QUERY.sub("", raster) if "://" in raster else raster)[-1]
    return NOT_IN_NAMES.sub("_", os.path.splitext(unquote(last))[0]).strip(" .") or "raster"


def _check_names(inputs: Collection[Input]) -> None:
    """Check that no two rasters have results of the same name, in upper or lower case."""
    taken: dict[str, str] = {}
    for item in inputs:
        other = taken.setdefault(item.name.casefold(), item.raster)
        if other != item.raster:
            one, more = without_secrets(other), without_secrets(item.raster)
            raise OptionsError(
                f"'{one}' and '{more}' would both have results called '{item.name}': take one of them out, or sort "
                "them into folders, which the results mirror."
            )
