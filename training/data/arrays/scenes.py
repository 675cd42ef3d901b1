"""A scene: an image and its labels, as datasets return and samplers take them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from training.data.arrays.lazy import PixelArray
from training.errors import DatasetError
from uhrs_qgis_plugin.engine.results import NODATA

IGNORE = NODATA  # label of pixels that count neither in a loss nor in a metric
FIRST_SET, MOST_SETS = 250, 4  # labels of pixels that are one of several classes, nobody says which; classes end before


@dataclass(frozen=True)
class Scene:
    """One labelled image.

    Attributes:
        name: unique in its dataset.
        image: (B, H, W), the raster's own numbers.
        labels: (H, W) uint8, 0 to C - 1 or IGNORE; IGNORE wherever the image holds no data. In training scenes also
            FIRST_SET and up, each for a set of classes, see `Classes.sets`.
        valid: (H, W) bool, whether a pixel of the image holds data; None when all do. The numbers of the others mean
            nothing (they may be NaN) until `filled` replaces them.
        bands: what the bands are, such as "red"; "" where it is not known, empty where nobody asked.
        notes: what people should know about the files, a line each.
        file: of the image, which may say where on the ground it lies; None where it is not of one file.
    """

    name: str
    image: PixelArray
    labels: PixelArray
    valid: PixelArray | None = None
    bands: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    file: Path | None = None

    def __post_init__(self) -> None:
        """Check that image and labels cover the same pixels.

        Raises:
            DatasetError: when their sizes differ.
        """
        if self.image.shape[1:] != self.labels.shape:
            raise DatasetError(
                f"Scene '{self.name}': image is {self.image.shape[1:]}, labels are {self.labels.shape} pixels; "
                "both must have the same height and width"
            )


def read_pixels(path: Path) -> npt.NDArray[np.uint8]:
    """All bands (B, H, W) of an image file; a palette image is returned as its three colours.

    Raises:
        DatasetError: when the file is missing or cannot be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # plain photographs have no georeference
            with rasterio.open(path) as file:
                pixels = file.read()
                if file.colorinterp[0].name == "palette":
                    table = np.zeros((256, 3), np.uint8)
                    for index, colour in file.colormap(1).items():
                        table[index] = colour[:3]
                    pixels = np.moveaxis(table[pixels[0]], -1, 0)
    except RasterioError as error:
        raise DatasetError(f"Cannot read '{path}': {error}. Check that the download is complete") from error
    return pixels
