"""The plugin as it is packaged: metadata and zip."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import uhrs_qgis_plugin.engine

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = (".pyc", ".so", ".pyd", ".dll", ".dylib", ".exe", ".pt", ".ckpt", ".part")
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


def test_zip_is_what_the_plugin_manager_installs(tmp_path, metadata):
    """One folder with metadata, licence, icon and code; nothing compiled; at most 25 MB."""
    path = tmp_path / "plugin.zip"
    command = [sys.executable, ROOT / "scripts" / "package.py", "zip", path]
    subprocess.run(command, check=True, capture_output=True)
    assert path.stat().st_size <= 25 * 2**20
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert {name.split("/")[0] for name in names} == {"uhrs_qgis_plugin"}
    inside = {name.split("/", 1)[1] for name in names}
    needed = {"metadata.txt", "LICENSE", "__init__.py", "plugin.py", "engine/pipeline.py", "models/default.uhrs"}
    assert needed <= inside
    assert metadata["icon"] in inside
    assert [name for name in inside if name.endswith(FORBIDDEN) or "__pycache__" in name or "/." in name] == []


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
