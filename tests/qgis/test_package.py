"""The plugin as it is packaged: metadata and zip, and the zip installed into an empty profile."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

import uhrs_qgis_plugin.engine
from tests.qgis.conftest import TRANSFORM, grey_steps, write_raster

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = (".pyc", ".so", ".pyd", ".dll", ".dylib", ".exe", ".pt", ".ckpt", ".part")
# Programs and libraries of Linux, Windows and macOS begin so, whatever they are called.
PROGRAMS = (b"\x7fELF", b"MZ", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"!<arch>")
REQUIRED = (
    *("name", "description", "version", "qgisMinimumVersion", "author", "email", "about", "tracker", "repository"),
    *("homepage", "license", "qgisMaximumVersion", "icon", "tags", "category", "hasProcessingProvider"),
)


@pytest.fixture(scope="module")
def metadata():
    parser = configparser.ConfigParser()
    parser.optionxform = str
    parser.read(ROOT / "metadata.txt", encoding="utf-8")
    return parser["general"]


def test_metadata_has_what_the_plugin_site_requires(metadata):
    """plugins.qgis.org refuses an upload without these."""
    assert [key for key in REQUIRED if not metadata.get(key)] == []
    assert "plugin" not in metadata["name"].lower()
    assert metadata["hasProcessingProvider"] == "yes"
    assert re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]+", metadata["email"])
    for key in ("homepage", "tracker", "repository"):
        assert metadata[key].startswith("https://")


def test_metadata_covers_qgis_3_and_4(metadata):
    """3.22 up to all of 4.x; without a maximum QGIS would take it for 3.x only."""
    assert (metadata["qgisMinimumVersion"], metadata["qgisMaximumVersion"]) == ("3.22", "4.99")


def test_version_is_the_same_everywhere(metadata):
    """metadata.txt, the engine and pyproject.toml agree."""
    assert metadata["version"] == uhrs_qgis_plugin.engine.__version__
    assert f'version = "{metadata["version"]}"' in (ROOT / "pyproject.toml").read_text()
    assert metadata["version"] in metadata["changelog"]


@pytest.fixture(scope="module")
def plugin_zip(tmp_path_factory):
    """The zip that `make package` builds."""
    path = tmp_path_factory.mktemp("zip") / "plugin.zip"
    command = [sys.executable, ROOT / "scripts" / "package.py", "zip", path]
    subprocess.run(command, check=True, capture_output=True)
    return path


def test_dependencies_are_declared(metadata):
    """No other plugin: QGIS 3.22 stops with a traceback where it cannot look for one. QPIP finds what it reads."""
    assert "plugin_dependencies" not in metadata
    lines = (ROOT / "uhrs_qgis_plugin" / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == ["onnxruntime>=1.15"]
    assert "onnxruntime" in metadata["about"]
    assert "one button installs it" in metadata["about"]


def test_zip_is_what_the_plugin_manager_installs(plugin_zip, metadata):
    """One folder with metadata, licence, icon, help and code; at most 25 MB."""
    assert plugin_zip.stat().st_size <= 25_000_000
    with zipfile.ZipFile(plugin_zip) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        packed = archive.read("uhrs_qgis_plugin/metadata.txt").decode()
    assert packed == (ROOT / "metadata.txt").read_text(encoding="utf-8")
    assert {name.split("/")[0] for name in names} == {"uhrs_qgis_plugin"}
    inside = {name.split("/", 1)[1] for name in names}
    needed = {"metadata.txt", "LICENSE", "__init__.py", "plugin.py", "models/default.uhrs", "models/buildings.uhrs"}
    needed |= {"engine/segmentation/pipeline.py", "engine/raster/gdal_backend/reading.py"}
    assert needed | {"requirements.txt", "help/install.html"} <= inside
    assert metadata["icon"] in inside
    assert [name for name in inside if name.endswith(FORBIDDEN) or "__pycache__" in name or "/." in name] == []


def test_zip_holds_no_programs(plugin_zip):
    """The plugin site forbids them. The model is data: a zip of ONNX graphs."""
    with zipfile.ZipFile(plugin_zip) as archive:
        starts = {name: archive.open(name).read(8) for name in archive.namelist()}
    assert [name for name, start in starts.items() if start.startswith(PROGRAMS)] == []


def test_installed_zip_segments_a_raster(plugin_zip, qgis_process, tmp_path):
    """Unpacked into an empty profile as the plugin manager does, enabled, run with the bundled model."""
    profile = tmp_path / "empty"
    plugins = profile / "profiles" / "default" / "python" / "plugins"
    plugins.mkdir(parents=True)
    with zipfile.ZipFile(plugin_zip) as archive:
        archive.extractall(plugins)
    place = {"QGIS_PLUGINPATH": "", "QGIS_CUSTOM_CONFIG_PATH": str(profile)}
    assert qgis_process("plugins", "enable", "uhrs_qgis_plugin", **place).returncode == 0
    raster = write_raster(tmp_path / "image.tif", grey_steps())
    outputs = [f"CLASSES={tmp_path / 'classes.tif'}", f"UNCERTAINTY={tmp_path / 'uncertainty.tif'}"]
    done = qgis_process(
        "--json", "run", "uhrs:segmentraster", "--", f"INPUT={raster}", "RESOLUTION=native", *outputs, **place
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"]["PIXELS"] == 60000
    classes = gdal.Open(str(tmp_path / "classes.tif"))
    assert classes.GetGeoTransform() == TRANSFORM
    names = classes.GetRasterBand(1).GetCategoryNames()
    assert "building" in names
    assert np.unique(classes.ReadAsArray()).max() < len(names)


def test_staging_refuses_to_replace_something_else(tmp_path):
    """A folder of that name that is no plugin stays as it is."""
    stranger = tmp_path / "uhrs_qgis_plugin"
    stranger.mkdir()
    (stranger / "thesis.txt").write_text("precious")
    command = [sys.executable, ROOT / "scripts" / "package.py", "stage", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "move it away first" in done.stderr
    assert (stranger / "thesis.txt").read_text() == "precious"
