"""Cloud-optimised GeoTIFFs put together of tiles that are compressed already."""

from uhrs_qgis_plugin.engine.raster.cog.assembly import CogAssembly
from uhrs_qgis_plugin.engine.raster.cog.tile_files import (
    TileFile,
    compress_tiles,
    compression_mark,
    tiles_of,
    write_tiles,
)

__all__ = ["CogAssembly", "TileFile", "compress_tiles", "compression_mark", "tiles_of", "write_tiles"]
