"""What travels over the network while a raster is read: requests and bytes, as GDAL counts them."""

from __future__ import annotations

from uhrs_qgis_plugin.engine.raster.backends import backend_of
from uhrs_qgis_plugin.engine.raster.servers import is_remote
from uhrs_qgis_plugin.engine.raster.source import RasterSource

LISTS = (".json", ".geojson", ".vrt")  # files that may name rasters on servers


class Traffic:
    """Counts from when it is made, in the whole process: runs side by side count each other's."""

    def __init__(self, raster: str) -> None:
        """Begin to count, where a raster is not local, or may name some that are not."""
        self._files = backend_of("auto").virtual_files if is_remote(raster) or raster.endswith(LISTS) else None
        self._before = {} if self._files is None else self._counts()
        if self._files is not None and not self._before:
            self._files.count_traffic()

    def counted(self, source: RasterSource) -> dict[str, int] | None:
        """Return "requests" and "bytes" that came; None where nothing did, and where GDAL does not count.

        Args:
            source: The raster, of its reader: GDAL counts no downloads, and what others of this process read.
        """
        if not (source.remote or source.copies or source.unwatched or is_remote(source.path)):
            return None
        now = {} if self._files is None else self._counts()
        found = {name: number - self._before.get(name, 0) for name, number in now.items()}
        if found:
            found["requests"] += len(source.copies)
            found["bytes"] += sum(copy.size for copy in source.copies)
        return found if any(found.values()) else None

    def _counts(self) -> dict[str, int]:
        """What GDAL has counted so far; {} where it has not."""
        methods = self._files.traffic().get("methods", {}).values() if self._files is not None else ()
        if not methods:
            return {}
        return {
            "requests": sum(int(method.get("count", 0)) for method in methods),
            "bytes": sum(int(method.get("downloaded_bytes", 0)) for method in methods),
        }
