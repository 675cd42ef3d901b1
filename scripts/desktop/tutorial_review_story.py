"""Story: the pictures of docs/tutorial-review.md: segment, find regions, review ten, cut samples."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import qgis.utils
from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction
from qgis.utils import iface

from scripts.desktop.dialogs import count_layers, to_load, use
from scripts.desktop.steps import Story, Waiting, hide_docks, is_drawn
from scripts.desktop.teacher import Teacher

WORK = Path(os.environ["UHRS_TUTORIAL_FOLDER"])
RASTER, TRUTH = str(WORK / "site.tif"), str(WORK / "site_truth.tif")
CLASSES, UNCERTAINTY, REGIONS, CORRECTED = (
    str(WORK / name) for name in ("classes.tif", "uncertainty.tif", "regions.gpkg", "corrected.tif")
)
SAMPLES = WORK / "samples"
REVIEWED = 10  # regions


def walk(story: Story) -> Iterator[Waiting]:
    """Run the steps in QGIS."""
    hide_docks("Browser", "ProcessingToolbox")
    image = iface.addRasterLayer(RASTER, "site")
    yield is_drawn
    outputs = {"CLASSES": to_load(CLASSES), "UNCERTAINTY": to_load(UNCERTAINTY)}
    yield from use(story, "Segment raster", {"INPUT": image, **outputs}, lambda: count_layers() >= 3)
    values = {"UNCERTAINTY": UNCERTAINTY, "CLASSES": CLASSES, "OUTPUT": to_load(REGIONS)}
    yield from use(story, "Uncertain regions", values, lambda: count_layers() >= 4, "tutorial-regions")
    yield from review(story)
    layers = {"REGIONS": layer("regions", "Uncertain regions"), "CORRECTIONS": layer("Corrections of")}
    values = {"CLASSES": CLASSES, **layers, "OUTPUT": to_load(CORRECTED)}
    before = count_layers()
    yield from use(story, "Corrected classes", values, lambda: count_layers() > before)
    values = {"INPUT": image, "CLASSES": CLASSES, **layers, "OUTPUT": str(SAMPLES)}
    yield from use(story, "Training samples", values, lambda: (SAMPLES / "samples.json").exists(), "tutorial-samples")


def review(story: Story) -> Iterator[Waiting]:
    """Judge ten regions."""
    iface.mainWindow().findChild(QAction, "uhrsReviewRegions").trigger()
    controller = qgis.utils.plugins["uhrs_qgis_plugin"].dock.controller
    yield lambda: controller.region() is not None
    controller.panel.reviewer.setText("Ada")
    controller.panel.reviewer.editingFinished.emit()
    teacher = Teacher(CLASSES, TRUTH)
    found = story.state["judged"] = []
    for number in range(REVIEWED):
        yield 0.3
        yield is_drawn
        if number == 0:
            yield 1.0
            story.picture("tutorial-review")
        drawn = teacher.draw(controller)
        if drawn and number == 0:
            yield from look_at_image(story, controller)
        rank = controller.region().rank
        found.append([rank, teacher.judge(controller), drawn])
    story.state["progress"] = controller.progress_text()


def look_at_image(story: Story, controller: Any) -> Iterator[Waiting]:  # noqa: ANN401 (of the plugin)
    """Hide classes and uncertainty by their keys, so that the drawing is seen on the image; show them again."""
    for picture in ("tutorial-draw", ""):
        for key in (Qt.Key.Key_C, Qt.Key.Key_U):
            QTest.keyClick(controller.panel.list, key)
        yield 1.0
        yield is_drawn
        if picture:
            story.picture(picture)


def layer(*names: str) -> Any:  # noqa: ANN401 (a layer)
    """Find a layer by the start of its name, which is the algorithm's or the file's, depending on QGIS's settings."""
    found = [item for item in QgsProject.instance().mapLayers().values() if item.name().startswith(names)]
    if not found:
        raise LookupError(f"{names} in {[item.name() for item in QgsProject.instance().mapLayers().values()]}")
    return found[0]


STORY = Story(walk)
