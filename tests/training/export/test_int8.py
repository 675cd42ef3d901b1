"""8-bit graphs: close to those in floating point, of standard operators, from training data, or not there at all."""

import io
import shutil
from contextlib import redirect_stdout

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from tests.training.conftest import TINY, randomise
from tests.training.tiny_runs import write_folder
from training import evaluate, export_model, quantise_model
from training.data.arrays import Scene
from training.data.datasets import DATASETS
from training.errors import DatasetError
from training.export import int8_bundle
from training.export.graphs import export_graphs
from training.export.int8_bundle import LabelledScenes, add_int8, calibration_inputs
from training.export.int8_graphs import _as_convolutions, _folded, _with_padding_inside, quantised
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings
from training.weights.checkpoint import save_trained
from uhrs_qgis_plugin.engine.bundle import read_bundle
from uhrs_qgis_plugin.engine.inference import open_streams

NAMES, COLOURS = ["ground", "roof"], ["BEBEBE", "D7301F"]


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return randomise(DualStream(Settings(classes=2, low_stride=16, uncertainty_stride=8, **TINY)))


@pytest.fixture(scope="module")
def graphs(network):
    return export_graphs(network)


@pytest.fixture(scope="module")
def images():
    """Blobs around the mean of photographs, at 1/4 scale."""
    random = np.random.default_rng(1)
    return [random.integers(0, 255, (1, 3, 12, 16)).repeat(8, 2).repeat(8, 3).astype(np.uint8) for _ in range(4)]


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "data")


@pytest.fixture
def checkpoint(network, tmp_path):
    save_trained(tmp_path / "n.ckpt", network, NAMES, COLOURS)
    return tmp_path / "n.ckpt"


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory):
    """The bundle of the network in floating point."""
    folder = tmp_path_factory.mktemp("exported")
    save_trained(folder / "n.ckpt", network, NAMES, COLOURS)
    export_model.main([str(folder / "n.ckpt"), str(folder / "n.uhrs"), "--float-only", "--name", "n"])
    return folder / "n.uhrs"


@pytest.fixture
def plain(exported, tmp_path):
    """A copy of that bundle."""
    return shutil.copy(exported, tmp_path / "n.uhrs")


@pytest.fixture(scope="module")
def small(network, tmp_path_factory):
    """A bundle that was exported with 8 bits, its data, the scenes that it was calibrated on, and what was said."""
    folder, seen, said = tmp_path_factory.mktemp("small"), [], io.StringIO()
    root = write_folder(folder / "data")
    save_trained(folder / "n.ckpt", network, NAMES, COLOURS)
    real = int8_bundle.calibration_inputs
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
        patch.setattr(int8_bundle, "LEAST_AGREEMENT", 0.0)
        patch.setattr(
            int8_bundle, "calibration_inputs", lambda bundle, scenes: seen.extend(scenes) or real(bundle, scenes)
        )
        arguments = [str(folder / "n.ckpt"), str(folder / "n.uhrs"), "--data", "folder", "--root", str(root)]
        export_model.main([*arguments, "--name", "n"])
    return folder / "n.uhrs", root, seen, said.getvalue()


@pytest.fixture
def lenient(monkeypatch):
    """A network with random weights is unsure of everything: a few labels more may change."""
    monkeypatch.setattr(int8_bundle, "LEAST_AGREEMENT", 0.0)


def run(graph, image, outputs=("features",)):
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return session.run(list(outputs), {session.get_inputs()[0].name: image})


def test_convolutions_in_place_of_means_and_normalisation_change_nothing(graphs, images, tmp_path):
    """Before anything is rounded: the rewritten graph gives the numbers of the original."""
    for name, inputs in (("low", images), ("high", [image[..., :32, :32] for image in images])):
        folded = _folded(graphs[name], tmp_path / f"{name}.onnx")
        before = {node.op_type for node in folded.graph.node}
        model = _as_convolutions(folded)
        del model.opset_import[1:]
        after = {node.op_type for node in model.graph.node}
        assert "AveragePool" in before
        assert not after & {"BatchNormalization"}
        assert [domain.domain for domain in model.opset_import] == [""]
        for image in inputs:
            [expected], [found] = run(graphs[name], image), run(model.SerializeToString(), image)
            np.testing.assert_allclose(found, expected, atol=1e-3 * np.abs(expected).max())


