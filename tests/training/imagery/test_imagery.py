"""From generated scenes to statistics in a bundle, and what they are worth: the entry points."""

import json

import numpy as np
import pytest

from tests.engine.tiny_bundle import write_tiny_bundle
from training import describe_imagery, evaluate_fit
from training.data.arrays import IGNORE, Scene
from training.data.datasets import generated_scenes
from training.errors import TrainingError
from training.imagery import (
    TooFewWindowsError,
    auroc,
    describe_scenes,
    imagery_scenes,
    scene_scores,
    statistics,
)
from uhrs_qgis_plugin.engine.bundle import CHANGES, read_bundle


@pytest.fixture
def quick(monkeypatch):
    """Fewer windows than in earnest."""
    monkeypatch.setattr(statistics, "WINDOWS", 300)
    monkeypatch.setattr(statistics, "CHANGED_WINDOWS", 150)


@pytest.mark.slow
def test_a_bundle_is_described_and_tells_copies_apart(tmp_path, quick, capsys):
    path = tmp_path / "m.uhrs"
    write_tiny_bundle(path, resolution_m=1.0)
    describe_imagery.main(["--bundle", str(path), "--data", "generated"])
    found = read_bundle(path).imagery
    assert found.windows == 300
    assert set(found.mixtures) == {"training", *CHANGES}
    out = tmp_path / "fit.md"
    rows = evaluate_fit.main(
        ["--bundle", str(path), "--data", "generated", "--splits", "test", "--generated", "2", "--out", str(out)]
    )
    areas = {row.kind: row.auroc for row in rows}
    assert areas["generated, test"] is None
    assert areas["generated"] is None
    assert min(area for kind, area in areas.items() if kind.startswith("bands")) > 0.8
    assert areas["pixels 4 times finer (cubic)"] == 1.0
    assert out.read_text() in capsys.readouterr().out


def test_a_bundle_without_statistics_cannot_be_measured(tmp_path, capsys):
    path = tmp_path / "m.uhrs"
    write_tiny_bundle(path)
    with pytest.raises(SystemExit) as caught:
        evaluate_fit.main(["--bundle", str(path), "--data", "generated"])
    assert caught.value.code == 2
    assert "describe it first" in capsys.readouterr().err


def test_too_few_windows_are_refused():
    scene = generated_scenes(1, 128, 5)[0]
    hidden = Scene("hidden", scene.image, np.full_like(np.asarray(scene.labels), IGNORE))
    for scenes in ([], [hidden], generated_scenes(1, 100, 5)):
        with pytest.raises(TooFewWindowsError, match="200 are needed"):
            describe_scenes(scenes, [])
    assert issubclass(TooFewWindowsError, TrainingError)


def test_what_is_not_labelled_is_not_described(quick):
    """Half of the scene is of another colour and kept for validation: the statistics are those of the other half."""
    image = np.random.default_rng(0).integers(80, 120, (3, 1024, 2048)).astype(np.uint8)
    image[0] += 30  # else the order of the bands would not matter
    image[:, :, 1024:] += 100
    labels = np.zeros((1024, 2048), np.uint8)
    labels[:, 1024:] = IGNORE
    found = describe_scenes([Scene("half", image, labels)], [])
    assert max(found.mean) < 150
    assert scene_scores(image[:, :, :1024], found)[0] > found.threshold
    assert scene_scores(image[:, :, 1024:], found)[0] < found.threshold


def test_statistics_fit_into_a_manifest(quick):
    found = describe_scenes(generated_scenes(2, 1024, 5), [])
    assert len(json.dumps(found.to_json())) < 2**19


def test_auroc_counts_pairs():
    familiar, strange = np.array([1.0, 2.0, 3.0]), np.array([0.0, 2.0])
    assert auroc(familiar, strange) == pytest.approx((3 + 1.5) / 6)
    assert auroc(familiar, familiar) == 0.5


def test_scenes_are_those_of_a_checkpoints_settings():
    settings = {"dataset": "generated", "generated": 1, "generated_share": 0.1, "_instantiator": "lightning", "old": 1}
    training, validation = imagery_scenes(settings)
    assert [scene.labels.shape for scene in training] == [(768, 768)] * 6 + [(1536, 1536)]
    assert [scene.labels.shape for scene in validation] == [(512, 512)] * 2 + [(1024, 1024)] * 4
    assert not {scene.name for scene in training} & {scene.name for scene in validation}
