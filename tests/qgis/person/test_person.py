"""A person installs the plugin from its zip in a real QGIS, is told what is missing, segments, reviews, corrects.

On a screen of our own (Xvfb), in a fresh profile. The stories are those that draw the pictures of the docs:
`scripts/desktop/`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from osgeo import gdal, ogr

from scripts.desktop import run
from training.data.synthetic.rendering import SceneOptions, write_scene
from uhrs_qgis_plugin.engine.bundle import DEFAULT_MODEL, read_bundle

PIXELS = 1024
SEED = 7
LOAD_S = 0.3  # of processor time, which QGIS notes per plugin; below 0.1 on an idle machine
MISSING = run.missing_programs()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"no {' and no '.join(MISSING)} here: apt-get install xvfb qgis")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("person")


@pytest.fixture(scope="module")
def screen(folder):
    with run.open_desktop(folder) as made:
        yield made


@pytest.fixture(scope="module")
def installed(screen):
    """The first session: the zip is installed from the plugin manager, where there is no onnxruntime."""
    package = run.build_zip(screen.folder / "plugin.zip")
    state = screen.play("install_story", None, UHRS_DESKTOP_ZIP=str(package))
    assert "error" not in state, state["error"]
    return state


@pytest.fixture(scope="module")
def reviewed(screen, installed):
    """The second session, onnxruntime being there: everything up to a drawn correction."""
    raster = screen.folder / "scene.tif"
    write_scene(str(raster), PIXELS, PIXELS, SEED, None, SceneOptions())
    state = screen.play("review_story", str(Path(sys.prefix) / "bin"), UHRS_DESKTOP_RASTER=str(raster))
    assert "error" not in state, state["error"]
    return state


def test_zip_is_installed_and_switched_on(installed, screen):
    assert installed["available before"] is False
    assert installed["enabled"] is True
    assert "uhrs:segmentraster" in installed["algorithms"]
    plugin = screen.folder / "profile" / "profiles" / "default" / "python" / "plugins" / "uhrs_qgis_plugin"
    assert (plugin / "metadata.txt").is_file()
    assert installed["exit status"] == 0


def test_message_is_calm_and_helps(installed):
    """One information; its buttons install, or open the help, which has a command for this system and copies it."""
    assert installed["message"]["level"] == 0
    assert installed["message"]["messages"] == 1
    assert "onnxruntime, which is not installed yet" in installed["message"]["text"]
    assert installed["clipboard"].endswith("onnxruntime")
    assert "/usr/bin/python3 -m pip install --user" in installed["clipboard"]
    assert installed["clipboard"] in installed["help"]
    assert installed["help in the menu"] is True


def test_loading_costs_next_to_nothing(reviewed):
    """QGIS's own figure: processor time of making the plugin and of `initGui`."""
    assert float(reviewed["load seconds"].rstrip("s")) < LOAD_S
    assert reviewed["messages"] == []


def test_toolbox_shows_algorithms_with_icons(reviewed):
    assert reviewed["provider icon"] is True
    names = {
        "Segment raster",
        "Uncertain regions",
        "Class areas",
        "Corrected classes",
        "Training samples",
        "Diagnostics",
    }
    assert names <= set(reviewed["toolbox"])
    assert all(reviewed["toolbox"].values())


def test_run_loads_styled_layers_in_one_group(reviewed):
    """Above their input, with legends and a description."""
    [group] = reviewed["groups"]
    assert group == f"image, {read_bundle(DEFAULT_MODEL).name}, K = 50%"
    [names] = reviewed["groups"].values()
    uncertainty, classes = (reviewed["layers"][name] for name in names)
    assert (uncertainty["source"], classes["source"]) == ("uncertainty.tif", "classes.tif")
    assert classes["renderer"] == "paletted"
    assert {"water", "land", "road", "building", "vegetation"} <= set(classes["legend"])
    assert uncertainty["renderer"] == "singlebandpseudocolor"
    for layer in (uncertainty, classes):
        assert "255 means no data" in layer["abstract"]


def test_files_are_complete(reviewed, screen):
    """What the dialog wrote is what the panel and other programs read."""
    for name in ("classes.tif", "uncertainty.tif"):
        dataset = gdal.Open(str(screen.folder / name))
        assert dataset.GetProjection() == gdal.Open(str(screen.folder / "scene.tif")).GetProjection()
    assert not list(screen.folder.glob("*.part*"))


def test_panel_steps_and_counts(reviewed):
    """Two regions on, two back; judgements by keys and buttons; one taken back."""
    review = reviewed["review"]
    assert review["shown"] == [1, 2, 3, 2, 1]
    assert [text.split(",")[0].split(" of ")[0] for text in review["progress"]] == ["0", "1", "2", "3", "4", "3"]
    assert review["wrong saved"] is True
    assert review["undone"] is True


def test_judgements_are_in_the_file(reviewed, screen):
    """Read by GDAL, after QGIS has gone."""
    dataset = ogr.Open(str(screen.folder / "regions.gpkg"))
    table = dataset.GetLayer(0)
    judged = {row["rank"]: (row["status"], row["new_name"], row["reviewer"]) for row in table}
    assert judged[1] == ("right", None, "ada")
    assert judged[2] == ("unsure", None, "ada")
    assert judged[3] == ("wrong", "water", "ada")
    assert {status for rank, (status, _, _) in judged.items() if rank > 3} == {"open"}


def test_correction_is_in_the_file(reviewed, screen):
    assert reviewed["drawn"] is True
    dataset = ogr.Open(str(screen.folder / "regions.gpkg"))
    [row] = list(dataset.GetLayerByName("corrections"))
    assert (row["name"], row["reviewer"]) == ("building", "ada")
    assert row.GetGeometryRef().Area() > 0


def test_nothing_went_wrong_on_the_way(installed, reviewed):
    """No error window, no traceback, and QGIS ends as it should."""
    assert reviewed["errors"] == []
    for state in (installed, reviewed):
        assert "Traceback" not in state["stderr"]
        assert state["exit status"] == 0
