"""Scenes of any pixel size brought to one, as the engine brings rasters to the pixel size of a model."""

from __future__ import annotations

import math
from dataclasses import replace

from training.data.arrays.filling import LabelsWithData
from training.data.arrays.lazy import PixelArray
from training.data.arrays.polygons import PolygonLabels
from training.data.arrays.raster import Grid, RasterArray, ValidArray, raster_info
from training.data.arrays.resizing import ResizedArray
from training.data.arrays.scenes import Scene
from training.errors import DatasetError, SettingsError
from uhrs_qgis_plugin.engine.raster import MOST_ENLARGED, MOST_REDUCED, ground_pixel, working_shape


def pixel_m(scene: Scene) -> float | None:
    """Ground size of the pixels of a scene's file in metres; None where it is not known.

    Of rows and columns the geometric mean.
    """
    if not isinstance(scene.image, RasterArray):
        return None
    pixel = ground_pixel(raster_info(scene.image.path))
    return None if pixel is None else math.sqrt(pixel[0] * pixel[1])


def check_resolution(resolution_m: float | None) -> None:
    """Refuse what is no size.

    Raises:
        SettingsError: It is not above 0.
    """
    if resolution_m is not None and not (resolution_m > 0 and math.isfinite(resolution_m)):
        raise SettingsError(
            f"data.resolution_m is {resolution_m:g}; give metres above 0, such as 0.3, or null for each image's own"
        )


def at_resolution(scene: Scene, resolution_m: float | None) -> Scene:
    """A scene as the engine reads its raster at a pixel size; masks take the pixel in the middle of each cell.

    Args:
        scene: Of files; not filled yet.
        resolution_m: Metres; None keeps the scene.

    Raises:
        DatasetError: Its own pixel size is not known, or absurdly far from that.
    """
    if resolution_m is None:
        return scene
    pixel = ground_pixel(raster_info(scene.image.path)) if isinstance(scene.image, RasterArray) else None
    name = scene.image.path if isinstance(scene.image, RasterArray) else scene.name
    if pixel is None:
        raise DatasetError(
            f"'{name}' has no georeference with a unit of length, so it cannot be brought to --data.resolution_m "
            f"{resolution_m:g}: georeference it (gdal_edit.py -a_srs EPSG:CODE -a_ullr ...), or leave resolution_m out"
        )
    if resolution_m / min(pixel) > MOST_REDUCED or max(pixel) / resolution_m > MOST_ENLARGED:
        raise DatasetError(
            f"'{name}' has pixels of {math.sqrt(pixel[0] * pixel[1]):.3g} m, too far from --data.resolution_m "
            f"{resolution_m:g}: give {max(pixel) / MOST_ENLARGED:.3g} to {min(pixel) * MOST_REDUCED:.3g}, or leave "
            "this image out"
        )
    grid = working_shape(raster_info(name), pixel, resolution_m)
    if grid == scene.labels.shape:
        return scene
    valid = None if scene.valid is None else _on_grid(scene.valid, grid)
    return replace(scene, image=_on_grid(scene.image, grid), labels=_on_grid(scene.labels, grid), valid=valid)


def _on_grid(array: PixelArray, grid: Grid) -> PixelArray:
    """An array on a working grid that covers the same ground."""
    if isinstance(array, (RasterArray, ValidArray, PolygonLabels)):
        return array.on_grid(grid)
    if isinstance(array, LabelsWithData):
        return LabelsWithData(_on_grid(array.labels, grid), _on_grid(array.valid, grid))
    return ResizedArray(array, grid, "nearest")
