"""How a canvas is cut into scenes."""

from __future__ import annotations

from dataclasses import dataclass

from uhrs_qgis_plugin.engine.grid import Canvas, Window, scenes


@dataclass(frozen=True)
class ScenePlan:
    """How to cut a canvas into scenes.

    Attributes:
        side: Side of a scene in pixels, a multiple of lcm(patch side, 32).
        overlap: Least pixels that neighbours share, a multiple of 32 below `side`.
        channels: Channels G of the features.
        stride: Pixels per cell of U, 16 or 8.
        is_seen: Whether a network runs on the scenes; else the coarse pass only finds out where data are.
    """

    side: int
    overlap: int
    channels: int
    stride: int
    is_seen: bool = True


def scene_windows(canvas: Canvas, plan: ScenePlan) -> list[Window]:
    """List the scenes of a canvas, row-major, each cut to where the raster has pixels."""
    return [
        window.clipped(canvas.data_height, canvas.data_width) for window, _ in scenes(canvas, plan.side, plan.overlap)
    ]
