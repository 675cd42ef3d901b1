"""How results are written: blocks, overviews, publication under the final names."""

from uhrs_qgis_plugin.engine.outputs.block_files import BlockFiles, RefinedBlock
from uhrs_qgis_plugin.engine.outputs.block_mosaic import BlockMosaic
from uhrs_qgis_plugin.engine.outputs.checks import check_disk, check_outputs
from uhrs_qgis_plugin.engine.outputs.publish import Publication
from uhrs_qgis_plugin.engine.outputs.regrid import write_regridded
from uhrs_qgis_plugin.engine.outputs.strips import Strip, make_strip, strip_file, strips_of
from uhrs_qgis_plugin.engine.outputs.targets import Outputs

__all__ = [
    "BlockFiles",
    "BlockMosaic",
    "Outputs",
    "Publication",
    "RefinedBlock",
    "Strip",
    "check_disk",
    "check_outputs",
    "make_strip",
    "strip_file",
    "strips_of",
    "write_regridded",
]
