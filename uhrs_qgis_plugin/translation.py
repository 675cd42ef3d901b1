"""Texts in the user's language: every text that people read in QGIS goes through `tr`.

The catalogues are made from `i18n/*.ts` of the repository when the plugin is packaged (`scripts/package.py`).
"""

from __future__ import annotations

import re
from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

# One for all: a text that a class inherits, or that a function gets, is then found wherever it is asked for.
CONTEXT = "UHRS"
FOLDER = Path(__file__).parent / "i18n"


def tr(text: str) -> str:
    """Translate a text; one without a translation stays English.

    Args:
        text: English, with its `{}` still in it: fill them in afterwards.
    """
    return str(QCoreApplication.translate(CONTEXT, text))


def mark(text: str) -> str:
    """Mark a text of a table, which `tr` translates when it is shown; returns it as it is."""
    return text


def catalogue(locale: str, folder: Path = FOLDER) -> Path | None:
    """Find the catalogue of a locale: of language and country, else of the language.

    Args:
        locale: As QGIS names it, such as "de" or "pt_BR".
        folder: Where the catalogues lie.

    Returns:
        A file; None for English and for languages without one.
    """
    language = re.split(r"[-_@.]", locale)[0]
    files = (folder / f"uhrs_{name}.qm" for name in (locale, language) if name)
    return next((file for file in files if file.is_file()), None)


def install_translator() -> QTranslator | None:
    """Make Qt translate into the language of QGIS.

    Returns:
        For `remove_translator`; None where there is nothing to translate into.
    """
    file = catalogue(QgsApplication.locale())
    translator = QTranslator()
    if file is None or not translator.load(str(file)):
        return None
    QCoreApplication.installTranslator(translator)
    return translator


def remove_translator(translator: QTranslator | None) -> None:
    """Undo `install_translator`."""
    if translator is not None:
        QCoreApplication.removeTranslator(translator)