def test_a_mean_that_does_not_count_its_padding_stays(tmp_path):
    """Its weights differ at the border: no convolution does that."""
    value = onnx.helper.make_tensor_value_info
    for counted, expected in ((1, "Conv"), (0, "AveragePool")):
        nodes = [
            onnx.helper.make_node("Relu", ["x"], ["y"]),
            onnx.helper.make_node(
                "AveragePool", ["y"], ["z"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=counted
            ),
        ]
        shapes = [value(name, 1, [1, 2, 8, 8]) for name in "xz"]
        graph = onnx.helper.make_graph(nodes, "g", shapes[:1], shapes[1:])
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
        pixels = np.random.default_rng(0).random((1, 2, 8, 8), np.float32)
        [before] = run(model.SerializeToString(), pixels, ["z"])
        changed = _as_convolutions(model)
        assert changed.graph.node[1].op_type == expected
        np.testing.assert_allclose(run(changed.SerializeToString(), pixels, ["z"])[0], before, atol=1e-6)


def _padded(pads, own, second="Conv", **more):
    """Pad, then a convolution, and something else that reads what was padded."""
    helper, value = onnx.helper, onnx.helper.make_tensor_value_info
    rng = np.random.default_rng(0)
    constants = {"w": rng.standard_normal((4, 2, 3, 3)).astype(np.float32), "p": np.array(pads, np.int64)}
    constants |= {"v": np.array(more.pop("value", 0), np.float32)}
    attributes = {"kernel_shape": [3, 3], "strides": [2, 2], **({"pads": own} if own else {})}
    nodes = [
        helper.make_node("Pad", ["x", "p", "v"], ["y"], **more),
        helper.make_node("Conv", ["y", "w"], ["a"], **attributes),
        helper.make_node("Conv", ["y", "w"], ["b"], **attributes)
        if second == "Conv"
        else helper.make_node(second, ["y"], ["b"]),
    ]
    shapes = [value(name, 1, [1, "c", "h", "w"]) for name in "xab"]
    tensors = [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "g", shapes[:1], shapes[1:], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize(
    ("model", "moves"),
    [
        (_padded([0, 0, 0, 0, 0, 0, 1, 1], None), True),
        (_padded([0, 0, 1, 2, 0, 0, 2, 0], [1, 0, 0, 1]), True),
        (_padded([0, 0, 0, 0, 0, 0, 1, 1], None, value=1), False),
        (_padded([0, 0, 0, 0, 0, 0, 1, 1], None, mode="edge"), False),
        (_padded([0, 0, -1, 0, 0, 0, 1, 1], None), False),
        (_padded([0, 1, 0, 0, 0, 1, 0, 0], None), None),  # channels: the weights do not even fit
        (_padded([0, 0, 0, 0, 0, 0, 1, 1], None, second="Relu"), False),
    ],
)
def test_convolutions_add_the_zeros_themselves(model, moves):
    """But not other numbers, nor where something else reads them."""
    pixels = np.random.default_rng(1).standard_normal((1, 2, 9, 12)).astype(np.float32)
    before = None if moves is None else run(model.SerializeToString(), pixels, ["a", "b"])
    changed = _with_padding_inside(model)
    assert any(node.op_type == "Pad" for node in changed.graph.node) is not bool(moves)
    if before is not None:
        for one, other in zip(run(changed.SerializeToString(), pixels, ["a", "b"]), before):
            np.testing.assert_array_equal(one, other)


def test_quantised_graphs_are_close_and_of_standard_operators(graphs, images):
    small = quantised(graphs["low"], images)
    model = onnx.load_from_string(small)
    onnx.checker.check_model(model)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)]
    assert model.ir_version <= 8  # onnxruntime 1.15 reads 9
    assert {node.domain for node in model.graph.node} == {""}
    kinds = [node.op_type for node in model.graph.node]
    assert kinds.count("QuantizeLinear") > 10
    weights = [tensor for tensor in model.graph.initializer if tensor.data_type == onnx.TensorProto.INT8]
    assert len(weights) >= kinds.count("Conv")
    signature = [(entry.name, entry.type) for entry in (*model.graph.input, *model.graph.output)]
    plain = onnx.load_from_string(graphs["low"]).graph
    assert [name for name, _ in signature] == [entry.name for entry in (*plain.input, *plain.output)]
    [expected], [found] = run(graphs["low"], images[0]), run(small, images[0])
    error = np.sqrt(np.mean((found - expected) ** 2)) / expected.std()
    assert 0 < error < 0.2


