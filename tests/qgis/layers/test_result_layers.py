"""The layers of a run: style, metadata, notes, group, and the styles beside the files."""

from __future__ import annotations

import gc
import os

import pytest
from osgeo import gdal
from qgis.core import (
    QgsLayerNotesUtils,
    QgsLayerTreeRegistryBridge,
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QCoreApplication

from tests.qgis.conftest import Recorder, grey_steps, write_raster
from uhrs_qgis_plugin.layers import result_layers, style_files
from uhrs_qgis_plugin.layers.raster_styles import RAMP, SURE, uncertainty_ramp
from uhrs_qgis_plugin.layers.result_layers import ResultLayer, present


class Listener(Recorder):
    """Keeps warnings among the lines."""

    def pushWarning(self, warning):  # noqa: N802 (QGIS)
        self.lines.append(warning)


@pytest.fixture
def feedback():
    return Listener()


@pytest.fixture
def desktop(provider, tiny_model, raster, tmp_path, qgis_new_project):
    """Load the results of a run into the open project, as the Toolbox does; gives the top of the layer tree."""
    import processing

    project = QgsProject.instance()

    def run_and_load(**changes):
        parameters = {
            "INPUT": raster,
            "MODEL": tiny_model,
            "RATIO": 0.5,
            "CLASSES": str(tmp_path / "classes.tif"),
            "UNCERTAINTY": str(tmp_path / "uncertainty.tif"),
            **changes,
        }
        processing.runAndLoadResults("uhrs:segmentraster", parameters)
        return project.layerTreeRoot()

    yield run_and_load
    project.clear()


PART = "500050,500100,4999950,4999975 [EPSG:32633]"


def tree(node):
    """Names of a group's children; groups as (name, [...])."""
    return [(child.name(), tree(child)) if hasattr(child, "addLayer") else child.name() for child in node.children()]


def group(settings, number=""):
    """What a run leaves in the layer tree."""
    names = [f"{kind}: image ({settings}){number}" for kind in ("Uncertainty", "Classes")]
    return f"image, {settings}{number}", names


GROUP = group("tiny, K = 50%")


def test_group_lies_above_the_input(desktop, raster, tmp_path):
    """One group a run, above its raster, uncertainty on top; what else is in the tree stays in its place."""
    project = QgsProject.instance()
    root = project.layerTreeRoot()
    inner = root.addGroup("mine")
    image, other = QgsRasterLayer(raster, "image"), QgsRasterLayer(raster, "other")
    for layer in (other, image):
        project.addMapLayer(layer, False)
        inner.addLayer(layer)
    desktop(INPUT=image)
    assert tree(root) == [("mine", ["other", GROUP, "image"])]
    assert len(project.mapLayers()) == 4
    # The second run of a session, as in a batch: its own group.
    files = {"CLASSES": str(tmp_path / "c2.tif"), "UNCERTAINTY": str(tmp_path / "u2.tif")}
    desktop(INPUT=image, RATIO=1, **files)
    second = group("tiny, K = 100%")
    assert tree(root) == [("mine", ["other", GROUP, second, "image"])]
    assert all(layer.isValid() for layer in project.mapLayers().values())
    # Into the same files again: QGIS keeps the layers, which move to the new result, and no empty group is left.
    desktop(INPUT=image, RATIO=0, **files)
    assert tree(root)[0][1][0:2] == ["other", GROUP]
    assert tree(root)[0][1][2:-1] == [group("tiny, K = 0%")]
    assert len(project.mapLayers()) == 6
    # And once more with the same settings: nothing else has the name.
    desktop(INPUT=image, RATIO=0, **files)
    assert tree(root)[0][1][2:-1] == [group("tiny, K = 0%")]


def test_parts_and_twins_can_be_told_apart(desktop, raster, tmp_path):
    """Two parts of one raster, then a run that differs by its bands alone: by size and place, else by a number."""
    project = QgsProject.instance()
    image = QgsRasterLayer(raster, "image")
    project.addMapLayer(image)
    for number, changes in enumerate(({"EXTENT": PART}, {}, {"BANDS": [3, 2, 1]})):
        files = {"CLASSES": str(tmp_path / f"c{number}.tif"), "UNCERTAINTY": str(tmp_path / f"u{number}.tif")}
        desktop(INPUT=image, RATIO=1, **files, **changes)
    part = group("tiny, K = 100%, 50 x 25 at 500050, 4999950")
    assert tree(project.layerTreeRoot()) == [part, group("tiny, K = 100%"), group("tiny, K = 100%", " (2)"), "image"]
    notes = [QgsLayerNotesUtils.layerNotes(layer) for layer in project.mapLayers().values()]
    assert sum("(50 x 25 at 500050, 4999950)" in text for text in notes) == 2


def test_classes_are_seen_first(desktop):
    """Their legend is unfolded; the uncertainty would veil them, so it waits."""
    root = desktop()
    uncertainty, classes = root.children()[0].children()
    assert (classes.isVisible(), classes.isExpanded()) == (True, True)
    assert (uncertainty.isVisible(), uncertainty.isExpanded()) == (False, False)


def test_raster_stays_active(desktop, raster, qgis_iface, layer_tree_view):
    """So that the next run takes it, and the next raster lands outside of the result."""
    project = QgsProject.instance()
    image = QgsRasterLayer(raster, "image")
    project.addMapLayer(image)
    desktop(INPUT=image)
    QCoreApplication.processEvents()
    assert qgis_iface.activeLayer() is image


def test_no_group_in_a_group(desktop, raster, tmp_path):
    """A raster that somebody has dragged into an old result gets its own result above that."""
    project = QgsProject.instance()
    root = desktop()
    other = QgsRasterLayer(raster, "other")
    project.addMapLayer(other, False)
    root.children()[0].insertLayer(0, other)
    desktop(INPUT=other, CLASSES=str(tmp_path / "c2.tif"), UNCERTAINTY=None)
    names = [name for name, _ in tree(root)]
    assert names == ["other, tiny, K = 50%", "image, tiny, K = 50%"]


def test_results_of_results_lie_above_them(desktop, raster, tmp_path):
    """Regions on top of the run's group: below the classes nobody would see them."""
    import processing

    image = QgsRasterLayer(raster, "image")
    QgsProject.instance().addMapLayer(image)
    root = desktop(INPUT=image)
    values = {"UNCERTAINTY": str(tmp_path / "uncertainty.tif"), "TOP": 20, "OUTPUT": "TEMPORARY_OUTPUT"}
    processing.runAndLoadResults("uhrs:uncertainregions", values)
    regions = "Uncertain regions: image (tiny, K = 50%)"
    assert tree(root) == [(GROUP[0], [regions, *GROUP[1]]), "image"]
    # What belongs to no run: on top.
    os.rename(tmp_path / "uncertainty.tif", tmp_path / "elsewhere.tif")
    processing.runAndLoadResults("uhrs:uncertainregions", {**values, "UNCERTAINTY": str(tmp_path / "elsewhere.tif")})
    assert tree(root)[0] == "Uncertain regions: elsewhere"


def test_group_without_an_input_layer(desktop):
    """A raster that is in no project: on top."""
    assert tree(desktop()) == [GROUP]


def test_group_ignores_where_the_cursor_is(desktop, raster):
    """QGIS adds layers beside the current one; the result still goes to its raster."""
    project = QgsProject.instance()
    root = project.layerTreeRoot()
    image = QgsRasterLayer(raster, "image")
    project.addMapLayer(image)
    elsewhere = root.addGroup("elsewhere")
    bridge, point = project.layerTreeRegistryBridge(), QgsLayerTreeRegistryBridge.InsertionPoint
    bridge.setLayerInsertionPoint(point(elsewhere, 0))
    try:
        desktop(INPUT=image)
    finally:
        bridge.setLayerInsertionPoint(point(root, 0))  # the group goes with the project
    assert tree(root) == [GROUP, "image", ("elsewhere", [])]


def test_group_of_the_users_settings(desktop):
    """Where Processing puts results into a group of its own, ours lies inside that."""
    from processing.core.ProcessingConfig import ProcessingConfig

    ProcessingConfig.setSettingValue(ProcessingConfig.RESULTS_GROUP_NAME, "results")
    try:
        assert tree(desktop()) == [("results", [GROUP])]
    finally:
        ProcessingConfig.setSettingValue(ProcessingConfig.RESULTS_GROUP_NAME, "")


def test_metadata_and_notes_tell_what_the_numbers_mean(desktop):
    """Title, abstract, keywords, history: model, K, date; the meaning is also a note in the layer tree."""
    desktop()
    layers = {layer.name().split(":")[0]: layer for layer in QgsProject.instance().mapLayers().values()}
    for kind, words in (
        ("Classes", ("255 means no data", "legend names the classes")),
        ("Uncertainty", ("0 means sure", "Band 1, resolution-biased", "Band 2, final")),
    ):
        metadata = layers[kind].metadata()
        assert metadata.title() == f"{kind} of image, K = 50%"
        for word in (*words, "model tiny", "K = 50%", "3 of 6 patches", "Fit of the imagery to the model: unknown."):
            assert word in metadata.abstract()
            assert word in QgsLayerNotesUtils.layerNotes(layers[kind])
        assert "tiny" in metadata.keywords()["UHRS"]
        assert metadata.crs().authid() == "EPSG:32633"
        history = "\n".join(metadata.history())
        assert "image.tif" in history
        assert "SHA-256" in history
        assert "K = 0.5" in history
        assert metadata.validate() if hasattr(metadata, "validate") else True


def test_bands_are_chosen_by_name(desktop):
    """The symbology panel lists both bands by what they are, and shows our ramp."""
    desktop()
    [layer] = [layer for layer in QgsProject.instance().mapLayers().values() if layer.bandCount() == 2]
    assert "resolution-biased uncertainty (U)" in layer.bandName(1)
    assert "final uncertainty" in layer.bandName(2)
    function = layer.renderer().shader().rasterShaderFunction()
    assert function.sourceColorRamp().count() == len(RAMP)
    assert "sure" in function.legendSettings().minimumLabel()


def test_ramp_is_even_and_safe():
    """Lightness rises by even steps from step to step of the same width, so it reads in grey and colour-blind."""

    def lightness(colour):
        linear = [((part + 0.055) / 1.055) ** 2.4 if part > 0.04045 else part / 12.92 for part in colour.getRgbF()[:3]]
        y = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        return 116 * y ** (1 / 3) - 16

    ramp = uncertainty_ramp()
    values = [lightness(ramp.color((value - SURE) / (1 - SURE))) for value, _ in RAMP]
    assert all(later - earlier > 5 for earlier, later in zip(values, values[1:]))
    opacities = [colour[3] for _, colour in RAMP]
    assert opacities == sorted(opacities)
    assert opacities[0] == 0


def test_styles_beside_the_files_open_in_another_project(run, tmp_path):
    """Nothing is loaded here, as in `qgis_process`; whoever opens the files later sees them styled."""
    results = run()
    expected = {"image.tif", "classes.tif", "classes.tif.aux.xml", "classes.qml", "uncertainty.tif", "uncertainty.qml"}
    assert set(os.listdir(tmp_path)) == expected
    classes = QgsRasterLayer(results["CLASSES"], "c")
    assert classes.renderer().type() == "paletted"
    assert [item.label for item in classes.renderer().classes()] == ["class0", "class1", "class2"]
    uncertainty = QgsRasterLayer(results["UNCERTAINTY"], "u")
    assert uncertainty.renderer().type() == "singlebandpseudocolor"
    assert uncertainty.renderer().shader().rasterShaderFunction().colorRampItemList()[0].color.alpha() == 0
    assert uncertainty.resampleFilter().zoomedInResampler().type() == "bilinear"
    assert "0 means sure" in QgsLayerNotesUtils.layerNotes(uncertainty)


def test_own_style_is_replaced_and_the_users_stays(run, tmp_path, feedback):
    """A second run renews our file; one that the user saved stays, and the log says so."""
    run()
    ours = tmp_path / "classes.qml"
    first = ours.read_text()
    ours.write_text(first.replace("class0", "old name"))
    run()
    assert "old name" not in ours.read_text()
    layer = QgsRasterLayer(str(tmp_path / "classes.tif"), "c")
    layer.saveDefaultStyle()  # what the user's click does
    theirs = ours.read_text()
    assert not style_files.is_ours(str(ours))
    run()
    assert ours.read_text() == theirs
    assert [line for line in feedback.lines if "stays as it is" in line]


def test_failing_style_never_fails_the_run(run, tmp_path, feedback):
    """A folder of that name is in the way: the run is complete all the same."""
    (tmp_path / "classes.qml").mkdir()
    (tmp_path / "uncertainty.qml").write_text(style_files.MARK)
    results = run()
    assert gdal.Open(results["CLASSES"]) is not None
    assert [line for line in feedback.lines if "classes.qml" in line]


def test_unwritable_style(tmp_path, monkeypatch):
    """A full disk, or a file that is open elsewhere: one line, and nothing half-written."""
    layer = QgsRasterLayer(write_raster(tmp_path / "image.tif", grey_steps(bands=1)), "i")

    def refuse(source, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    problem = style_files.save_style(layer, str(tmp_path / "image.tif"))
    assert "Permission denied" in problem
    assert os.listdir(tmp_path) == ["image.tif"]


def test_temporary_outputs_get_no_style(run):
    """They are gone when QGIS closes."""
    results = run(CLASSES="TEMPORARY_OUTPUT", UNCERTAINTY="TEMPORARY_OUTPUT")
    assert style_files.is_temporary(results["CLASSES"])
    assert not os.path.exists(style_files.style_path(results["CLASSES"]))
    assert not os.path.exists(style_files.style_path(results["UNCERTAINTY"]))


def test_temporary_layers_are_styled_and_grouped(desktop):
    """As in the Toolbox with no file chosen."""
    project = QgsProject.instance()
    outputs = {
        name: QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", project) for name in ("CLASSES", "UNCERTAINTY")
    }
    assert tree(desktop(**outputs)) == [GROUP]
    renderers = {layer.renderer().type() for layer in project.mapLayers().values()}
    assert renderers == {"paletted", "singlebandpseudocolor"}


def test_post_processors_live_as_long_as_their_context(qgis_app, tmp_path, feedback):
    """QGIS holds their C++ half only: Python keeps the other one until QGIS deletes the first."""
    described = []
    source = write_raster(tmp_path / "classes.tif", grey_steps(bands=1))
    result = ResultLayer(source, "Result", lambda layer: described.append(layer.name()), has_style_file=False)
    context = QgsProcessingContext()
    context.addLayerToLoadOnCompletion(source, QgsProcessingContext.LayerDetails("x", QgsProject.instance(), "OUTPUT"))
    present([result], context, feedback)
    gc.collect()
    details = context.layerToLoadOnCompletionDetails(source)
    assert details.name == "Result"
    details.postProcessor().postProcessLayer(QgsRasterLayer(source, "loaded"), context, feedback)
    assert described == ["loaded"]
    del details, context
    present([], QgsProcessingContext(), feedback)
    assert [kept for kept in result_layers._PRESENTERS if kept._result is result] == []
