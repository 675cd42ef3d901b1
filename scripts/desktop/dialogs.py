"""Dialogs of algorithms, as a person uses them: fill in, run, close."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from qgis.core import QgsProcessingOutputLayerDefinition, QgsProject
from steps import Story, Waiting, later, window

PLACE = (170, 50, 940, 720)  # left, top, width, height in pixels: large enough to show what is filled in


def to_load(path: str) -> QgsProcessingOutputLayerDefinition:
    """A file to write, with the tick at "Open output file after running algorithm"."""
    return QgsProcessingOutputLayerDefinition(path, QgsProject.instance())


def use(
    story: Story, title: str, values: dict[str, Any], is_done: Callable[[], bool], picture: str = ""
) -> Iterator[Waiting]:
    """Open the dialog of an algorithm from the Toolbox, run it, close it.

    Args:
        story: Keeps the picture.
        title: Of the dialog; the algorithm's id is "uhrs:" and this in small letters without blanks.
        values: Parameters to fill in.
        is_done: Whether the results are there.
        picture: Name of a picture of the dialog, filled in; "" for none.

    Yields:
        What is waited for.
    """
    import processing

    name = "uhrs:" + title.lower().replace(" ", "")
    later(lambda: processing.execAlgorithmDialog(name, {}))
    yield lambda: window(title) is not None
    dialog = window(title)
    dialog.setGeometry(*PLACE)
    dialog.setParameters(values)
    yield 0.5
    if picture:
        story.picture(picture)
    dialog.runButton().click()
    yield lambda: is_done() and not dialog.cancelButton().isEnabled()
    dialog.close()
    yield lambda: window(title) is None
