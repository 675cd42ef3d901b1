"""QGIS fixtures: a tiny model, small rasters, and the plugin's provider."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, osr
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateTransform,
    QgsLayerTreeModel,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
)
from qgis.gui import QgsLayerTreeView

from tests.engine.tiny_bundle import write_tiny_bundle

SYSTEM_PATH = "/usr/bin:/bin"
ROOT = Path(__file__).resolve().parents[2]
TRANSFORM = (500000.0, 0.5, 0.0, 5000000.0, 0.0, -0.5)


def write_raster(path, data, crs=32633, transform=TRANSFORM, nodata=None):
    """Write a (B, h, w) array; `crs` is an EPSG number or None."""
    bands, height, width = data.shape
    code = {"uint8": gdal.GDT_Byte, "uint16": gdal.GDT_UInt16}[data.dtype.name]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, bands, code)
    if transform is not None:
        dataset.SetGeoTransform(transform)
    if crs is not None:
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(crs)
        dataset.SetProjection(reference.ExportToWkt())
    for index, band in enumerate(data, 1):
        if (
            nodata is not None
        ):  # first: GDAL leaves blocks of zeros out, and fills them with what "no data" is at the end
            dataset.GetRasterBand(index).SetNoDataValue(nodata)
        dataset.GetRasterBand(index).WriteArray(band)
    dataset.FlushCache()
    return str(path)


def grey_steps(height=200, width=300, bands=3):
    """Three grey fields side by side, which the tiny model calls class0, class1 and class2; edges at 128 and 224."""
    row = np.full(width, 200, np.uint8)
    row[:128] = 40
    row[128:224] = 120
    return np.broadcast_to(row, (bands, height, width)).copy()


def pytest_sessionfinish():
    """Empty the cache of coordinate transformations, which outlives PROJ's own: QGIS 3.44 aborts at exit otherwise."""
    QgsCoordinateTransform.invalidateCache()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """A bundle of average pooling: label = brightness in three steps, U = brightness."""
    path = tmp_path_factory.mktemp("model") / "tiny.uhrs"
    write_tiny_bundle(path)
    return str(path)


@pytest.fixture
def raster(tmp_path):
    """A georeferenced RGB raster of 300 x 200 pixels."""
    return write_raster(tmp_path / "image.tif", grey_steps())


@pytest.fixture(scope="session")
def layer_tree_view(qgis_iface):
    """The layer panel: since QGIS 3.44 Processing hands it to C++, which does not take the stand-in of pytest-qgis."""
    view = QgsLayerTreeView()
    view.setModel(QgsLayerTreeModel(QgsProject.instance().layerTreeRoot()))
    qgis_iface.layerTreeView = lambda: view
    return view


@pytest.fixture
def provider(qgis_app, qgis_processing, layer_tree_view):
    """The provider, registered for one test: a second one of the same id would delete the first."""
    from uhrs_qgis_plugin.plugin import UhrsPlugin

    plugin = UhrsPlugin(None)
    plugin.initProcessing()
    yield plugin.provider
    plugin.unload()


@pytest.fixture
def context():
    """A context with its own project."""
    made = QgsProcessingContext()
    project = QgsProject()
    made.setProject(project)
    yield made
    project.clear()


class Recorder(QgsProcessingFeedback):
    """Keeps what a run says."""

    def __init__(self):
        super().__init__(False)
        self.lines = []
        self.warnings = []
        self.errors = []
        self.shares = []
        self.progressChanged.connect(self.shares.append)

    def pushInfo(self, info):  # noqa: N802 (QGIS)
        self.lines.append(info)

    def pushWarning(self, warning):  # noqa: N802 (QGIS)
        self.warnings.append(warning)
        super().pushWarning(warning)  # into textLog

    def reportError(self, error, fatalError=False):  # noqa: N802, N803 (QGIS)
        self.errors.append(error)


@pytest.fixture
def feedback():
    return Recorder()


@pytest.fixture
def run(provider, tiny_model, raster, tmp_path, context, feedback):
    """Run `uhrs:segmentraster` on the small raster with the tiny model; keywords replace parameters."""
    import processing

    def run_algorithm(**changes):
        parameters = {
            "INPUT": raster,
            "MODEL": tiny_model,
            "CLASSES": str(tmp_path / "classes.tif"),
            "UNCERTAINTY": str(tmp_path / "uncertainty.tif"),
        }
        parameters.update(changes)
        return processing.run("uhrs:segmentraster", parameters, context=context, feedback=feedback)

    return run_algorithm


@pytest.fixture
def algorithm(provider):
    """A fresh instance of `uhrs:segmentraster`."""
    return QgsApplication.processingRegistry().createAlgorithmById("uhrs:segmentraster")


@pytest.fixture(scope="session")
def plugin_folder(tmp_path_factory):
    """A folder of plugins that holds ours as it is packaged."""
    folder = tmp_path_factory.mktemp("plugins")
    command = [shutil.which("python3", path="/usr/bin"), ROOT / "scripts" / "package.py", "stage", folder]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture
def qgis_process(plugin_folder, tmp_path):
    """Call `qgis_process` with arguments and what it reads from stdin; keywords change the environment."""
    program = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    if program is None:
        pytest.fail("QGIS is not installed: run `make setup`.")
    settings = tmp_path / "profile" / "profiles" / "default" / "QGIS"
    settings.mkdir(parents=True)
    (settings / f"QGIS{Qgis.QGIS_VERSION_INT // 10000}.ini").write_text("[PythonPlugins]\nuhrs_qgis_plugin=true\n")
    runtime = tmp_path / "xdg"
    runtime.mkdir(mode=0o700)

    def call(*arguments, stdin=None, **changes):
        environment = {
            "HOME": str(tmp_path),
            "PATH": f"{Path(sys.prefix) / 'bin'}:{SYSTEM_PATH}",
            "QT_QPA_PLATFORM": "offscreen",
            "QGIS_PLUGINPATH": str(plugin_folder),
            "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "profile"),
            "XDG_RUNTIME_DIR": str(runtime),
            "LC_ALL": "C.UTF-8",
            **changes,
        }
        return subprocess.run(
            [program, *arguments], input=stdin, env=environment, capture_output=True, text=True, timeout=120
        )

    return call
