"""Networks that were not trained here: a torch module with its weights, and an ONNX file, become bundles."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.engine.importing.networks import deepness, write_network
from tests.training.export import foreign_modules
from tests.training.tiny_runs import write_folder
from training import export_model
from training.data.arrays import Scene
from training.evaluation.segmenters import BundleSegmenter
from training.export import int8_bundle
from uhrs_qgis_plugin.engine.bundle import read_bundle

HERE = foreign_modules.__name__
MEAN, STD = (100.0, 120.0, 90.0), (50.0, 40.0, 60.0)
TOLD = ["--bands", "red", "green", "blue", "--resolution-m", "any", "--mean", "100,120,90", "--std", "50,40,60"]
TOLD = [*TOLD, "--divisor", "1", "--window", "128", "--float-only"]
NAMES = ["--classes", "ground=BEBEBE,roof,road"]


def weights(path, factory="plain", prefix=""):
    """Save the weights of a module; returns it in evaluation mode."""
    torch.manual_seed(3)
    module = getattr(foreign_modules, factory)()
    module.norm.running_mean.normal_(0, 0.3)
    module.norm.running_var.uniform_(0.5, 1.5)
    for parameter in (module.first.weight, module.last.weight):
        parameter.data *= 3
    state = {prefix + key: value.clone() for key, value in module.state_dict().items()}
    if path.suffix == ".safetensors":
        save_file(state, path)
    else:
        torch.save(state, path)
    return module.eval()


def export(source, factory="plain", options=(*TOLD, *NAMES), target=None):
    target = target or source.parent / "n.uhrs"
    export_model.main([str(source), str(target), "--module", f"{HERE}:{factory}", *options])
    return target


@pytest.mark.parametrize(("factory", "name"), [("plain", "w.safetensors"), ("several", "w.pt")])
def test_the_engine_gives_the_classes_of_the_module(factory, name, tmp_path, capsys):
    module = weights(tmp_path / name, factory)
    path = export(tmp_path / name, factory)
    assert "largest difference to torch" in capsys.readouterr().out
    image = np.random.default_rng(1).integers(0, 255, (3, 16, 16)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    segmenter = BundleSegmenter(path)
    labels = np.asarray(segmenter.segment(Scene("s", image, np.zeros((128, 128), np.uint8)), 1.0).labels)
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    with torch.no_grad():
        scores = module(((torch.from_numpy(image).float() - mean) / std)[None])
    scores = (scores["out"] if factory == "several" else scores)[0].numpy()
    second, first = np.sort(scores, 0)[-2:]
    clear = (first - second > 0.01)[2:-2, 2:-2]  # zeros or repeated pixels beyond the border
    assert clear.mean() > 0.9
    assert len(np.unique(labels)) > 1
    assert np.array_equal(labels[2:-2, 2:-2][clear], scores.argmax(0)[2:-2, 2:-2][clear])
    assert [(entry.name) for entry in segmenter.bundle.classes] == ["ground", "roof", "road"]


def test_weights_of_a_module_inside_another_fit(tmp_path):
    weights(tmp_path / "w.pt", prefix="model.")
    assert not read_bundle(export(tmp_path / "w.pt")).windows.is_fixed


def test_a_module_of_one_size_is_run_at_it(tmp_path, refused):
    weights(tmp_path / "w.pt", "fixed")
    assert read_bundle(export(tmp_path / "w.pt", "fixed")).windows.is_fixed
    options = [option for option in TOLD if option not in ("--window", "128")]
    with refused("one size alone: 128.*--window N"):
        export(tmp_path / "w.pt", "fixed", [*options, *NAMES], tmp_path / "other.uhrs")
    assert not (tmp_path / "other.uhrs").exists()


@pytest.mark.parametrize(
    ("factory", "options", "said"),
    [
        ("four", [], r"2 of another shape \(last.bias \(3,\) instead of \(4,\), last.weight"),
        (
            "detector",
            [],
            r"another .* 2 missing \(2.bias, 2.weight\); \d unknown \(first.bias, first.weight, \.\.\.\)",
        ),
        ("changing", [], "is not that of torch on images of 128 x 128 pixels: scores differ by"),
        ("text", [], "gives a str; it must return a torch.nn.Module"),
        ("failing", [], "ValueError: no such layer"),
        ("absent", [], "AttributeError.*run where the package lies"),
        ("plain", ["--calibrate", "--ratio", "0.5"], "--ratio and --calibrate are for networks that were trained here"),
        ("plain", ["--classes", "a,b"], "scores of 3 classes, but 2 names are given"),
        ("plain", ["--bands", "red", "green"], "fails on an image of 1 x 2 x .*Check --bands"),
    ],
)
def test_what_does_not_fit_is_one_line(factory, options, said, tmp_path, refused):
    weights(tmp_path / "w.pt")
    with refused(said):
        export(tmp_path / "w.pt", factory, [*TOLD, *NAMES, *options])
    assert not (tmp_path / "n.uhrs").exists()


def test_what_is_missing_is_asked_for(tmp_path, refused):
    weights(tmp_path / "w.pt")
    with refused("give --bands"):
        export(tmp_path / "w.pt", options=["--float-only"])
    with refused("does not tell everything .*resolution .*mean and std .*classes"):
        export(tmp_path / "w.pt", options=["--bands", "red,green,blue", "--float-only"])
    with refused("give package.file:factory"):
        export_model.main([str(tmp_path / "w.pt"), str(tmp_path / "n.uhrs"), "--module", "networks", "--bands", "red"])


def test_no_pickled_code_is_run(tmp_path, refused):
    torch.save(foreign_modules.plain(), tmp_path / "whole.pt")
    with refused("Cannot read weights from .* holds Python objects such as a whole module.*save its state_dict"):
        export(tmp_path / "whole.pt")


def test_options_of_strangers_are_refused_for_a_checkpoint(tmp_path, refused):
    with refused("--classes and --divisor are for an .onnx file or a --module"):
        export_model.main([str(tmp_path / "n.ckpt"), str(tmp_path / "n.uhrs"), "--classes", "a,b", "--divisor", "1"])


def test_an_onnx_file_gets_8_bits_and_statistics_of_its_data(tmp_path, monkeypatch, capsys, refused):
    monkeypatch.setattr(int8_bundle, "LEAST_AGREEMENT", 0.0)  # random weights are unsure of everything
    metadata = deepness(("ground", "roof"), resolution=None)
    source = write_network(tmp_path / "n.onnx", side=None, batch=None, channels=2, metadata=metadata)
    scenes = [("train", "a", 960, 960), ("train", "b", 960, 960), ("val", "c", 100, 90), ("val", "d", 70, 64)]
    root = write_folder(tmp_path / "data", scenes)
    target, data = tmp_path / "n.uhrs", ["--data", "folder", "--root", str(root)]
    export_model.main([str(source), str(target), *data, "--window", "128"])
    told = capsys.readouterr().out
    assert "Gives logits of 2 classes for each pixel: ground, roof" in told
    assert "pixel size: 0.5 m" in told  # that of the data counts
    assert "8-bit graphs of network give the same class" in told
    bundle = read_bundle(target)
    assert "int8" in bundle.precisions
    assert bundle.imagery is not None
    with refused("The network has the classes roof, ground, --data has ground, roof"):
        export_model.main([str(source), str(tmp_path / "x.uhrs"), *data, "--classes", "roof,ground"])
    assert not (tmp_path / "x.uhrs").exists()


def test_without_data_it_is_said_what_is_missing(tmp_path, capsys):
    source = write_network(tmp_path / "n.onnx", metadata=deepness())
    export_model.main([str(source), str(tmp_path / "n.uhrs")])
    told = capsys.readouterr().out
    assert "Without statistics of the training imagery: nothing tells what it was trained on; give --data" in told
    assert "No 8-bit graphs: nothing tells what it was trained on; give --data and --root" in told