def test_quantising_twice_gives_the_same_bytes(graphs, images):
    assert quantised(graphs["low"], images) == quantised(graphs["low"], images)


def scene_of(image, name="s"):
    return Scene(name, image, np.zeros(image.shape[1:], np.uint8))


def test_calibration_inputs_are_what_the_engine_shows_to_the_graphs(exported):
    bundle = read_bundle(exported)
    ramp = np.arange(70 * 90, dtype=np.float64).reshape(70, 90) % 251
    images, patches = calibration_inputs(bundle, [scene_of(np.stack([ramp] * 3).astype(np.uint8))])
    [image] = images
    assert image.shape == (1, 3, 24, 24)  # padded to 96 x 96
    mean = ramp[:68, :88].reshape(17, 4, 22, 4).mean((1, 3))
    assert np.abs(image[0, 0, :17, :22] - mean).max() <= 0.5
    assert len(patches) == int8_bundle.CALIBRATION_PATCHES
    assert {patch.shape for patch in patches} == {(1, 3, 32, 32)}
    again = calibration_inputs(bundle, [scene_of(np.stack([ramp] * 3).astype(np.uint8))])
    assert all(np.array_equal(a, b) for a, b in zip([image, *patches], [*again[0], *again[1]], strict=True))


def test_exported_with_8_bits_from_training_scenes_alone(small, exported):
    path, _, seen, said = small
    assert sorted(scene.name for scene in seen) == ["train_a", "train_b"]
    assert "8-bit graphs of low and high give the same class in" in said
    assert "K = 50 % mIoU" in said
    bundle = read_bundle(path)
    assert bundle.precisions == ("float", "int8")
    assert (bundle.int8["calibrated_on"], bundle.int8["compared_on"]) == ("folder, train", "folder, val")
    assert 0 < bundle.int8["agreement"] <= 1
    assert 0 < bundle.int8["uncertainty_difference"] < 0.2
    assert set(bundle.int8["miou"]) == {"K = 0 %", "K = 50 %", "K = 100 %"}
    assert read_bundle(exported).graphs == bundle.graphs
    streams = open_streams(bundle, "cpu", precision="int8")
    features, _ = streams.low(np.full((1, 3, 16, 16), 90, np.uint8))
    assert np.isfinite(features).all()


def test_too_many_other_classes_leave_them_out(checkpoint, folder, tmp_path, monkeypatch, capsys, refused):
    monkeypatch.setattr(int8_bundle, "LEAST_AGREEMENT", 1.01)
    path = tmp_path / "n.uhrs"
    export_model.main([str(checkpoint), str(path), "--data", "folder", "--root", str(folder)])
    assert "\nNo 8-bit graphs: In 8 bits the model gives other classes in" in capsys.readouterr().out
    assert read_bundle(path).precisions == ("float",)
    before = path.read_bytes()
    with refused("In 8 bits the model gives other classes in"):
        quantise_model.main([str(path), "--data", "folder", "--root", str(folder)])
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["data", "n.ckpt", "n.uhrs"]


