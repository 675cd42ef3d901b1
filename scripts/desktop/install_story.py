"""Story: the zip is installed by the plugin manager into an empty profile, in a QGIS without onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pyplugin_installer
import qgis.utils
from qgis.core import QgsApplication, QgsSettings
from qgis.gui import QgsMessageBar, QgsMessageBarItem
from qgis.PyQt.QtWidgets import QAction, QApplication, QPushButton, QTextBrowser, QToolButton
from qgis.utils import iface

from scripts.desktop.steps import Story, Waiting, later, window

NAME = "uhrs_qgis_plugin"


def install(story: Story) -> Iterator[Waiting]:
    """Install, read the message, open the help, close both."""
    story.state["available before"] = NAME in qgis.utils.available_plugins
    # As the plugin manager does when it opens, without the network.
    pyplugin_installer.installer_data.plugins.rebuild()
    later(lambda: pyplugin_installer.instance().installFromZipFile(os.environ["UHRS_DESKTOP_ZIP"]))
    yield lambda: NAME in qgis.utils.active_plugins
    bar = iface.messageBar()
    yield lambda: bool(ours(bar))
    item = ours(bar)[0]
    story.state["message"] = {"text": item.text(), "level": int(item.level()), "messages": len(ours(bar))}
    story.state["enabled"] = QgsSettings().value(f"PythonPlugins/{NAME}", False, bool)
    provider = QgsApplication.processingRegistry().providerById("uhrs")
    story.state["algorithms"] = sorted(algorithm.id() for algorithm in provider.algorithms())
    yield 0.5
    item.findChild(QPushButton, "uhrsOpenHelp").click()
    yield lambda: window("UHRS segmentation: installation") is not None
    page = window("UHRS segmentation: installation")
    page.findChild(QPushButton, "uhrsCopyCommand").click()
    story.state["clipboard"] = QApplication.clipboard().text()
    page.move(230, 150)
    story.state["help"] = page.findChild(QTextBrowser).toPlainText()
    yield 0.5
    story.picture("install")
    page.close()
    close = [button for button in bar.findChildren(QToolButton) if button.toolTip() == "Close"]
    while ours(bar):
        close[0].click()  # closes the message on top, which may be one of QGIS
        yield 0.2
    story.state["help in the menu"] = iface.mainWindow().findChild(QAction, "uhrsInstallHelp") is not None


def ours(bar: QgsMessageBar) -> list[QgsMessageBarItem]:
    """Return the messages of the plugin, shown or waiting: QGIS has its own, about fonts it could not fetch for one."""
    return [item for item in bar.items() if item.findChild(QPushButton, "uhrsInstallNow") is not None]


STORY = Story(install)
