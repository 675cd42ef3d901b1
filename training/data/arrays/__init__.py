"""Images and masks as arrays, read when they are needed."""

from training.data.arrays.decoded import decoded, in_memory
from training.data.arrays.filling import BlankLabels, LabelsWithData, fill_values, filled
from training.data.arrays.lazy import LazyArray, PixelArray, samples
from training.data.arrays.mask import ColourRule, LabelRule, MaskArray, ValueRule
from training.data.arrays.orientation import orientation
from training.data.arrays.pixel_size import at_resolution, check_resolution, pixel_m
from training.data.arrays.placing import check_same_place
from training.data.arrays.polygons import PolygonLabels, Rings
from training.data.arrays.raster import RasterArray, band_names, colour_bands, colour_table, raster_info, valid_array
from training.data.arrays.resizing import resized
from training.data.arrays.scenes import FIRST_SET, IGNORE, MOST_SETS, Scene, read_pixels
from training.data.arrays.windows import LabelsInBoxes, window_of_scene

__all__ = [
    "FIRST_SET",
    "IGNORE",
    "MOST_SETS",
    "BlankLabels",
    "ColourRule",
    "LabelRule",
    "LabelsInBoxes",
    "LabelsWithData",
    "LazyArray",
    "MaskArray",
    "PixelArray",
    "PolygonLabels",
    "RasterArray",
    "Rings",
    "Scene",
    "ValueRule",
    "at_resolution",
    "band_names",
    "check_resolution",
    "check_same_place",
    "colour_bands",
    "colour_table",
    "decoded",
    "fill_values",
    "filled",
    "in_memory",
    "orientation",
    "pixel_m",
    "raster_info",
    "read_pixels",
    "resized",
    "samples",
    "valid_array",
    "window_of_scene",
]
