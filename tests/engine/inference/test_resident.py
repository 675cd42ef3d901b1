"""High features that stay on a card, which is really the processor: nothing else may come out of it."""

import numpy as np
import pytest

from tests.engine.inference.fake_cards import Machine
from tests.engine.segmentation.runs import SMALL, outputs_in, read_whole
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.errors import BundleError
from uhrs_qgis_plugin.engine.inference import devices, resident
from uhrs_qgis_plugin.engine.inference.resident import LAY, DeviceMemory, Layout, ResidentFeatures, lay_out
from uhrs_qgis_plugin.engine.inference.several import open_streams
from uhrs_qgis_plugin.engine.segmentation import Options, segment

pytestmark = pytest.mark.once  # about cards and the pixels that reach them

CHANNELS, SIDE = 5, 4
ort = devices.import_onnxruntime()


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Two cards."""
    return Machine.install(monkeypatch, tmp_path, 2)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("resident") / "tiny.uhrs", patch_side=32)


@pytest.fixture
def memory(monkeypatch):
    monkeypatch.setattr(resident, "memory_of", lambda device: ("cpu", 0))
    return DeviceMemory(ort, devices.open_session(ort, LAY, "lay", "cpu"), "cuda", CHANNELS)


def _on_device(features):
    return ResidentFeatures(np.zeros((len(features), 1, 8 * SIDE, 8 * SIDE)), _value(features), None)


def _value(array):
    return ort.OrtValue.ortvalue_from_numpy(array)


def _random_layout(seed, kinds):
    """Patches of several batches at random squares, some squares empty, and a context within."""
    rng = np.random.default_rng(seed)
    rows, cols = rng.integers(1, 5, 2)
    whose = rng.integers(-1, len(kinds), (rows, cols))
    parts, arrays = [], []
    for number, kind in enumerate(kinds):
        array = rng.standard_normal((rows * cols + 1, CHANNELS, SIDE, SIDE)).astype(np.float32)
        places = np.where(whose == number, np.arange(rows * cols).reshape(rows, cols), -1)
        arrays.append((array, places))
        parts.append((_on_device(array) if kind == "device" else array, places))
    top, left = rng.integers(0, SIDE, 2)
    bounds = (int(top), int(rows * SIDE - rng.integers(0, SIDE - top))), (int(left), int(cols * SIDE))
    return Layout(tuple(parts), *bounds), arrays


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kinds", [(), ("device",), ("device", "host", "device")])
def test_patches_lie_where_they_are_said_to(memory, seed, kinds):
    layout, arrays = _random_layout(seed, kinds)
    found = memory.lay(layout).numpy()
    rows, cols = layout.parts[0][1].shape if kinds else (4, 4)
    expected = np.zeros((CHANNELS, rows * SIDE, cols * SIDE), np.float32)
    for array, places in arrays:
        for row, col in np.argwhere(places >= 0):
            part = slice(row * SIDE, (row + 1) * SIDE), slice(col * SIDE, (col + 1) * SIDE)
            expected[(slice(None), *part)] = array[places[row, col]]
    expected = expected[:, slice(*layout.rows), slice(*layout.cols)]
    np.testing.assert_array_equal(found[0], expected if kinds else np.zeros_like(found[0]))
    here = lay_out(layout, CHANNELS, lambda features: features.value.numpy())
    np.testing.assert_array_equal(here, found)


def test_a_grid_of_zeros_stays_one(memory):
    """It is kept for the next block."""
    layout, _ = _random_layout(1, ("device",))
    memory.lay(layout)
    empty = Layout((), layout.rows, layout.cols)
    assert not memory.lay(empty).numpy().any()
    for length in range(1, 9):
        memory.lay(Layout((), (0, length), (0, 1)))
    assert len(memory._zeros) <= resident.MOST_ZEROS


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_noticed_wherever_they_lie(memory, value):
    array = np.ones((3, CHANNELS, SIDE, SIDE), np.float32)
    array[1, 2, 3, 0] = value
    layout = Layout(((_on_device(array), np.array([[0, 1], [2, -1]])),), (0, SIDE), (0, SIDE))
    with pytest.raises(BundleError, match="not finite"):
        memory.lay(layout)


def test_the_graph_is_what_its_comment_says():
    import onnx

    model = onnx.load_from_string(LAY)
    onnx.checker.check_model(model, full_check=True)
    operators = [node.op_type for node in model.graph.node]
    assert operators == ["Pad", "Gather", "Reshape", "Transpose", "Reshape", "Slice", "Add", "Mul", "ReduceSum"]


def _run(raster, bundle, folder, device, **more):
    folder.mkdir()
    report = segment(raster, bundle, outputs_in(folder), Options(**{"ratio": 0.6, **SMALL, **more}, device=device))
    return report, [read_whole(folder / name)[0] for name in ("classes.tif", "uncertainty.tif")]


@pytest.mark.parametrize("more", [{}, {"ratio": 0}, {"ratio": 1, "batch_size": 64}, {"block_side": 512}])
def test_a_run_on_a_card_gives_what_the_processor_gives(machine, bundle, make_raster, tmp_path, more):
    raster = make_raster(500, 300)
    _, expected = _run(raster, bundle, tmp_path / "cpu", "cpu", **more)
    report, found = _run(raster, bundle, tmp_path / "cuda", "cuda", **more)
    assert report.device == "cuda"
    for one, other in zip(found, expected):
        np.testing.assert_array_equal(one, other)
    assert len(np.unique(found[0])) > 1
    assert ("cuda", "lay") in machine.runs  # at K = 0 as well: the comparison with the processor


@pytest.mark.parametrize("graph", ["high", "lay", "fuse"])
def test_a_card_that_vanishes_takes_no_features_with_it(machine, bundle, make_raster, tmp_path, graph):
    """What lay on it is made anew by the processor."""
    raster = make_raster(500, 300)
    _, expected = _run(raster, bundle, tmp_path / "cpu", "cpu")
    seen = []

    def breaks(device, name):
        seen.append(name)
        if len(seen) > 40 and name == graph:
            machine.broken = {"cuda"}
            raise RuntimeError("CUDA failure 719: unspecified launch failure")

    machine.breaks = breaks
    report, found = _run(raster, bundle, tmp_path / "cuda", "cuda")
    assert report.device == "cpu"
    assert sum("failed during the run (CUDA failure 719" in text for text in report.messages) == 1
    for one, other in zip(found, expected):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("graph", ["lay", "fuse"])
def test_a_card_that_is_full_fuses_in_halves(machine, bundle, make_raster, tmp_path, graph):
    raster = make_raster(500, 300)
    _, expected = _run(raster, bundle, tmp_path / "cpu", "cpu", block_side=512)
    seen = []

    def breaks(device, name):
        seen.append(name)
        if name == graph and "cuda" in device and seen.count(graph) == after[graph]:
            raise RuntimeError("CUDA out of memory: tried to allocate 2 GiB")

    after = {"lay": 3, "fuse": 3}
    machine.breaks = breaks
    report, found = _run(raster, bundle, tmp_path / "cuda", "cuda", block_side=512)
    assert report.device == "cuda"
    for one, other in zip(found, expected):
        np.testing.assert_array_equal(one, other)


def test_a_card_that_gives_nonsense_is_given_up(machine, bundle, make_raster, tmp_path, monkeypatch):
    raster = make_raster(500, 300)
    _, expected = _run(raster, bundle, tmp_path / "cpu", "cpu")
    real, seen = DeviceMemory.run, []

    def run(self, session, output, feed, *options):
        value = real(self, session, output, feed, *options)
        seen.append(output)
        if len(seen) == 12:
            array = value.numpy()
            array[0, 0, 0, 0] = np.nan
            value.update_inplace(array)
        return value

    monkeypatch.setattr(DeviceMemory, "run", run)
    report, found = _run(raster, bundle, tmp_path / "cuda", "cuda")
    assert report.device == "cpu"
    assert any("not finite" in text for text in report.messages)
    for one, other in zip(found, expected):
        np.testing.assert_array_equal(one, other)


def test_features_come_back_where_they_are_asked_for(machine, bundle):
    pixels = np.random.default_rng(0).integers(0, 255, (5, 3, 32, 32), np.uint8)
    features = open_streams(bundle, "cuda").high(pixels)
    expected = open_streams(bundle, "cpu").high(pixels)
    assert isinstance(features, ResidentFeatures)
    assert len(features) == 5
    np.testing.assert_array_equal(np.asarray(features), expected)
    np.testing.assert_array_equal(features.take([3, 0]), expected[[3, 0]])


def test_several_cards_share_through_the_processor(machine, bundle):
    assert not open_streams(bundle, "cuda:all").keeps_features
    assert open_streams(bundle, "cuda:1").keeps_features
    assert not open_streams(bundle, "cpu").keeps_features