@pytest.mark.parametrize(("shares", "expected"), [((0.98, 0.995), ["low"]), ((0.98, 0.98, 0.991), ["high"])])
def test_the_stream_that_agrees_is_taken_alone(checkpoint, folder, tmp_path, monkeypatch, capsys, shares, expected):
    path, left = tmp_path / "n.uhrs", list(shares)
    real = int8_bundle.Comparison.compare
    monkeypatch.setattr(
        int8_bundle.Comparison, "compare", lambda *arguments: {**real(*arguments), "agreement": left.pop(0)}
    )
    export_model.main([str(checkpoint), str(path), "--data", "folder", "--root", str(folder)])
    assert f"8-bit graphs of {expected[0]} give the same class" in capsys.readouterr().out
    bundle = read_bundle(path)
    assert list(bundle.int8_graphs) == expected
    assert bundle.int8["agreement"] == shares[-1]
    assert bundle.precisions == ("float", "int8")


def test_added_to_a_bundle_and_replaced(plain, folder, tmp_path, lenient):
    other, before = tmp_path / "other.uhrs", read_bundle(plain)
    quantise_model.main([str(plain), "--data", "folder", "--root", str(folder), "--out", str(other)])
    assert read_bundle(plain) == before
    first = other.read_bytes()
    quantise_model.main([str(other), "--data", "folder", "--root", str(folder)])
    assert other.read_bytes() == first
    assert read_bundle(other).graphs == before.graphs


def test_a_checkpoint_that_does_not_know_its_data(checkpoint, tmp_path, capsys, refused):
    export_model.main([str(checkpoint), str(tmp_path / "n.uhrs")])
    assert "\nNo 8-bit graphs: nothing tells what it was trained on" in capsys.readouterr().out
    assert read_bundle(tmp_path / "n.uhrs").precisions == ("float",)
    with refused("classes.yaml"):
        export_model.main(
            [str(checkpoint), str(tmp_path / "m.uhrs"), "--data", "folder", "--root", str(tmp_path / "no")]
        )
    assert not (tmp_path / "m.uhrs").exists()


def test_scenes_of_another_kind_are_refused(plain):
    for image, reason in (
        (np.zeros((4, 64, 64), np.uint8), "has 4 bands of uint8, the model takes 3 of uint8"),
        (np.zeros((3, 64, 64), np.uint16), "has 3 bands of uint16"),
    ):
        scenes = [scene_of(image)]
        with pytest.raises(DatasetError, match=reason):
            add_int8(plain, plain, LabelledScenes(scenes, scenes, "x", "x"))
    with pytest.raises(DatasetError, match="no scenes"):
        add_int8(plain, plain, LabelledScenes([], [], "x", "x"))


def test_a_bundle_of_8_bits_alone_cannot_be_quantised_or_trained(plain, folder, lenient):
    from training.errors import CheckpointError
    from training.weights.start import load_start

    quantise_model.main([str(plain), "--data", "folder", "--root", str(folder), "--int8-only"])
    bundle = read_bundle(plain)
    assert bundle.precisions == ("int8",)
    assert set(bundle.graphs) == {"fuse"}
    assert open_streams(bundle, "cpu").precision == "int8"
    scenes = DATASETS["folder"].load(folder, "train")
    with pytest.raises(DatasetError, match="no graphs in floating point"):
        add_int8(plain, plain, LabelledScenes(scenes, scenes, "x", "x"))
    with pytest.raises(CheckpointError, match="in 8 bits alone; start from the checkpoint"):
        load_start(plain)


def test_evaluate_takes_a_precision(checkpoint, small, tmp_path):
    path, root, *_ = small
    common = ["--data", "folder", "--root", str(root), "--split", "val", "--ratios", "1", "--out", str(tmp_path / "o")]
    with redirect_stdout(io.StringIO()):
        by_float, by_int8 = (
            evaluate.main(["--bundle", str(path), *common, "--precision", name])["K = 100 %"]["miou"]
            for name in ("float", "int8")
        )
    assert (by_float, by_int8) == tuple(read_bundle(path).int8["miou"]["K = 100 %"].values())
    with pytest.raises(SystemExit):
        evaluate.main(["--checkpoint", str(checkpoint), *common, "--precision", "int8"])
