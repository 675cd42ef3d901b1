"""Training samples, cut around judged places."""

from uhrs_qgis_plugin.engine.samples.alignment import bands_of_image, image_window
from uhrs_qgis_plugin.engine.samples.cutting import SampleOptions, Samples, SampleSources, cut_samples
from uhrs_qgis_plugin.engine.samples.sample_set import SampleClass

__all__ = ["SampleClass", "SampleOptions", "SampleSources", "Samples", "bands_of_image", "cut_samples", "image_window"]
