"""Story: the pictures of docs/tutorial-review.md, second half: the raster with the new model, and the old result."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from qgis.core import QgsProject, QgsRasterLayer
from qgis.utils import iface

from scripts.desktop.dialogs import count_layers, to_load, use
from scripts.desktop.steps import Story, Waiting, hide_docks, is_drawn
from uhrs_qgis_plugin.layers import style_classes

WORK = Path(os.environ["UHRS_TUTORIAL_FOLDER"])
ZOOM = 2.0  # of the whole raster


def walk(story: Story) -> Iterator[Waiting]:
    """Run the second half."""
    hide_docks("Browser", "ProcessingToolbox")
    image = iface.addRasterLayer(str(WORK / "site.tif"), "site")
    yield is_drawn
    values = {
        "INPUT": image,
        "MODEL": str(WORK / "mine.uhrs"),
        "CLASSES": to_load(str(WORK / "classes_again.tif")),
        "UNCERTAINTY": str(WORK / "uncertainty_again.tif"),
    }
    yield from use(story, "Segment raster", values, lambda: count_layers() >= 2)
    iface.setActiveLayer(image)
    iface.zoomToActiveLayer()
    iface.mapCanvas().zoomByFactor(1 / ZOOM)
    yield 1.0
    yield is_drawn
    story.picture("tutorial-after")
    before = QgsRasterLayer(str(WORK / "classes.tif"), "Classes before")
    style_classes(before)
    QgsProject.instance().addMapLayer(before, False)
    QgsProject.instance().layerTreeRoot().insertLayer(0, before)
    yield 1.0
    yield is_drawn
    story.picture("tutorial-before")


STORY = Story(walk)
