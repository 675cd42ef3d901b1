"""Images and masks as arrays, read when they are needed."""

from training.data.arrays.decoded import decoded, in_memory
from training.data.arrays.filling import LabelsWithData, fill_values, filled
from training.data.arrays.lazy import PixelArray, samples
from training.data.arrays.mask import ColourRule, LabelRule, MaskArray, ValueRule
from training.data.arrays.orientation import orientation
from training.data.arrays.placing import check_same_place
from training.data.arrays.raster import RasterArray, band_names, colour_bands, colour_table, raster_info, valid_array
from training.data.arrays.resizing import resized
from training.data.arrays.scenes import IGNORE, Scene, read_pixels

__all__ = [
    "IGNORE",
    "ColourRule",
    "LabelRule",
    "LabelsWithData",
    "MaskArray",
    "PixelArray",
    "RasterArray",
    "Scene",
    "ValueRule",
    "band_names",
    "check_same_place",
    "colour_bands",
    "colour_table",
    "decoded",
    "fill_values",
    "filled",
    "in_memory",
    "orientation",
    "raster_info",
    "read_pixels",
    "resized",
    "samples",
    "valid_array",
]
