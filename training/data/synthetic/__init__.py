"""Generated scenes with exact labels."""

from training.data.synthetic.rendering import COLOURS, CRS_WKT, ORIGIN, SceneOptions, render, write_scene
from training.data.synthetic.style import CLASSES, Style

__all__ = ["CLASSES", "COLOURS", "CRS_WKT", "ORIGIN", "SceneOptions", "Style", "render", "write_scene"]
