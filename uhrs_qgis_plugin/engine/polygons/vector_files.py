"""Files of polygons: GeoPackage, or FlatGeobuf where a library is there that writes it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Callable

from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError, one_line
from uhrs_qgis_plugin.engine.files import cannot_write, check_unused, hidden, identity, unique_mark
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.polygons.geopackage import GeoPackageWriter, Row
from uhrs_qgis_plugin.engine.raster import check_local

GEOPACKAGE, FLATGEOBUF = ".gpkg", ".fgb"


def check_vector_output(path: str, inputs: Iterable[str]) -> None:
    """Check that a file of polygons can be written, and overwrites nothing it should not.

    Args:
        inputs: Files that are read.

    Raises:
        OptionsError: It lies on a server, ends otherwise, is an input, or nothing is there that writes FlatGeobuf.
        OutputError: The folder is missing, it is open in another program, or holds other layers.
    """
    check_local(path)
    ending = os.path.splitext(path)[1].lower()
    if ending not in (GEOPACKAGE, FLATGEOBUF):
        raise OptionsError(f"'{path}' is neither .gpkg nor .fgb by its name: end it with one of them.")
    if ending == FLATGEOBUF and _translator() is None:
        raise OptionsError(
            f"'{path}' needs GDAL's Python module or pyogrio to be written: install one, or choose a name with .gpkg."
        )
    if identity(path) in {identity(name) for name in inputs}:
        raise OptionsError(f"The output '{path}' is also read: choose another name.")
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise OutputError(f"The folder of '{path}' does not exist: create it or choose another one.")
    if os.path.isdir(path):
        raise OutputError(f"'{path}' is a folder: give the name of a file.")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"The folder of '{path}' is not writable: choose another one.")
    if ending == GEOPACKAGE and os.path.exists(path):
        check_unused(path)
        others = [name for name in _tables(path) if name != table_name(path)]
        if others:
            raise OutputError(
                f"'{path}' holds other layers ({', '.join(others[:5])}), which would be lost: choose another name."
            )


class PolygonFile:
    """A file of polygons that has its name only when it is complete. A context manager."""

    def __init__(self, path: str, fields: Mapping[str, str], crs_wkt: str) -> None:
        """Choose temporary names in the folder of the file; see `GeoPackageWriter`."""
        self._path = path
        mark = unique_mark()
        self._part = f"{os.path.splitext(hidden(path, mark, 'part'))[0]}{GEOPACKAGE}"
        self._other = hidden(path, mark, "done")
        self._fields, self._crs_wkt = fields, crs_wkt
        self._stack = contextlib.ExitStack()

    def write(self, rows: Iterable[Row]) -> None:
        """Add polygons.

        Raises:
            OutputError: Full disk and the like.
        """
        self._writer.write(rows)

    def finish(self, watch: Watch) -> None:
        """Complete the file, still under a temporary name.

        Raises:
            OutputError: Full disk and the like.
            CancelledError: The caller cancelled.
        """
        self._stack.pop_all().__exit__(None, None, None)
        watch.check()
        if self._path.lower().endswith(FLATGEOBUF):
            translate = _translator()
            if translate is not None:
                translate(self._part, self._other, self._path)
        else:
            self._other = self._part

    def __enter__(self) -> PolygonFile:
        self._writer = self._stack.enter_context(
            GeoPackageWriter(self._part, table_name(self._path), self._fields, self._crs_wkt)
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the file its name; after an error remove it.

        Raises:
            OutputError: The name is taken by a file that is in use.
        """
        try:
            self._stack.pop_all().__exit__(kind, error, trace)
            if kind is None:
                if self._path.lower().endswith(GEOPACKAGE):
                    check_unused(self._path)
                os.replace(self._other, self._path)
        except OSError as problem:
            raise cannot_write(self._path, problem) from problem
        finally:
            for path in {self._part, f"{self._part}-journal", self._other}:
                with contextlib.suppress(OSError):
                    os.remove(path)


def table_name(path: str) -> str:
    """Name the table after the file."""
    return re.sub(r"[^\w]+", "_", Path(path).stem).strip("_") or "polygons"


def _tables(path: str) -> list[str]:
    """Name the tables of a GeoPackage; none where it is no such file."""
    base = sqlite3.connect(f"{Path(os.path.abspath(path)).as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return [str(name) for (name,) in base.execute("SELECT table_name FROM gpkg_contents")]
    except sqlite3.Error:
        return []
    finally:
        base.close()


def _translator() -> Callable[[str, str, str], None] | None:
    """The function that copies a GeoPackage to FlatGeobuf; None where there is none."""
    if importlib.util.find_spec("osgeo") is not None:
        return _by_gdal
    return _by_pyogrio if importlib.util.find_spec("pyogrio") is not None else None


def _by_gdal(source: str, destination: str, path: str) -> None:
    """Copy by GDAL's Python module."""
    from osgeo import gdal

    from uhrs_qgis_plugin.engine.raster.gdal_backend import attempt

    def copy() -> bool:
        # The new file is closed inside, so that errors of closing it are seen.
        return gdal.VectorTranslate(destination, source, format="FlatGeobuf", layerName=table_name(path)) is not None

    done, reason = attempt(copy)
    if not done or reason:
        raise cannot_write(path, reason)


def _by_pyogrio(source: str, destination: str, path: str) -> None:
    """Copy by pyogrio, batch by batch."""
    import pyogrio
    from pyogrio.errors import DataSourceError

    try:
        with pyogrio.raw.open_arrow(source, use_pyarrow=False) as (meta, stream):
            pyogrio.write_arrow(
                stream,
                destination,
                layer=table_name(path),
                driver="FlatGeobuf",
                geometry_name=meta["geometry_name"],
                geometry_type=meta["geometry_type"],
                crs=meta["crs"],
            )
    except (DataSourceError, RuntimeError) as error:
        raise cannot_write(path, one_line(error)) from error
