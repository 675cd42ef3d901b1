"""Widgets of the review panel: the message with its button, the list of classes, the reviewer's name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
)

from uhrs_qgis_plugin.review.class_choices import SWATCH, ClassChoice, swatch
from uhrs_qgis_plugin.review.panel.keys import DIGITS
from uhrs_qgis_plugin.review.wording import tr

REVIEWER = "uhrs/reviewer"  # setting: the reviewer's name
ROWS_SHOWN = 4  # of classes, before the list scrolls
COLUMN = 150  # pixels of a class in the list
# Kind of a message -> its style; text and ground are both set, so that a dark theme does not matter.
MESSAGE_STYLES = {
    "hint": "QLabel {font-style: italic}",
    "info": "MessageRow {background: #d8e9f7; border-radius: 3px} QLabel {color: #112233}",
    "warning": "MessageRow {background: #fff0c2; border-radius: 3px} QLabel {color: #443311}",
}


class MessageRow(QFrame):
    """One line for the reviewer, and at most one button that does what the line asks for.

    Always visible, with a hint while there is no message: the list below must not jump under the mouse.
    """

    def __init__(self, hint: str) -> None:
        """Start with the hint, a line about what can be done."""
        super().__init__()
        self._hint, self._text = hint, ""
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton()
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self._act)
        self._action: Callable[[], object] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 6, 4)
        row.addWidget(self._label, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        self.show_message("")

    def show_message(
        self, text: str, kind: str = "info", label: str = "", action: Callable[[], object] | None = None
    ) -> None:
        """Show a line; "" shows the hint.

        Args:
            text: The line.
            kind: Key of `MESSAGE_STYLES`.
            label: Text of the button; "" = no button.
            action: Called by the button.
        """
        self.setStyleSheet(MESSAGE_STYLES[kind if text else "hint"])
        self._label.setText(text or self._hint)
        self._text, self._action = text, action
        self.button.setText(label)
        self.button.setVisible(bool(label))

    def set_hint(self, hint: str) -> None:
        """Give another hint, which shows with the next "" at the latest."""
        self._hint = hint
        if not self._text:
            self._label.setText(hint)

    def text(self) -> str:
        """Return the message; "" for the hint."""
        return self._text

    def _act(self) -> None:
        if self._action is not None:
            self._action()


class ClassPicker(QListWidget):
    """The classes, each with its colour and, for the first nine, its key; at the end the offer to add one.

    Signals:
        confirmed(): A class was double-clicked.
        wanted(): A class is missing: the offer to add one was clicked.
    """

    confirmed = pyqtSignal()
    wanted = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.choices: list[ClassChoice] = []
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(SWATCH, SWATCH))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemDoubleClicked.connect(lambda item: self.choice() is not None and self.confirmed.emit())
        self.itemClicked.connect(lambda item: self.choice() is None and self.wanted.emit())

    def show_choices(self, choices: Sequence[ClassChoice]) -> None:
        """Fill the list; the chosen class stays chosen where it is still there."""
        before = self.choice()
        self.choices = list(choices)
        self.clear()
        height = self.fontMetrics().height() + 6
        for number, choice in enumerate(choices, 1):
            text = f"{number}  {choice.name}" if number <= DIGITS else choice.name
            item = QListWidgetItem(swatch(choice.colour), text)
            item.setSizeHint(QSize(COLUMN, height))
            item.setToolTip(choice.name)
            self.addItem(item)
        offer = QListWidgetItem(QgsApplication.getThemeIcon("/symbologyAdd.svg"), tr("New class..."))
        offer.setSizeHint(QSize(COLUMN, height))
        offer.setToolTip(tr("Add a class that the model does not know, for corrections and training samples"))
        if choices:
            self.addItem(offer)
        rows = max(1, min(ROWS_SHOWN, -(-(len(choices) + 1) // 2)))
        self.setFixedHeight(rows * height + 2 * self.frameWidth() + 2)
        if before is not None:
            self.choose(before.name)

    def choice(self) -> ClassChoice | None:
        """Return the chosen class."""
        row = self.currentRow()
        return self.choices[row] if 0 <= row < len(self.choices) else None

    def choose(self, wanted: str | int | None) -> ClassChoice | None:
        """Choose a class by name or number; None or an unknown one clears the choice.

        Returns:
            The class; None where nothing is chosen.
        """
        for row, choice in enumerate(self.choices):
            if wanted is not None and wanted in (choice.name, choice.value):
                self.setCurrentRow(row)
                return choice
        self.setCurrentRow(-1)
        return None


class ReviewerEdit(QLineEdit):
    """The reviewer's name, kept in the settings; at first that of the account."""

    def __init__(self) -> None:
        """Show the name that was used last."""
        super().__init__()
        name = QgsSettings().value(REVIEWER, "") or QgsApplication.userFullName() or QgsApplication.userLoginName()
        self.setText(str(name))
        self.editingFinished.connect(lambda: QgsSettings().setValue(REVIEWER, self.name()))

    def name(self) -> str:
        """Return the name; "" = none."""
        return str(self.text()).strip()
