"""Headless segmentation engine: reads a raster and a model bundle, writes classes and uncertainty.

Imports neither QGIS nor torch. Start reading at `pipeline.segment`; the command line is
`python -m uhrs_qgis_plugin.engine`.
"""

from __future__ import annotations

__version__ = "0.1.0"
