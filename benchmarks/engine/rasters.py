"""Rasters of any size, quick to make: a generated scene repeated with flips, the same as a VRT, a sparse file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterioWindow

from training.data.synthetic import CRS_WKT, ORIGIN, render
from uhrs_qgis_plugin.engine.grid import Window

SEED = 7
RESOLUTION_M = 1.0  # what the bundled model was made for
TILE = 512
BANDS = 3


def make_tiled(path: Path, side: int, scene_side: int, level: int = 6) -> None:
    """Write a tiled DEFLATE GeoTIFF that repeats a generated scene, mirrored so that it fits at the joints.

    Args:
        path: File to make.
        side: Rows and columns.
        scene_side: Rows and columns that are generated.
        level: Of DEFLATE, 1 is the fastest to write.
    """
    scene = _scene(min(side, scene_side))
    step = scene.shape[1]
    with rasterio.open(path, "w", **_profile(side), compress="deflate", zlevel=level, num_threads="all_cpus") as file:
        for i in range(-(-side // step)):
            for j in range(-(-side // step)):
                part = scene[:, :: -1 if i % 2 else 1, :: -1 if j % 2 else 1]
                part = part[:, : side - i * step, : side - j * step]
                file.write(part, window=RasterioWindow(j * step, i * step, part.shape[2], part.shape[1]))


def make_repeated(path: Path, side: int, scene_side: int) -> None:
    """Write a VRT that repeats a small GeoTIFF beside it.

    Args:
        path: The .vrt to make.
        side: Rows and columns, a multiple of `scene_side` unless smaller.
        scene_side: Rows and columns of the small file.
    """
    step = min(side, scene_side)
    small = path.with_name(f"small_{step}.tif")
    if not small.exists():
        make_tiled(small, step, step)
    bands = []
    for band in range(1, BANDS + 1):
        sources = "".join(
            f'<SimpleSource><SourceFilename relativeToVRT="1">{small.name}</SourceFilename>'
            f"<SourceBand>{band}</SourceBand>"
            f'<SourceProperties RasterXSize="{step}" RasterYSize="{step}" DataType="Byte" '
            f'BlockXSize="{TILE}" BlockYSize="{TILE}"/>'
            f'<SrcRect xOff="0" yOff="0" xSize="{step}" ySize="{step}"/>'
            f'<DstRect xOff="{col}" yOff="{row}" xSize="{step}" ySize="{step}"/></SimpleSource>'
            for row in range(0, side, step)
            for col in range(0, side, step)
        )
        bands.append(f'<VRTRasterBand dataType="Byte" band="{band}">{sources}</VRTRasterBand>')
    transform = f"{ORIGIN[0]}, {RESOLUTION_M}, 0, {ORIGIN[1]}, 0, {-RESOLUTION_M}"
    path.write_text(
        f'<VRTDataset rasterXSize="{side}" rasterYSize="{side}"><SRS>{_escaped(CRS_WKT)}</SRS>'
        f"<GeoTransform>{transform}</GeoTransform>{''.join(bands)}</VRTDataset>",
        encoding="utf-8",
    )


def make_sparse(path: Path, side: int, scene_side: int) -> None:
    """Write a GeoTIFF with nodata 0 that holds one generated scene in its middle and no blocks elsewhere.

    Args:
        path: File to make.
        side: Rows and columns.
        scene_side: Rows and columns of the scene.
    """
    scene = np.maximum(_scene(min(side, scene_side)), 1)
    step = scene.shape[1]
    start = (side - step) // 2 // TILE * TILE
    profile = _profile(side) | {"compress": "deflate", "nodata": 0, "sparse_ok": True, "bigtiff": "yes"}
    with rasterio.open(path, "w", **profile) as file:
        file.write(scene, window=RasterioWindow(start, start, step, step))


def _scene(side: int) -> NDArray[np.uint8]:
    """Generate the scene: (3, side, side)."""
    return render(SEED, Window(0, 0, side, side))[0]


def _profile(side: int) -> dict[str, object]:
    """What all files have in common."""
    return {
        "driver": "GTiff",
        "width": side,
        "height": side,
        "count": BANDS,
        "dtype": "uint8",
        "crs": CRS_WKT,
        "transform": from_origin(*ORIGIN, RESOLUTION_M, RESOLUTION_M),
        "tiled": True,
        "blockxsize": TILE,
        "blockysize": TILE,
        "interleave": "pixel",
        "photometric": "rgb",
    }


def _escaped(text: str) -> str:
    """Text for XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
