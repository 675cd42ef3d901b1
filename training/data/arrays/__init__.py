"""Images and masks as arrays, read when they are needed."""

from training.data.arrays.lazy import PixelArray
from training.data.arrays.mask import ColourRule, LabelRule, MaskArray, ValueRule
from training.data.arrays.raster import RasterArray, colour_bands
from training.data.arrays.resizing import resized
from training.data.arrays.scenes import IGNORE, Scene, read_pixels

__all__ = [
    "IGNORE",
    "ColourRule",
    "LabelRule",
    "MaskArray",
    "PixelArray",
    "RasterArray",
    "Scene",
    "ValueRule",
    "colour_bands",
    "read_pixels",
    "resized",
]
