"""The two passes over a raster and the choice between them: read, look coarsely, select, refine."""

from uhrs_qgis_plugin.engine.segmentation.passes.canvas_source import CanvasSource, ReadStatistics, SharedRaster
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_map import CoarseMap, SceneGrid, missing_scenes, scene_weights
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_pass import Slab, map_coarsely, map_scenes, read_slabs
from uhrs_qgis_plugin.engine.segmentation.passes.fused_block import (
    empty_block,
    finished_block,
    fusion_inputs,
    nothing_selected,
)
from uhrs_qgis_plugin.engine.segmentation.passes.refine_pass import measure_costs, refine
from uhrs_qgis_plugin.engine.segmentation.passes.refine_plan import (
    PatchBatch,
    ReadBlock,
    RefinePlan,
    patches_of,
    plan_blocks,
    read_patches,
)
from uhrs_qgis_plugin.engine.segmentation.passes.selection import (
    Costs,
    EveryPatch,
    FixedSelection,
    Selection,
    TimedSelection,
    score_patches,
    select_by_ratio,
    select_by_threshold,
)

__all__ = [
    "CanvasSource",
    "CoarseMap",
    "Costs",
    "EveryPatch",
    "FixedSelection",
    "PatchBatch",
    "ReadBlock",
    "ReadStatistics",
    "RefinePlan",
    "SceneGrid",
    "Selection",
    "SharedRaster",
    "Slab",
    "TimedSelection",
    "empty_block",
    "finished_block",
    "fusion_inputs",
    "map_coarsely",
    "map_scenes",
    "measure_costs",
    "missing_scenes",
    "nothing_selected",
    "patches_of",
    "plan_blocks",
    "read_patches",
    "read_slabs",
    "refine",
    "scene_weights",
    "score_patches",
    "select_by_ratio",
    "select_by_threshold",
]
