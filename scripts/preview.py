"""Draw a raster, its classes and its uncertainty side by side, with legend, into one PNG.

    .venv-qgis/bin/python scripts/preview.py image.tif classes.tif uncertainty.tif preview.png

Reads decimated, so it takes seconds for rasters of any size. Needs GDAL, numpy and Qt, which QGIS brings.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # no screen needed

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal
from qgis.PyQt.QtCore import QRectF, Qt
from qgis.PyQt.QtGui import QColor, QFont, QGuiApplication, QImage, QLinearGradient, QPainter

PANEL = 600  # pixels: longer side of a panel
EDGE, HEAD, FOOT = 20, 46, 64  # pixels: between panels, above them for titles, below them for legends
ROW = 24  # pixels: height of a row of the legend
TEXT = 15  # pixels: height of letters
EMPTY = (255, 255, 255)
# "plasma": perceptually uniform, distinguishable with every kind of colour blindness. In equal steps from 0 to 1.
PLASMA = (
    *((13, 8, 135), (75, 3, 161), (125, 3, 168), (168, 34, 150), (203, 70, 121)),
    *((229, 107, 93), (248, 148, 65), (253, 195, 40), (240, 249, 33)),
)

Pixels = NDArray[np.uint8]


def main(arguments: list[str] | None = None) -> None:
    """Read the three rasters and draw.

    Args:
        arguments: The command line without the program, None = that of the process.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("image", "classes", "uncertainty", "preview"):
        parser.add_argument(name, type=Path)
    paths = parser.parse_args(arguments)
    gdal.UseExceptions()
    classes, legend = read_classes(paths.classes)
    panels = {
        "image": read_image(paths.image),
        "classes": classes,
        "uncertainty U": read_uncertainty(paths.uncertainty),
    }
    application = QGuiApplication.instance() or QGuiApplication([])  # noqa: F841 (fonts need it)
    if not draw(panels, legend).save(str(paths.preview)):
        raise SystemExit(f"{paths.preview} cannot be written: give a path that ends with .png in a folder that exists.")


def read_image(path: Path) -> Pixels:
    """Read a raster as a picture.

    Args:
        path: Any raster; bands 1 to 3 are taken for red, green and blue, fewer bands for grey.

    Returns:
        (h, w, 3); numbers other than uint8 are stretched between their 2nd and 98th percentile.
    """
    dataset = gdal.Open(str(path))
    bands = [1, 2, 3] if dataset.RasterCount >= 3 else [1, 1, 1]
    filled = np.stack([_read(dataset, band, gdal.GRIORA_Average) for band in bands], axis=-1)
    if dataset.GetRasterBand(1).DataType != gdal.GDT_Byte:
        low, high = np.nanpercentile(filled, (2, 98), axis=(0, 1), keepdims=True)
        filled = 255 * (filled - low) / np.maximum(high - low, 1e-6)
    return np.where(np.isfinite(filled).all(axis=-1, keepdims=True), np.clip(filled, 0, 255), EMPTY[0]).astype(np.uint8)


def read_classes(path: Path) -> tuple[Pixels, list[tuple[str, tuple[int, int, int]]]]:
    """Read a class raster in its own colours.

    Args:
        path: A raster with a colour table, and category names or metadata items CLASS_0, CLASS_1, ...

    Returns:
        (h, w, 3), and names and colours of the classes that occur.
    """
    dataset = gdal.Open(str(path))
    labels, table, tags = _read(dataset, 1, gdal.GRIORA_NearestNeighbour), np.zeros((256, 3), np.uint8), {}
    colours = dataset.GetRasterBand(1).GetColorTable()
    for value in range(0 if colours is None else min(256, colours.GetCount())):
        table[value] = colours.GetColorEntry(value)[:3]
    tags = dataset.GetMetadata()
    empty = np.isnan(labels)
    numbers = np.where(empty, 0, labels).astype(np.uint8)
    present = np.unique(numbers[~empty])
    legend = [
        (tags.get(f"CLASS_{value}", f"class {value}"), tuple(int(part) for part in table[value])) for value in present
    ]
    return np.where(empty[..., None], np.uint8(EMPTY[0]), table[numbers]), legend


