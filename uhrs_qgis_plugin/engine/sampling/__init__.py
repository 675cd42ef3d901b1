"""Sample points for judging a class map: strata, how many in each, and where."""

from uhrs_qgis_plugin.engine.sampling.allocation import ALLOCATIONS
from uhrs_qgis_plugin.engine.sampling.draw import STRATA, Sample, SampleOptions, Stratum, check_sample, draw_sample
from uhrs_qgis_plugin.engine.sampling.fields import columns_of

__all__ = [
    "ALLOCATIONS",
    "STRATA",
    "Sample",
    "SampleOptions",
    "Stratum",
    "check_sample",
    "columns_of",
    "draw_sample",
]
