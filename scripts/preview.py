"""Draw a raster, its classes and its uncertainty side by side, with legend, into one PNG.

    .venv-train/bin/python scripts/preview.py image.tif classes.tif uncertainty.tif preview.png

Reads decimated, so it takes seconds for rasters of any size.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # no screen needed

import matplotlib.pyplot as plt
import numpy as np
import rasterio
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import NDArray
from rasterio.enums import Resampling

PANEL_PIXELS = 1000  # longer side of what is read for a panel
PANEL_INCHES = 6.0
EMPTY = (255, 255, 255)


def main(arguments: list[str] | None = None) -> None:
    """Read the three rasters and draw.

    Args:
        arguments: The command line without the program, None = that of the process.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("image", "classes", "uncertainty", "preview"):
        parser.add_argument(name, type=Path)
    paths = parser.parse_args(arguments)
    image = read_image(paths.image)
    height, width = image.shape[:2]
    inches = PANEL_INCHES * min(1.0, 1.3 * width / height)
    figure, axes = plt.subplots(1, 3, figsize=(3 * inches, inches * height / width + 0.9), layout="constrained")
    for axis, title in zip(axes, ("image", "classes", "uncertainty U"), strict=True):
        axis.set_title(title, fontsize=15)
        axis.set_xticks([])
        axis.set_yticks([])
    axes[0].imshow(image)
    draw_classes(axes[1], paths.classes)
    draw_uncertainty(axes[2], paths.uncertainty)
    figure.savefig(paths.preview, dpi=100, bbox_inches="tight")  # the colour bar hangs below its panel


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read a raster as a picture.

    Args:
        path: Any raster; bands 1 to 3 are taken for red, green and blue, fewer bands for grey.

    Returns:
        (h, w, 3); numbers other than uint8 are stretched between their 2nd and 98th percentile.
    """
    with rasterio.open(path) as dataset:
        bands = [1, 2, 3] if dataset.count >= 3 else [1, 1, 1]
        picture = dataset.read(bands, out_shape=(3, *_reduced(dataset)), resampling=Resampling.average, masked=True)
    filled = np.ma.filled(picture.astype(np.float32), np.nan)
    if picture.dtype != np.uint8:
        low, high = np.nanpercentile(filled, (2, 98), axis=(1, 2), keepdims=True)
        filled = 255 * (filled - low) / np.maximum(high - low, 1e-6)
    filled = np.where(np.isfinite(filled).all(axis=0), np.clip(filled, 0, 255), EMPTY[0])
    return np.moveaxis(filled, 0, -1).astype(np.uint8)


def draw_classes(axis: Axes, path: Path) -> None:
    """Draw a class raster in its own colours, with the classes that occur in the legend.

    Args:
        axis: Where to draw.
        path: A raster with a colour table, and metadata items CLASS_0, CLASS_1, ... for the names.
    """
    with rasterio.open(path) as dataset:
        labels = dataset.read(1, out_shape=_reduced(dataset), resampling=Resampling.nearest)
        colours, tags, nodata = dataset.colormap(1), dataset.tags(), dataset.nodata
    table = np.array([colours.get(value, (0, 0, 0, 255))[:3] for value in range(256)], np.uint8)
    if nodata is not None:
        table[int(nodata)] = EMPTY
    axis.imshow(table[labels], interpolation="nearest")
    present = [int(value) for value in np.unique(labels) if value != nodata]
    handles = [Patch(color=table[value] / 255, label=tags.get(f"CLASS_{value}", f"class {value}")) for value in present]
    _legend_below(axis, handles)


def draw_uncertainty(axis: Axes, path: Path) -> None:
    """Draw band 1 of an uncertainty raster in the colours that the plugin uses.

    Args:
        axis: Where to draw.
        path: A raster with a band scale that gives 0..1.
    """
    with rasterio.open(path) as dataset:
        values = dataset.read(1, out_shape=_reduced(dataset), resampling=Resampling.average, masked=True)
        values = values * dataset.scales[0]
    axis.set_facecolor(np.array(EMPTY) / 255)
    shown = axis.imshow(values, cmap="plasma", vmin=0, vmax=1)
    # An inset and not a stolen strip: the three panels stay on one line.
    bar = plt.colorbar(shown, cax=axis.inset_axes((0.15, -0.07, 0.7, 0.03)), orientation="horizontal")
    bar.set_ticks([0, 0.5, 1], labels=["0 sure", "0.5", "1 unsure"], fontsize=11)


def _legend_below(axis: Axes, handles: list[Any]) -> None:
    """Put a legend under a panel in one or two rows."""
    axis.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.01),
        ncols=min(5, max(1, len(handles))),
        frameon=False,
        fontsize=11,
        handlelength=1,
        columnspacing=1.2,
    )


def _reduced(dataset: Any) -> tuple[int, int]:  # noqa: ANN401 (rasterio is untyped)
    """Rows and columns with the longer side at most `PANEL_PIXELS`."""
    factor = max(1.0, max(dataset.height, dataset.width) / PANEL_PIXELS)
    return max(1, round(dataset.height / factor)), max(1, round(dataset.width / factor))


if __name__ == "__main__":
    main()
