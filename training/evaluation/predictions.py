"""Predictions of scenes as files: rasters where the image lies, what servers take, pictures laid over it, tables."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning

from training.data.arrays import IGNORE, PixelArray, Scene, raster_info
from training.data.datasets import Server
from training.errors import DatasetError
from training.evaluation.metrics import class_iou
from training.evaluation.pictures import laid_over
from training.evaluation.scores import Counts, percent, score
from uhrs_qgis_plugin.engine.files import replacing

_STRIP_ROWS = 512  # written at a time, whole tiles


def save_prediction(path: Path, scene: Scene, labels: PixelArray, classes: Mapping[str, str]) -> None:
    """Write a prediction as a GeoTIFF with a palette, class names and no data, where the scene's image lies.

    An image that was resized or brought to another pixel size covers the same ground: the pixels are so much larger.

    Args:
        labels: (H, W).
        classes: colour RRGGBB by class name, in the order of the labels.
    """
    height, width = labels.shape
    profile = {"driver": "GTiff", "count": 1, "height": height, "width": width, "dtype": "uint8", "nodata": IGNORE}
    profile |= {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "DEFLATE", "BIGTIFF": "IF_SAFER"}
    profile |= _place(scene.file, height, width)
    colours = {value: tuple(bytes.fromhex(colour)) for value, colour in enumerate(classes.values())}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with replacing(path) as part, rasterio.open(part, "w", **profile) as file:
            file.write_colormap(1, {**colours, IGNORE: (0, 0, 0, 0)})
            file.colorinterp = [ColorInterp.palette]
            file.update_tags(**{f"CLASS_{value}": name for value, name in enumerate(classes)})
            for row in range(0, height, _STRIP_ROWS):
                strip = np.asarray(labels[row : row + _STRIP_ROWS])
                file.write(strip, 1, window=((row, row + strip.shape[0]), (0, width)))


def save_for_server(folder: Path, scene: Scene, labels: PixelArray, server: Server) -> None:
    """Write a prediction as the server of a benchmark takes it.

    Args:
        folder: made if needed.
        labels: (H, W).

    Raises:
        DatasetError: The prediction is not as large as the image.
    """
    if scene.file is not None:
        info = raster_info(scene.file)
        if labels.shape != (info.height, info.width):
            raise DatasetError(
                f"The prediction of '{scene.name}' has {labels.shape[1]} x {labels.shape[0]} pixels, its image "
                f"{info.width} x {info.height}, and servers want these; give --resolution-m 0"
            )
    height, width = labels.shape
    path = folder / server.file.format(scene.name)
    folder.mkdir(parents=True, exist_ok=True)
    profile = {"driver": "PNG", "count": np.size(server.nothing), "height": height, "width": width, "dtype": "uint8"}
    if path.suffix == ".tif":
        profile |= {"driver": "GTiff", "compress": "LZW", **_place(scene.file, height, width)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with replacing(path) as part, rasterio.open(part, "w", **profile) as file:
            file.write(server.encoded(np.asarray(labels)))


def _place(image: Path | None, height: int, width: int) -> dict[str, object]:
    """CRS and transform of so many pixels over the ground of an image; empty where it lies nowhere."""
    if image is None:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(image) as file:
            if file.transform.is_identity:
                return {}
            a, b, c, d, e, f = file.transform[:6]
            across, down = file.width / width, file.height / height
            return {"crs": file.crs, "transform": Affine(a * across, b * down, c, d * across, e * down, f)}


def save_overlay(path: Path, scene: Scene, labels: PixelArray, classes: Mapping[str, str], opacity: float) -> None:
    """Write a PNG of the image with the classes laid over it, at full size.

    Args:
        opacity: of the classes, 0 to 1.
    """
    pixels = np.moveaxis(laid_over(scene, labels, list(classes.values()), opacity), -1, 0)
    profile = {"driver": "PNG", "count": 3, "height": pixels.shape[1], "width": pixels.shape[2], "dtype": "uint8"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with replacing(path) as part, rasterio.open(part, "w", **profile) as file:
            file.write(pixels)


def save_scene_table(
    path: Path, by_scene: Mapping[str, Mapping[str, Counts]], class_names: Sequence[str], rule: str
) -> None:
    """Write a CSV of a line a scene and setting: known pixels, the score by the rule, the IoU of each class."""
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["scene", "setting", "pixels", "score", *class_names])
        for scene, counted in by_scene.items():
            for name, counts in counted.items():
                values = [score(counts, rule, class_names), *map(percent, class_iou(counts.matrix).tolist())]
                cells = ["" if value is None else value for value in values]
                table.writerow([scene, name, int(counts.matrix.sum()), *cells])


def save_confusion_table(path: Path, counted: Mapping[str, Counts], class_names: Sequence[str]) -> None:
    """Write a CSV of the confusion matrices: a line a setting and true class, in pixels and as shares of that class."""
    shares = [f"{name}, share" for name in class_names]
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["setting", "truth", *class_names, *shares])
        for name, counts in counted.items():
            for label, row in zip(class_names, counts.matrix.tolist(), strict=True):
                total = sum(row)
                table.writerow([name, label, *row, *(f"{value / total:.4f}" if total else "" for value in row)])
