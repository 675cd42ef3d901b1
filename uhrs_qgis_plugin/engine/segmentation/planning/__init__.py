"""What is known before the first pixel: options, bands, pixel size, area of interest, scenes, the job."""

from uhrs_qgis_plugin.engine.segmentation.planning.area_files import read_area
from uhrs_qgis_plugin.engine.segmentation.planning.area_of_interest import AreaReader, area_polygons
from uhrs_qgis_plugin.engine.segmentation.planning.bands import check_numbers, choose_bands
from uhrs_qgis_plugin.engine.segmentation.planning.digest import digest_of
from uhrs_qgis_plugin.engine.segmentation.planning.job import (
    SegmentationJob,
    StartedModel,
    check_job,
    plan_job,
    read_reductions,
    run_identity,
    with_stretch,
)
from uhrs_qgis_plugin.engine.segmentation.planning.options import (
    GRIDS,
    UNCERTAINTY_CELLS,
    UNREADABLE,
    Options,
    as_resolution,
)
from uhrs_qgis_plugin.engine.segmentation.planning.pixel_size import choose_pixel_size
from uhrs_qgis_plugin.engine.segmentation.planning.scene_plan import ScenePlan, scene_windows

__all__ = [
    "GRIDS",
    "UNCERTAINTY_CELLS",
    "UNREADABLE",
    "AreaReader",
    "Options",
    "ScenePlan",
    "SegmentationJob",
    "StartedModel",
    "area_polygons",
    "as_resolution",
    "check_job",
    "check_numbers",
    "choose_bands",
    "choose_pixel_size",
    "digest_of",
    "plan_job",
    "read_area",
    "read_reductions",
    "run_identity",
    "scene_windows",
    "with_stretch",
]
