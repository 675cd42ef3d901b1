"""Dialogs of Processing algorithms, used as a user does: open, fill in, run, close."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from qgis.core import QgsProcessingOutputLayerDefinition, QgsProject

from scripts.desktop.steps import Story, Waiting, later, window

GEOMETRY = (170, 50, 940, 720)  # left, top, width, height in pixels: large enough to show what is filled in


def to_load(path: str) -> QgsProcessingOutputLayerDefinition:
    """Return an output file with the tick at "Open output file after running algorithm"."""
    return QgsProcessingOutputLayerDefinition(path, QgsProject.instance())


def count_layers() -> int:
    """Return the number of layers of the project."""
    return len(QgsProject.instance().mapLayers())


def use(
    story: Story,
    title: str,
    values: dict[str, Any],
    is_done: Callable[[], bool],
    picture: str = "",
    after: dict[str, Any] | None = None,
    name: str = "",
) -> Iterator[Waiting]:
    """Open the dialog of an algorithm, run it, close it.

    Args:
        story: Saves the picture.
        title: Of the dialog; the algorithm's name, unless given, is the title in lower case without blanks.
        values: Parameters to fill in.
        is_done: Whether the results are there.
        picture: Name of a picture of the dialog, filled in; "" = none.
        after: More values, filled in after the picture: paths of this machine, for one.
        name: Of the algorithm, after "uhrs:".
    """
    import processing  # the Processing plugin may load after the story

    algorithm = "uhrs:" + (name or title.lower().replace(" ", ""))
    later(lambda: processing.execAlgorithmDialog(algorithm, {}))
    yield from wait_for(title, GEOMETRY)
    window(title).setParameters(values)
    yield 0.5
    if picture:
        yield 1.5  # until it says what the run will take
        story.picture(picture)
    if after:
        window(title).setParameters({**values, **after})
    yield from run(title, is_done)


def wait_for(title: str, geometry: tuple[int, int, int, int]) -> Iterator[Waiting]:
    """Wait until a dialog is open, then place it."""
    yield lambda: window(title) is not None
    window(title).setGeometry(*geometry)
    yield 0.5


def run(title: str, is_done: Callable[[], bool]) -> Iterator[Waiting]:
    """Press "Run" in an open dialog, wait for the results, close it."""
    dialog = window(title)
    dialog.runButton().click()
    yield lambda: is_done() and not dialog.cancelButton().isEnabled()
    dialog.close()
    yield lambda: window(title) is None
