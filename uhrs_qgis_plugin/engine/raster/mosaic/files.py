"""Finding the files of a raster: a file, a .vrt file with what it is made of, a folder or a list of rasters."""

from __future__ import annotations

import os

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.files import identity
from uhrs_qgis_plugin.engine.raster.mosaic.lists import read_list
from uhrs_qgis_plugin.engine.raster.mosaic.parsing import read_vrt
from uhrs_qgis_plugin.engine.raster.source import RasterSource, VrtFile

# In lower case. Containers of several rasters (netCDF, HDF, GeoPackage) are not here: which of them would be meant?
ENDINGS = (
    *(".tif", ".tiff", ".gtiff", ".vrt", ".jp2", ".j2k", ".png", ".jpg", ".jpeg", ".webp", ".img", ".ecw", ".sid"),
    *(".asc", ".bil", ".bip", ".bsq", ".kea"),
)


def describe(path: str | os.PathLike[str]) -> RasterSource:
    """Find the files of a raster; each .vrt file is parsed once.

    Args:
        path: A file, a .vrt file, a folder or a list (see `read_list`) of rasters, or another name that GDAL opens.

    Returns:
        The raster by its files; a file that is missing has none.

    Raises:
        RasterError: A .vrt file is damaged, contains itself, or it or a list names a file that is not there.
    """
    path = os.fspath(path)
    vrts: dict[str, VrtFile | None] = {}
    # Absolute, for the folder may be relative to one that changes while the raster is in use.
    place = os.path.abspath(path)
    names = _rasters_in(place, vrts) if os.path.isdir(path) else read_list(path)
    if not names:
        return _describe_file(path, vrts)
    rasters = tuple(_describe_file(name, vrts) for name in names)
    files = dict.fromkeys([place, *(file for raster in rasters for file in raster.files)])
    unwatched = dict.fromkeys(name for raster in rasters for name in raster.unwatched)
    return RasterSource(path, tuple(files), rasters=rasters, unwatched=tuple(unwatched))


def rasters_in(folder: str) -> tuple[str, ...]:
    """List the rasters of a folder, sorted by name; later ones lie on top.

    Args:
        folder: The folder; folders in it are not looked into.

    Returns:
        Paths. Hidden files and sidecars are not among them, nor .vrt files that only join other files of the folder.
    """
    return _rasters_in(folder, {})


def _rasters_in(folder: str, vrts: dict[str, VrtFile | None]) -> tuple[str, ...]:
    names = sorted(name for name in os.listdir(folder) if not name.startswith(".") and name.lower().endswith(ENDINGS))
    paths = [path for path in (os.path.join(folder, name) for name in names) if os.path.isfile(path)]
    if not any(path.lower().endswith(".vrt") for path in paths):
        return tuple(paths)
    known = {identity(path) for path in paths}
    return tuple(path for path in paths if not _joins(path, known, vrts))


def _joins(path: str, known: set[str], vrts: dict[str, VrtFile | None]) -> bool:
    """Whether a file is a .vrt file over other files of a folder."""
    if not path.lower().endswith(".vrt"):
        return False
    vrt = _read_once(path, vrts)
    return vrt is not None and bool(vrt.sources) and all(identity(source) in known for source in vrt.sources)


def _describe_file(path: str, vrts: dict[str, VrtFile | None]) -> RasterSource:
    """Describe what is no folder of rasters."""
    found: dict[str, None] = {}
    _collect(path, (), found, vrts)
    files = tuple(map(os.path.abspath, found)) if os.path.exists(path) else ()
    read = (vrts[name] for name in found)
    unwatched = dict.fromkeys(name for vrt in read if vrt is not None for name in vrt.on_servers)
    return RasterSource(path, files, vrts[path], unwatched=tuple(unwatched))


def _collect(path: str, parents: tuple[str, ...], found: dict[str, None], vrts: dict[str, VrtFile | None]) -> None:
    """Add a file, and what it is made of if it is a .vrt file."""
    found[path] = None
    vrt = _read_once(path, vrts)
    if vrt is None:
        return
    parents = (*parents, identity(path))
    for source in vrt.sources:
        if identity(source) in parents:
            raise RasterError(f"'{path}' is made of itself (through '{source}'): build it again from other rasters.")
        if not os.path.exists(source):
            raise RasterError(
                f"'{path}' is made of '{source}', which is not there: put that file back, or build the .vrt again."
            )
        if source not in found:
            _collect(source, parents, found, vrts)


def _read_once(path: str, vrts: dict[str, VrtFile | None]) -> VrtFile | None:
    """Read a .vrt file that has not been read yet."""
    if path not in vrts:
        vrts[path] = read_vrt(path)
    return vrts[path]
