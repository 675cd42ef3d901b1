"""What all algorithms of the provider share: icon, translation, help text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from qgis.core import QgsProcessingAlgorithm
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon

ICON = str(Path(__file__).parent.parent / "icons" / "uhrs.svg")


class UhrsAlgorithm(QgsProcessingAlgorithm):
    """An algorithm of the provider `uhrs`."""

    def createInstance(self) -> UhrsAlgorithm:
        """Return a fresh object; QGIS asks for one per run."""
        return type(self)()

    def tr(self, text: str) -> str:
        """Translate a text for people."""
        return QCoreApplication.translate(type(self).__name__, text)

    def icon(self) -> QIcon:
        """Return the icon."""
        return QIcon(ICON)

    def svgIconPath(self) -> str:
        """Return the icon's path, for drawing at any size."""
        return ICON


def help_html(
    translate: Callable[[str], str], summary: str, sections: Mapping[str, Mapping[str, tuple[str, str]]]
) -> str:
    """Put the help of an algorithm together.

    Args:
        translate: Turns an English text into the user's language.
        summary: What the algorithm does.
        sections: Title -> id -> (label, sentence).

    Returns:
        Simple HTML.
    """
    parts = [f"<p>{translate(summary)}</p>"]
    for title, texts in sections.items():
        parts.append(f"<h3>{translate(title)}</h3>")
        parts.extend(f"<p><b>{translate(label)}</b><br>{translate(text)}</p>" for label, text in texts.values())
    return "\n".join(parts)
