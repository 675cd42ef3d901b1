"""Writes a GeoPackage of polygons by SQLite, which every Python has: so it needs neither QGIS nor GDAL's vector part.

Reference: OGC 12-128r18, GeoPackage Encoding Standard 1.3.1, chapters 1 and 2, and annex F.3 (R-tree index).
"""

from __future__ import annotations

import re
import sqlite3
import struct
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType

from uhrs_qgis_plugin.engine.files import cannot_write

GEOPACKAGE_ID, VERSION = 0x47504B47, 10300
BOX_XY, LITTLE_ENDIAN = 1 << 1, 1  # flags of a geometry: it has an envelope, and the order of its bytes
OWN_CRS = 100_000  # id of one that has no code
UNDEFINED_CRS = -1
CODE = re.compile(r'(?:AUTHORITY|ID)\["EPSG",\s*"?(\d+)"?\]\s*\]\s*$')

SCHEMA = """
PRAGMA application_id = {application};
PRAGMA user_version = {version};
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
  definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE "{table}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom POLYGON{columns});
CREATE VIRTUAL TABLE "rtree_{table}_geom" USING rtree(id, minx, maxx, miny, maxy);
"""

# Keep the index true when somebody edits the table; annex F.3 of the standard, table 37.
TRIGGERS = """
CREATE TRIGGER "rtree_{t}_geom_insert" AFTER INSERT ON "{t}"
  WHEN (new.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
  BEGIN INSERT OR REPLACE INTO "rtree_{t}_geom" VALUES
  (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER "rtree_{t}_geom_update1" AFTER UPDATE OF geom ON "{t}"
  WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
  BEGIN INSERT OR REPLACE INTO "rtree_{t}_geom" VALUES
  (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER "rtree_{t}_geom_update2" AFTER UPDATE OF geom ON "{t}"
  WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
  BEGIN DELETE FROM "rtree_{t}_geom" WHERE id = OLD.fid; END;
CREATE TRIGGER "rtree_{t}_geom_update3" AFTER UPDATE ON "{t}"
  WHEN OLD.fid != NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
  BEGIN DELETE FROM "rtree_{t}_geom" WHERE id = OLD.fid; INSERT OR REPLACE INTO "rtree_{t}_geom" VALUES
  (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER "rtree_{t}_geom_update4" AFTER UPDATE ON "{t}"
  WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
  BEGIN DELETE FROM "rtree_{t}_geom" WHERE id IN (OLD.fid, NEW.fid); END;
CREATE TRIGGER "rtree_{t}_geom_delete" AFTER DELETE ON "{t}" WHEN old.geom NOT NULL
  BEGIN DELETE FROM "rtree_{t}_geom" WHERE id = OLD.fid; END;
"""

Box = tuple[float, float, float, float]  # left, right, bottom, top
Row = tuple[bytes, Box, Sequence[object]]  # well-known binary, its box, and the values of the fields


class GeoPackageWriter:
    """A table of polygons that is being written; use as a context manager."""

    def __init__(self, path: str, table: str, fields: Mapping[str, str], crs_wkt: str) -> None:
        """Create the file, which must not exist.

        Args:
            path: The file.
            table: Name of the table.
            fields: Name -> type of SQL.
            crs_wkt: Coordinate reference system, "" for none.

        Raises:
            OutputError: It cannot be created.
        """
        self._path, self._table = path, table
        self._box: Box | None = None
        self._count = 0
        self._crs = _crs_row(crs_wkt)
        self._insert = f'INSERT INTO "{table}" VALUES ({", ".join("?" * (2 + len(fields)))})'  # nosec B608  # names of ours
        columns = "".join(f', "{name}" {kind}' for name, kind in fields.items())
        self._fields = len(fields)
        try:
            # One thread after the other uses it, never two at a time.
            self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            # Nobody reads it before it is complete, and a file that is not is deleted: so nothing is journalled.
            self._base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -20000;")
            self._base.executescript(
                SCHEMA.format(application=GEOPACKAGE_ID, version=VERSION, table=table, columns=columns)
            )
            self._base.execute("BEGIN")
        except sqlite3.Error as error:
            raise cannot_write(path, str(error)) from error

    def write(self, rows: Iterable[Row]) -> None:
        """Add polygons.

        Raises:
            OutputError: Full disk and the like.
        """
        number = self._crs[1]
        records, boxes = [], []
        for wkb, box, values in rows:
            self._count += 1
            header = struct.pack("<2sBBi4d", b"GP", 0, BOX_XY | LITTLE_ENDIAN, number, *box)
            records.append((self._count, header + wkb, *values))
            boxes.append((self._count, *box))
            self._box = box if self._box is None else _union(self._box, box)
        try:
            self._base.executemany(self._insert, records)
            self._base.executemany(f'INSERT INTO "rtree_{self._table}_geom" VALUES (?, ?, ?, ?, ?)', boxes)  # nosec B608
        except sqlite3.Error as error:
            raise cannot_write(self._path, str(error)) from error

    def _finish(self) -> None:
        """Describe the table, and close the file."""
        number = self._crs[1]
        left, right, bottom, top = self._box or (None, None, None, None)
        table = self._table
        try:
            self._base.executemany(
                "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
                [
                    ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinates"),
                    ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinates"),
                    ("WGS 84 geodetic", 4326, "EPSG", 4326, WGS_84, "longitude and latitude on WGS 84"),
                    self._crs,
                ],
            )
            self._base.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, min_x, min_y, max_x, max_y, srs_id) "
                "VALUES (?, 'features', ?, ?, ?, ?, ?, ?)",
                (table, table, left, bottom, right, top, number),
            )
            self._base.execute(
                "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POLYGON', ?, 0, 0)", (table, number)
            )
            self._base.execute(
                "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', "
                "'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
                (table,),
            )
            self._base.execute("COMMIT")
            self._base.executescript(TRIGGERS.format(t=table))
            self._base.close()
        except sqlite3.Error as error:
            raise cannot_write(self._path, str(error)) from error

    def __enter__(self) -> GeoPackageWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Complete the file; after an error only close it."""
        if kind is None:
            self._finish()
        else:
            self._base.close()


def _union(one: Box, other: Box) -> Box:
    """The box around two."""
    return min(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), max(one[3], other[3])


def _crs_row(wkt: str) -> tuple[str, int, str, int, str, str]:
    """The row of a coordinate reference system in `gpkg_spatial_ref_sys`."""
    if not wkt:
        return "Undefined Cartesian SRS", UNDEFINED_CRS, "NONE", UNDEFINED_CRS, "undefined", ""
    name = wkt.split('"')[1] if '"' in wkt else "unnamed"
    code = CODE.search(wkt)
    if code is None:
        return name, OWN_CRS, "NONE", OWN_CRS, wkt, ""
    return name, int(code[1]), "EPSG", int(code[1]), wkt, ""


WGS_84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)
