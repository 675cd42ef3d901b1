"""The field for the model in the dialog: a list of the models at hand, and a button for any other file."""

from __future__ import annotations

from collections.abc import Sequence

from processing.gui.wrappers import WidgetWrapper
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper as AbstractWrapper
from qgis.gui import QgsProcessingGui
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from uhrs_qgis_plugin.algorithms.segment.messages import model_description, model_summary
from uhrs_qgis_plugin.algorithms.segment.outlook_label import OutlookLabel
from uhrs_qgis_plugin.engine.bundle import DEFAULT_MODEL, list_models
from uhrs_qgis_plugin.translation import tr

TOOL_TIP = Qt.ItemDataRole.ToolTipRole


class ModelWidget(WidgetWrapper):
    """Holds "" for the default model, the name of another one, or a path."""

    def createWidget(self) -> QWidget:
        """Make the list and the button."""
        self.list = QComboBox()
        self.list.setEditable(True)
        self.list.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.list.setMinimumContentsLength(20)
        for entry in list_models():
            if entry.bundle is not None:
                value = "" if entry.path == DEFAULT_MODEL else entry.bundle.name
                self.list.addItem(model_summary(entry.bundle, tr), value)
                self.list.setItemData(self.list.count() - 1, model_description(entry.bundle, tr), TOOL_TIP)
        self.list.currentTextChanged.connect(self._show_choice)
        button = QToolButton()
        button.setText("…")
        button.setToolTip(tr("Choose another model bundle (*.uhrs)"))
        button.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self.list)
        row.addWidget(button)
        field = QWidget()
        column = QVBoxLayout(field)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        self.outlook = OutlookLabel() if self.dialogType == QgsProcessingGui.WidgetType.Standard else None
        if self.outlook is not None:
            column.addWidget(self.outlook)
        self._show_choice()
        return field

    def postInitialize(self, wrappers: Sequence[AbstractWrapper]) -> None:
        """Follow the other fields, once all are there."""
        if self.outlook is not None:
            self.outlook.follow(self.parameterDefinition(), wrappers)

    def setValue(self, value: object) -> None:
        """Show a value: a name, a path, or nothing for the default model."""
        text = "" if value is None else str(value)
        row = self.list.findData(text)
        if row >= 0:
            self.list.setCurrentIndex(row)
        else:
            self.list.setEditText(text)

    def value(self) -> str | None:
        """Return what the run gets; None = the default model."""
        text = self.list.currentText().strip()
        row = self.list.findText(text, Qt.MatchFlag.MatchExactly)
        return (self.list.itemData(row) if row >= 0 else text) or None

    def _show_choice(self) -> None:
        """Say in the tip of the field what the chosen model is, and tell the dialog."""
        row = self.list.findText(self.list.currentText(), Qt.MatchFlag.MatchExactly)
        self.list.setToolTip(self.list.itemData(row, TOOL_TIP) if row >= 0 else self.list.currentText())
        self.widgetValueHasChanged.emit(self)

    def _browse(self) -> None:
        """Let the user choose a file."""
        path, _filter = self.getFileName(self.value() or "")
        if path:
            self.setValue(path)
