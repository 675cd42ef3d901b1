"""Every configuration trains three steps through train.py, and the published ones say what was published."""

import csv
import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import torch
import yaml

from tests.training import layouts
from tests.training.libraries import needs_network
from training import train
from training.data.arrays.scenes import IGNORE
from training.data.datasets import deepglobe, generated, inria
from training.learning.losses import Complementer
from training.learning.objectives import LossSettings, dual_stream
from training.networks.dual_stream import DualStream
from training.networks.settings import faithful, network_settings
from training.weights.checkpoint import load_trained

CONFIGS = Path(__file__).resolve().parents[2] / "training" / "configs"
FILES = sorted(CONFIGS.rglob("*.yaml"))
WIDTHS = {"low_widths": [8, 12, 16, 16], "context": 8, "high_widths": [8, 8, 16, 32]}
IMAGENET = ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])
# Tables 2.1 and 2.2 of the notes on the published code: optimiser, learning rate, decay, lowest rate; iterations,
# evaluated every; crop, crops a step; patches per axis in training and testing; power; entropy divisor; mean, std.
LIKE_ISIC = ([181.175, 139.514, 128.258], [25.990, 26.340, 28.414])
PUBLISHED = {
    "deepglobe": (("adam", 5e-5, 5e-4, 1e-5), (80_000, 4_000), (1224, 4), (8, 8), 1, 1.946,
                  ([103.275, 95.888, 70.868], [17.122, 11.602, 11.299])),
    "inria": (("sgd", 0.01, 5e-4, 1e-4), (40_000, 4_000), (2500, 2), (10, 20), 6, 0.7, IMAGENET),
    "urur": (("adamw", 2e-4, 1e-4, 0), (160_000, 8_000), (2560, 2), (10, 20), 1, 2.08, IMAGENET),
    "isic": (("adam", 5e-5, 5e-4, 1e-5), (80_000, 4_000), (1000, 4), (4, 8), 6, 0.7, LIKE_ISIC),
    "crag": (("sgd", 0.01, 5e-4, 1e-4), (40_000, 4_000), (750, 4), (4, 8), 3, 0.7, LIKE_ISIC),
}  # fmt: skip
CLASSES = {"deepglobe": 7, "inria": 2, "urur": 8, "isic": 2, "crag": 2}


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    """Tiny networks gain nothing from a second thread, and wait for it where processors are busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    """A folder in its own layout for every dataset; short splits where the published ones name hundreds of files."""
    base = tmp_path_factory.mktemp("data")
    ids = {split: deepglobe.split_ids(split)[:2] for split in ("train", "val", "test")}
    (base / "ids.json").write_text(json.dumps(ids))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deepglobe, "_SPLITS", base / "ids.json")
        patch.setattr(inria, "split_ids", lambda split: {"train": ["austin2", "vienna2"]}.get(split, ["kitsap9"]))
        patch.setattr(generated, "_SPLITS", {"train": (1, 128, 1_000), "val": (1, 96, 2_000)})
        layouts.deepglobe_root(base / "deepglobe", ids)
        makers = ("inria", "urur", "isic", "crag", "cityscapes", "dubai", "folder")
        for name in makers:
            getattr(layouts, f"{name}_root")(base / name)
        yield {name: base / name for name in ("deepglobe", *makers)}


def read(path):
    return yaml.safe_load(path.read_text())


def overrides(config, root):
    """What makes a configuration small enough for a test; everything else stays as it is."""
    arguments = {
        "data.root": root,
        "data.steps": 3,
        "data.crop": 80,
        "data.batch_size": 2,
        "data.workers": 0,
        "data.generated": 0,
        "trainer.max_epochs": 1,
        "trainer.accelerator": "cpu",
        "trainer.log_every_n_steps": 1,
        "trainer.enable_progress_bar": False,
        "trainer.enable_model_summary": False,
    }
    for name in ("long_side", "eval_long_side"):
        if config["data"].get(name):
            arguments[f"data.{name}"] = 100 if name == "long_side" else 110
    if not config["model"].get("start_from"):
        arguments["model.network"] = json.dumps({**(config["model"].get("network") or {}), **WIDTHS})
    return [f"--{name}={value}" for name, value in arguments.items()]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CONFIGS)))
def test_three_steps(path, roots, tmp_path, monkeypatch):
    config = read(path)
    name = config["data"]["dataset"]
    needs_network(config["model"].get("architecture") or config["model"].get("low_encoder") or "")
    monkeypatch.chdir(tmp_path)  # runs/ is made where one stands
    with mock.patch.object(sys, "argv", ["train.py"]):  # Lightning warns of pytest's own arguments
        cli = train.main(["fit", f"--config={path}", *overrides(config, roots.get(name, ""))])
    assert cli.trainer.global_step == 3
    folder = tmp_path / config["trainer"].get("default_root_dir", "")
    if "published" in path.parts:
        assert {file.name for file in folder.rglob("*.ckpt")} == {"last.ckpt", "best.ckpt"}
    (checkpoint,) = folder.rglob("last.ckpt") if "callbacks" in config["trainer"] else folder.rglob("*.ckpt")
    trained = load_trained(checkpoint)
    assert (trained.step, trained.recipe["data"]["dataset"]) == (3, name)
    for key, value in (config["model"].get("network") or {}).items():
        if key not in WIDTHS:
            assert getattr(trained.network.settings, key) == value
    for log in folder.rglob("metrics.csv"):
        rows = list(csv.DictReader(log.open()))
        losses = [float(row["train/final"]) for row in rows if row.get("train/final")]
        assert len(losses) == 3
        assert all(math.isfinite(loss) for loss in losses)
        validated = config["trainer"].get("limit_val_batches") != 0
        assert any(row.get("val/miou_k100") for row in rows) == validated


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_recipes(name):
    config = read(CONFIGS / "published" / f"{name}.yaml")
    model, data, trainer = config["model"], config["data"], config["trainer"]
    optimiser, (iterations, every), crop, (grid, test_grid), power, divisor, (mean, std) = PUBLISHED[name]
    assert (model["optimiser"], model["lr"], model["weight_decay"], model["min_lr"]) == optimiser
    assert (model["poly"], model["warmup"]) == (0.9, 0)
    assert (trainer["max_epochs"] * data["steps"], data["steps"]) == (iterations, every)
    assert "gradient_clip_val" not in trainer
    kept = [c["init_args"] for c in trainer["callbacks"] if c.get("init_args", {}).get("save_top_k") == -1]
    assert [arguments["every_n_train_steps"] for arguments in kept] == [every]
    assert (data["crop"], data["batch_size"]) == crop
    assert (data["augmentation"], model["jitter"]) == ("published", 0)
    assert (model["power"], model["mask"], model["gate"]) == (power, None, None)
    assert (model["normalise"], model["label_stride"], model["estimator_weight"]) == (False, 1, 0)
    assert (model["ratio"], model["auxiliary_weight"]) == (1, 0.4)
    assert (model["initialisation"], model["per_process"]) == ("published", True)
    classes = CLASSES[name]
    expected = replace(faithful(classes, divisor, grid), mean=mean, std=std)
    settings = network_settings(classes, model["network"])
    assert (settings.test_patch_grid or grid) == test_grid
    assert replace(settings, test_patch_grid=None) == expected


# Powers of the published heads without patches.
WHOLE = {"deepglobe": 1, "inria": 6, "urur": 1, "isic": 3, "crag": 5}


def flat(content, name=""):
    """Nested settings by their dotted names; lists are values."""
    if not isinstance(content, dict):
        return {name: content}
    return {k: v for key, value in content.items() for k, v in flat(value, f"{name}.{key}".lstrip(".")).items()}


def differences(one, other):
    """Names whose values differ, with those of the second."""
    a, b = flat(read(CONFIGS / "published" / f"{one}.yaml")), flat(read(CONFIGS / "published" / f"{other}.yaml"))
    return {name: b.get(name) for name in a.keys() | b.keys() if a.get(name) != b.get(name)}


@pytest.mark.parametrize("name", WHOLE)
def test_the_whole_image_variant_differs_where_the_published_head_does(name):
    changed = differences(name, f"{name}_whole")
    assert changed.pop("trainer.default_root_dir") == f"runs/published/{name}_whole"
    assert changed.pop("model.power", PUBLISHED[name][4]) == WHOLE[name]
    assert changed.pop("model.network.test_patch_grid", None) is None
    assert changed == {
        "model.network.patch_grid": 1,
        "model.network.entropy_gradient": True,
        "model.val_ratios": [1.0],
    }


def test_mask_and_gate_and_resnet_50_differ_in_nothing_else():
    mask, deep = differences("inria", "inria_mask"), differences("inria", "inria_r50")
    assert mask == {
        "trainer.default_root_dir": "runs/published/inria_mask",
        "model.mask": 0.5,
        "model.gate": 0.5,
    }
    assert deep == {"trainer.default_root_dir": "runs/published/inria_r50", "model.network.low_depth": 50}


def test_each_dataset_has_a_published_recipe_and_ours():
    files = {path.stem for path in (CONFIGS / "published").iterdir()}
    published = {stem for stem in files if "_" not in stem}
    assert published == {*PUBLISHED, "cityscapes"}
    assert files - published == {*(f"{name}_whole" for name in WHOLE), "inria_mask", "inria_r50"}
    for name in published:
        ours, theirs = read(CONFIGS / f"{name}.yaml"), read(CONFIGS / "published" / f"{name}.yaml")
        assert ours["data"]["dataset"] == theirs["data"]["dataset"] == name
        steps = [c["trainer"]["max_epochs"] * c["data"]["steps"] for c in (ours, theirs)]
        assert steps[0] == steps[1]
        assert np.isclose(ours["data"]["batch_size"] * ours["data"]["crop"] ** 2,
                          theirs["data"]["batch_size"] * theirs["data"]["crop"] ** 2, rtol=0.25)  # fmt: skip


@pytest.mark.parametrize("name", sorted({*PUBLISHED, "cityscapes"}))
def test_every_difference_of_ours_has_a_reason(name):
    """Each line of model and data that says something else than the published one carries a comment."""
    theirs = read(CONFIGS / "published" / f"{name}.yaml")
    text = (CONFIGS / f"{name}.yaml").read_text()
    section = None
    for line in text.splitlines():
        if not line.startswith((" ", "#")):
            section = line.split(":")[0]
        if section not in ("model", "data") or not line.startswith("  ") or line.lstrip().startswith("#"):
            continue
        key, value = line.split("#")[0].strip().split(": ", 1)
        same = theirs[section].get(key) == yaml.safe_load(value)
        follows = key in (
            "lr",
            "weight_decay",
            "batch_size",
            "val_ratios",
            "eval_long_side",
        )  # belong to the line above
        assert same or "#" in line or follows, line


@pytest.fixture
def published_network():
    """The network of the published Inria recipe, narrow."""
    model = read(CONFIGS / "published" / "inria.yaml")["model"]
    torch.manual_seed(0)
    return DualStream(network_settings(2, {**model["network"], **WIDTHS}))


def test_the_published_grid_differs_in_training_and_testing(published_network):
    image = torch.zeros(1, 3, 320, 240)
    with torch.no_grad():
        training, testing = published_network.train()(image.repeat(2, 1, 1, 1)), published_network.eval()(image)
    assert (training.grid.rows, training.grid.cols, training.grid.patch) == (10, 10, (32, 24))
    assert (testing.grid.rows, testing.grid.cols, testing.grid.patch) == (20, 20, (16, 12))


def test_published_losses_count_every_pixel_at_full_scale(published_network):
    output = published_network.train()(torch.rand(2, 3, 160, 160) * 255)
    labels = torch.randint(0, 2, (2, 160, 160))
    labels[:, :40] = IGNORE
    losses = dual_stream(published_network, output, labels, LossSettings(Complementer(0.0, normalise=False), 1.0))
    for name, logits in (("deep", output.low.logits), ("final", output.logits)):
        large = torch.nn.functional.interpolate(logits, (160, 160), mode="bilinear", align_corners=False)
        total = torch.nn.functional.cross_entropy(large, labels, ignore_index=IGNORE, reduction="sum")
        torch.testing.assert_close(losses[name], total / labels.numel())
