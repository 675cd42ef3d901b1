"""Asks for a class that the model does not know: its name and its colour."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.gui import QgsColorButton
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QWidget

from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.wording import mark, tr

# Distinguishable from each other with every kind of colour blindness (Okabe and Ito, 2008).
COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999")
NEAR = 90  # sum of differences in red, green and blue up to which colours look alike
EXPLANATION = mark(
    "A class that the model does not know. Draw it, or judge regions to be it: 'Corrected classes' and 'Training "
    "samples' keep its name and colour, so that a model can learn it."
)


class ClassDialog(QDialog):
    """Name and colour of a new class."""

    def __init__(self, choices: Sequence[ClassChoice], parent: QWidget | None = None) -> None:
        """Suggest a colour that no class has.

        Args:
            choices: The classes that there are.
        """
        super().__init__(parent)
        self.setObjectName("uhrsNewClass")
        self.setWindowTitle(tr("New class"))
        self.name = QLineEdit()
        self.colour = QgsColorButton()
        self.colour.setColor(free_colour([choice.colour for choice in choices]))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(False)
        self.name.textChanged.connect(lambda text: ok.setEnabled(bool(text.strip())))
        explanation = QLabel(tr(EXPLANATION))
        explanation.setWordWrap(True)
        form = QFormLayout(self)
        form.addRow(explanation)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Colour"), self.colour)
        form.addRow(self.buttons)


def free_colour(taken: Sequence[QColor]) -> QColor:
    """Return the first colour that looks like none of those that are taken, grey where all do."""
    for name in COLOURS:
        colour = QColor(name)
        if all(_distance(colour, other) > NEAR for other in taken):
            return colour
    return QColor(COLOURS[-1])


def _distance(one: QColor, other: QColor) -> int:
    parts = zip((one.red(), one.green(), one.blue()), (other.red(), other.green(), other.blue()))
    return sum(abs(first - second) for first, second in parts)
