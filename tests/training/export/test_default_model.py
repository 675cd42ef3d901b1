"""The bundled models: honestly described; the default one small, useful on unseen imagery, steady under a shift."""

import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from training import write_card
from training.data.arrays.scenes import Scene
from training.data.datasets import generated
from training.evaluation.metrics import confusion, mean_iou
from training.evaluation.segmenters import BundleSegmenter
from training.imagery import hazy, scene_scores
from uhrs_qgis_plugin.engine.bundle import read_bundle

MODEL = Path(__file__).resolve().parents[3] / "uhrs_qgis_plugin" / "models" / "default.uhrs"
BUILDINGS = MODEL.with_name("buildings.uhrs")
UNSEEN_SEED = 9_000  # far from the seeds of the training scenes
SHIFTED_SHARE = 0.11  # labels that change when the raster starts elsewhere; the README tells it


@pytest.fixture(scope="module")
def segmenter():
    return BundleSegmenter(MODEL)


@pytest.fixture(scope="module")
def scene():
    return generated.generated_scenes(1, 1024, UNSEEN_SEED)[0]


@pytest.fixture(scope="module")
def labels_at(segmenter, scene):
    return {ratio: segmenter.segment(scene, ratio).labels for ratio in (0.0, 0.5, 1.0)}


def test_models_leave_room_in_the_plugin_zip():
    """Half a megabyte for all the rest; plugins.qgis.org takes 25."""
    assert sum(len(zlib.compress(path.read_bytes())) for path in (MODEL, BUILDINGS)) <= 24_500_000


@pytest.mark.parametrize("path", [MODEL, BUILDINGS], ids=["land cover", "buildings"])
def test_card_is_what_the_command_writes_of_this_very_bundle(path):
    card = path.with_suffix(".md").read_text(encoding="utf-8")
    bundle = read_bundle(path)
    assert card == write_card.page(path)
    assert card.startswith(f"# Model card: {bundle.name}\n")
    assert f"{bundle.total_parameters:,} parameters" in card
    assert {"K = 0 %", "K = 25 %", "K = 50 %", "K = 100 %"} <= set(bundle.metrics)
    for row in bundle.metrics.values():
        assert f"{row['miou']:.2f}" in card
        for value in row["iou"].values():
            assert f"{value:.2f}" in card


@pytest.mark.parametrize("path", [MODEL, BUILDINGS], ids=["land cover", "buildings"])
def test_cards_hold_every_part_of_the_template(path):
    card = path.with_suffix(".md").read_text(encoding="utf-8")
    for heading in ("Intended use", "Data", "Recipe", "Measured", "Calibration", "Limits", "Licence"):
        assert f"\n## {heading}\n" in card
    for split in ("val", "test"):
        assert f", {split}\n" in card
    assert read_bundle(path).calibration["temperatures"].keys() == {"low", "fused"}


def test_readme_quotes_the_bundles():
    readme = (MODEL.parents[2] / "README.md").read_text(encoding="utf-8")
    for setting, row in read_bundle(MODEL).metrics.items():
        assert f"| {setting} | {row['miou']:.2f} |" in readme


def test_imagery_that_fits_and_imagery_that_does_not(segmenter, scene):
    imagery = segmenter.bundle.imagery
    (familiar,) = scene_scores(scene.image, imagery)
    (swapped,) = scene_scores(scene.image[::-1], imagery)
    (hazed,) = scene_scores(hazy(scene.image, 0.5, 228.0), imagery)
    assert familiar > imagery.threshold > max(swapped, hazed)


def test_makers_of_the_data_are_named():
    """Their licences ask for it, wherever the model goes."""
    bundle = read_bundle(BUILDINGS)
    for text in (bundle.training_data, BUILDINGS.with_suffix(".md").read_text(encoding="utf-8")):
        for makers in ("OpenAerialMap", "© OpenStreetMap contributors", "Humans in the Loop"):
            assert makers in text
        for licence in ("CC BY 4.0", "ODbL", "CC0"):
            assert licence in text


def test_useful_on_an_unseen_generated_scene(labels_at, scene):
    truth = torch.from_numpy(scene.labels)
    miou = {k: mean_iou(confusion(torch.from_numpy(v), truth, 5)) for k, v in labels_at.items()}
    assert miou[1.0] > 0.6
    assert miou[1.0] > miou[0.5] > miou[0.0] > 0.3


def test_origin_hardly_matters(segmenter, scene, labels_at):
    """The same ground with other patch, scene and 1/4-scale grids."""
    row, col = 52, 23
    moved = Scene("moved", scene.image[:, row:, col:], scene.labels[row:, col:])
    inner = np.s_[64:-64, 64:-64]  # at the raster's own border the model truly sees something else
    changed = segmenter.segment(moved, 0.5).labels[inner] != labels_at[0.5][row:, col:][inner]
    assert changed.mean() <= SHIFTED_SHARE
