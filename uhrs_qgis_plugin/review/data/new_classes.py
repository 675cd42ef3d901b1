"""Classes that the model does not know: added in a review, in a table beside the judgements."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.PyQt.QtGui import QColor

from uhrs_qgis_plugin.engine.results import NODATA
from uhrs_qgis_plugin.layers import AddedClass, read_added_classes, write_added_class
from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.data.retry_locked import short_busy_timeout
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.wording import tr

LONGEST_NAME = 60


def added_choices(path: str | None) -> list[ClassChoice]:
    """Read the classes that were added in a GeoPackage of judgements; None = there is no such file."""
    return [ClassChoice(item.value, item.name, QColor(*item.colour)) for item in read_added_classes(path)]


def add_class(path: str, name: str, colour: QColor, known: Sequence[ClassChoice]) -> ClassChoice:
    """Add a class with the next free number.

    Args:
        path: The GeoPackage of the judgements.
        known: All classes that there are.

    Raises:
        ReviewError: The name is empty or taken, there is no number left, or the file does not take it.
    """
    name = " ".join(name.split())
    choices = [*known, *added_choices(path)]
    if not name or len(name) > LONGEST_NAME:
        raise ReviewError(tr("A class needs a name of 1 to {} characters.").format(LONGEST_NAME))
    if any(choice.value is None for choice in choices):
        raise ReviewError(tr("The numbers of the classes are not known: choose the class raster below."))
    if name.casefold() in {choice.name.casefold() for choice in choices}:
        raise ReviewError(tr("There is a class '{}' already: choose it in the list.").format(name))
    first = 1 + max((choice.value or 0 for choice in choices), default=-1)
    for value in range(first, NODATA):
        with short_busy_timeout():
            problem = write_added_class(
                path, AddedClass(value, name, (colour.red(), colour.green(), colour.blue(), 255))
            )
        if not problem:
            return ClassChoice(value, name, QColor(colour))
        if problem != "taken":  # by another reviewer, since we have looked
            raise ReviewError(tr("The class '{}' is NOT added: {}. Try again.").format(name, problem))
    raise ReviewError(tr("No number is left for another class: {} is the largest one.").format(NODATA - 1))