def read_uncertainty(path: Path) -> Pixels:
    """Read band 1 of an uncertainty raster in the colours that the plugin uses.

    Args:
        path: A raster with a band scale that gives 0 to 1.

    Returns:
        (h, w, 3).
    """
    dataset = gdal.Open(str(path))
    values = _read(dataset, 1, gdal.GRIORA_Average) * (dataset.GetRasterBand(1).GetScale() or 1.0)
    steps = np.linspace(0, 1, len(PLASMA))
    drawn = np.stack([np.interp(values, steps, [colour[part] for colour in PLASMA]) for part in range(3)], axis=-1)
    return np.where(np.isnan(values)[..., None], EMPTY[0], drawn).astype(np.uint8)


def draw(panels: dict[str, Pixels], legend: list[tuple[str, tuple[int, int, int]]]) -> QImage:
    """Draw panels side by side.

    Args:
        panels: Title -> (h, w, 3) image, classes and uncertainty, in this order.
        legend: Names and colours of classes.

    Returns:
        The picture.
    """
    height, width = next(iter(panels.values())).shape[:2]
    scale = PANEL / max(height, width)
    wide, high = max(160, round(width * scale)), max(1, round(height * scale))
    picture = QImage(3 * wide + 4 * EDGE, high + HEAD + FOOT, QImage.Format.Format_RGB32)
    picture.fill(QColor(*EMPTY))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    font = QFont()
    font.setPixelSize(TEXT)
    painter.setFont(font)
    places = [QRectF(EDGE + number * (wide + EDGE), HEAD, wide, high) for number in range(3)]
    for place, (title, pixels) in zip(places, panels.items()):
        painter.drawText(QRectF(place.x(), 0, wide, HEAD), Qt.AlignmentFlag.AlignCenter, title)
        painter.drawImage(place, _image(pixels))
    _draw_legend(painter, QRectF(places[1].x(), HEAD + high + 8, wide, FOOT - 8), legend)
    _draw_ramp(painter, QRectF(places[2].x(), HEAD + high + 8, wide, FOOT - 8))
    painter.end()
    return picture


def _draw_legend(painter: QPainter, place: QRectF, legend: list[tuple[str, tuple[int, int, int]]]) -> None:
    """Put names and colours below a panel, in as many rows as there is room for."""
    x, y = place.left(), place.top()
    for name, colour in legend:
        needed = painter.fontMetrics().horizontalAdvance(name) + TEXT + 18
        if x + needed > place.right() and x > place.left():
            x, y = place.left(), y + ROW
        if y + ROW > place.bottom():
            return
        painter.fillRect(QRectF(x, y + 5, TEXT, TEXT), QColor(*colour))
        painter.drawText(QRectF(x + TEXT + 5, y, needed, ROW), Qt.AlignmentFlag.AlignVCenter, name)
        x += needed


def _draw_ramp(painter: QPainter, place: QRectF) -> None:
    """Put the colours from sure to unsure below a panel."""
    bar = QRectF(place.x() + 0.15 * place.width(), place.y() + 4, 0.7 * place.width(), 14)
    ramp = QLinearGradient(bar.topLeft(), bar.topRight())
    for number, colour in enumerate(PLASMA):
        ramp.setColorAt(number / (len(PLASMA) - 1), QColor(*colour))
    painter.fillRect(bar, ramp)
    for share, text in ((0.0, "0 sure"), (0.5, "0.5"), (1.0, "1 unsure")):
        middle = bar.x() + share * bar.width()
        painter.drawText(QRectF(middle - 60, bar.bottom() + 4, 120, ROW), Qt.AlignmentFlag.AlignHCenter, text)


def _read(dataset: gdal.Dataset, band: int, resampling: int) -> NDArray[np.float32]:
    """Read a band with at most `PANEL` pixels on the longer side; what is no data is NaN."""
    factor = max(1.0, max(dataset.RasterXSize, dataset.RasterYSize) / PANEL)
    size = {"buf_xsize": max(1, round(dataset.RasterXSize / factor))}
    size["buf_ysize"] = max(1, round(dataset.RasterYSize / factor))
    source = dataset.GetRasterBand(band)
    values = source.ReadAsArray(resample_alg=resampling, **size).astype(np.float32)
    # Of the mask the mean too: a pixel of the picture counts where any of its pixels holds data.
    valid = source.GetMaskBand().ReadAsArray(resample_alg=gdal.GRIORA_Average, **size) > 0
    nodata = source.GetNoDataValue()
    if nodata is not None and not np.isnan(nodata):
        valid &= values != nodata
    return np.where(valid, values, np.nan)


def _image(pixels: Pixels) -> QImage:
    """Wrap (h, w, 3) pixels."""
    height, width = pixels.shape[:2]
    data = np.ascontiguousarray(pixels)
    return QImage(data.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


if __name__ == "__main__":
    main()
