"""What a review reads and writes: regions, judgements, corrections; independent of widgets."""

from uhrs_qgis_plugin.review.data.corrections import show_corrections, style_corrections
from uhrs_qgis_plugin.review.data.preparation import add_review_fields, open_store, save_copy
from uhrs_qgis_plugin.review.data.region_store import ADD_FIELDS, REOPEN, SAVE_COPY, ObstacleError, RegionGoneError
from uhrs_qgis_plugin.review.data.regions import RegionJudgement, ReviewRegion
from uhrs_qgis_plugin.review.data.session import ReviewProgress, ReviewSession

__all__ = [
    "ADD_FIELDS",
    "REOPEN",
    "SAVE_COPY",
    "ObstacleError",
    "RegionGoneError",
    "RegionJudgement",
    "ReviewProgress",
    "ReviewRegion",
    "ReviewSession",
    "add_review_fields",
    "open_store",
    "save_copy",
    "show_corrections",
    "style_corrections",
]
