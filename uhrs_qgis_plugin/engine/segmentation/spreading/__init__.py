"""A run on the workers of a cluster: passes and strips as tasks, which read and write through the folder of the run."""

from uhrs_qgis_plugin.engine.segmentation.spreading.crew_hands import CrewHands
from uhrs_qgis_plugin.engine.segmentation.spreading.gathering import crew_of, model_of, summary_of

__all__ = ["CrewHands", "crew_of", "model_of", "summary_of"]
