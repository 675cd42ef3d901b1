"""Accuracy over cost: intervals and the line of the others by hand, and the command as a whole."""

import json
import math

import numpy as np
import pytest
import torch

from tests.training.conftest import TINY, randomise, randomise_layers
from training import evaluate, export_model, frontier
from training.benchmarking import bundle_pass
from training.benchmarking.frontier import Point, Scores, interval, line_at, summary, verdicts
from training.benchmarking.jobs import Job, Subject
from training.data.arrays.scenes import Scene
from training.data.datasets import registry as datasets
from training.errors import CheckpointError
from training.evaluation.segmenters import BundleSegmenter
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings
from training.networks.single_stream import HighStream
from training.weights.checkpoint import save_trained

NAMES, COLOURS = ["a", "b", "c"], ["000000", "FF0000", "0000FF"]
SIDE = 256


def matrix(hits, misses):
    """Two classes of equal counts: (hits right, misses wrong) each."""
    return torch.tensor([[hits, misses], [misses, hits]])


def row(speed):
    """A cost of so many megapixels a second."""
    return {"height": 1000, "width": 1000, "processor_ms": 1000 / speed}


def test_line_by_hand():
    others = [(1.0, 70.0), (4.0, 60.0), (2.0, 55.0), (3.0, 60.0)]  # the last two are beaten by the second
    assert line_at(1.0, others) == 70
    assert line_at(0.2, others) == 70  # whoever waits longer takes the faster network
    assert line_at(4.0, others) == 60
    assert line_at(2.0, others) == pytest.approx(65)  # half way on a logarithmic axis
    assert line_at(4.1, others) is None
    assert line_at(1.0, []) is None
    assert line_at(1.0, [(math.nan, 80.0)]) is None


def test_scores_are_those_of_all_scenes_together():
    scores = Scores("mean", ["a", "b"], 2)
    scenes = [matrix(90, 10), matrix(10, 40)]
    assert scores.of(scenes) == pytest.approx(100 * 100 / 200)
    drawn = scores.drawn(scenes)
    ends = [scores.of([scene]) for scene in scenes]
    assert set(np.round(drawn, 2)) == {round(scores.of(scenes), 2), *(round(end, 2) for end in ends)}
    assert interval(drawn) == (min(ends), max(ends))


def test_a_point_above_the_line_in_every_scene_is_above_it_in_every_draw():
    better, worse = [matrix(90, 10), matrix(40, 10)], [matrix(80, 20), matrix(30, 20)]
    points = [
        Point("ours", "bundle", 0.5, True, better, row(3.0)),
        Point("ours", "bundle_int8", 0.5, True, better, row(6.0)),
        Point("other", "bundle", None, False, worse, row(3.0)),
        Point("broken", "bundle", None, False, better, {"missing": "no memory"}),
    ]
    rows = {r["name"]: r for r in summary(points, Scores("mean", ["a", "b"], 2))}
    ours = rows["ours, K = 50 %, in the engine"]
    assert ours["line"] == rows["other, in the engine"]["score"]
    assert ours["above"] == pytest.approx(ours["score"] - ours["line"])
    assert 0 < ours["above_interval"][0] <= ours["above"] <= ours["above_interval"][1]
    assert "line" not in rows["ours, K = 50 %, in the engine, 8 bits"]
    assert rows["broken, in the engine"]["mpx_s"] is None
    small = Point("other", "bundle_int8", None, False, better, row(7.0))
    rows = {r["name"]: r for r in summary([*points, small], Scores("mean", ["a", "b"], 2))}
    assert rows["ours, K = 50 %, in the engine, 8 bits"]["line"] == rows["other, in the engine, 8 bits"]["score"]
    assert rows["ours, K = 50 %, in the engine"]["line"] == rows["other, in the engine"]["score"]


def test_verdicts_say_where_our_points_lie():
    def ours(ratio, mode="bundle", **told):
        return {"network": "n", "mode": mode, "ratio": ratio, "ours": True, "mpx_s": 1.0, **told}

    rows = [
        ours(1.0, above=1, above_interval=[0.1, 2]),
        ours(0.0),
        ours(0.5, above=1, above_interval=[-0.1, 2]),
        ours(0.25, above=-1, above_interval=[-2, -0.1]),
        ours(0.75, above=2, above_interval=[1, 3]),
        ours(1.0, "onnxruntime"),  # no others beside it
        {**ours(0.1, "bundle_int8"), "mpx_s": None},
        {**ours(None), "network": "other", "ours": False},
    ]
    assert verdicts(rows) == [
        "- n, in the engine, floating point: above the line at K = 75, 100 %; on it at K = 50 %; below it at K = 25 %; "
        "faster than all others at K = 0 %.",
        "",
    ]
    assert verdicts(rows[-3:]) == []


@pytest.fixture
def scenes(monkeypatch):
    rng = np.random.default_rng(1)
    made = []
    for number in range(2):
        image = rng.integers(0, 255, (3, 6, 7)).repeat(16, 1).repeat(16, 2).astype(np.uint8)
        made.append(Scene(f"s{number}", image, rng.integers(0, 3, (96, 112)).astype(np.uint8)))
    known = datasets.Dataset(lambda root, split: made, lambda root: (tuple(NAMES), tuple(COLOURS)))
    monkeypatch.setitem(datasets.DATASETS, "deepglobe", known)
    return made


@pytest.fixture
def network():
    torch.manual_seed(0)
    return randomise(DualStream(Settings(classes=3, **TINY))).eval()


@pytest.fixture
def bundle(network, tmp_path):
    save_trained(tmp_path / "n.ckpt", network, NAMES, COLOURS)
    export_model.main([str(tmp_path / "n.ckpt"), str(tmp_path / "n.uhrs"), "--full-precision", "--float-only"])
    return tmp_path / "n.uhrs"


@pytest.fixture
def high(tmp_path):
    """The bundle of a network in windows."""
    torch.manual_seed(0)
    network = randomise_layers(HighStream(Settings(classes=3, **TINY)))
    save_trained(tmp_path / "h.ckpt", network, NAMES, COLOURS)
    path = tmp_path / "h.uhrs"
    given = ["--window", "192", "--margin", "64", "--full-precision", "--float-only"]
    export_model.main([str(tmp_path / "h.ckpt"), str(path), *given])
    return path


@pytest.mark.parametrize("ratio", [0.0, 0.5, 1.0])
def test_the_pass_of_a_bundle_gives_the_labels_of_the_network(network, bundle, tmp_path, ratio):
    image = np.random.default_rng(2).integers(0, 255, (3, 9, 9)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    np.save(tmp_path / "i.npy", image)
    subject = Subject("n", "dual_stream", {}, str(bundle), True, 3)
    job = Job(subject, 64, 96, ratio=ratio, mode="bundle", image=str(tmp_path / "i.npy"))
    labels = bundle_pass.prepare(job)()
    seen = np.tile(image, (1, 1, 2))[:, :64, :96]
    with torch.no_grad():
        expected = network.full_logits(network(torch.from_numpy(seen)[None].float(), ratio)).argmax(1)[0].numpy()
    assert labels.shape == (64, 96)
    assert len(np.unique(expected)) > 1
    assert np.mean(labels != expected) < 1e-3


@pytest.mark.parametrize("size", [(256, 256), (192, 320)])
def test_the_pass_in_windows_gives_the_labels_of_the_engine(high, tmp_path, size):
    image = np.random.default_rng(2).integers(0, 255, (3, 40, 40)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    np.save(tmp_path / "i.npy", image)
    job = Job(Subject("n", "high_stream", {}, str(high), False, 3), *size, mode="bundle", image=str(tmp_path / "i.npy"))
    labels = bundle_pass.prepare(job.lasting(1, 1, None, 1))()
    scene = Scene("s", image[:, : size[0], : size[1]], np.zeros(size, np.uint8))
    expected = BundleSegmenter(high, "float", "cpu").segment(scene, 1.0).labels
    assert len(np.unique(expected)) > 1
    np.testing.assert_array_equal(labels, expected)


def test_a_network_that_looks_twice_is_no_point_of_one_speed(high, tmp_path):
    twice = tmp_path / "twice.uhrs"
    given = ["--window", "128", "--first-look", "same", "--full-precision", "--float-only"]
    export_model.main([str(tmp_path / "h.ckpt"), str(twice), *given])
    with pytest.raises(CheckpointError, match="--first-look none"):
        bundle_pass.prepare(Job(Subject("n", "high_stream", {}, str(twice), False, 3), 256, 256, mode="bundle"))


def test_command_gives_every_point_its_score_and_cost(network, bundle, graph, scenes, tmp_path, monkeypatch):
    save_trained(tmp_path / "h.ckpt", HighStream(Settings(classes=3, **TINY)), NAMES, COLOURS)
    record = {"beginnings": [{"step": 0}], "ends": [{"step": 1200, "processor_s": 34.5}]}
    (tmp_path / "run.json").write_text(json.dumps(record))
    out = tmp_path / "o"
    given = ["--network", f"ours={bundle}", "--network", f"high={tmp_path / 'h.ckpt'}"]
    given += ["--note", "high=not trained", "--about", "All alike."]
    asked = ["--data", "deepglobe", *given, "--ratios", "0.5", "--side", str(SIDE), "--rule", "mean", "--out", str(out)]
    first = frontier.main([*asked, "--scores-only"])
    assert all(point["mpx_s"] is None for point in first["points"])
    with monkeypatch.context() as patch:  # the scores are those of the first run
        patch.setattr(frontier, "scene_matrices", lambda *rest: pytest.fail("the scenes are segmented again"))
        content = frontier.main(asked)
    assert {p["name"]: p["score"] for p in content["points"]} == {p["name"]: p["score"] for p in first["points"]}
    assert json.loads((out / "frontier.json").read_text()) == content
    points = {point["name"]: point for point in content["points"]}
    assert set(points) == {"ours, K = 50 %, in the engine", "high"}
    for point in points.values():
        assert point["mpx_s"] > 0
        assert point["interval"][0] <= point["score"] <= point["interval"][1]
        assert point["cost"]["inference_parameters"] > 0
    same = ["--data", "deepglobe", "--split", "val", "--ratios", "0.5", "--rule", "mean", "--boundary", "0"]
    told = evaluate.main(["--bundle", str(bundle), *same, "--out", str(tmp_path / "e")])
    assert points["ours, K = 50 %, in the engine"]["score"] == told["K = 50 %"]["score"]
    with monkeypatch.context() as patch:  # an earlier run is taken over as long as nothing has changed
        patch.setattr(frontier, "points_of", lambda name, *rest: pytest.fail(f"{name} is measured again"))
        again = frontier.main(asked)
        assert [p["score"] for p in again["points"]] == [p["score"] for p in content["points"]]
        with pytest.raises(pytest.fail.Exception, match="ours is measured again"):
            frontier.main([*asked, "--timed", "4"])
        save_trained(tmp_path / "h.ckpt", HighStream(Settings(classes=3, **TINY)), NAMES, COLOURS)
        with pytest.raises(pytest.fail.Exception, match="high is measured again"):
            frontier.main(asked)
    page = (out / "frontier.md").read_text()
    assert "| ours, K = 50 %, in the engine |" in page
    assert "All alike." in page
    assert "- high: trained for 1,200 steps, 34 s of the processor's work; not trained" in page
    assert (out / "frontier.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--network", "a"], "'a' is not NAME=VALUE"),
        (["--network", "a=b", "--network", "a=c"], "give each network a name of its own"),
        (["--network", "a=b", "--side", "300"], "give a multiple of 256"),
        (["--network", "a=b", "--ratios", "2"], "from 0 to 1"),
        (["--network", "a=b", "--timed", "0"], "--timed 0: give at least 1"),
        (["--network", "a=missing.ckpt"], "Cannot read the checkpoint 'missing.ckpt'"),
    ],
)
def test_wrong_arguments_are_one_line(arguments, told, capsys):
    with pytest.raises(SystemExit) as stop:
        frontier.main(["--data", "generated", *arguments])
    assert stop.value.code == 2
    assert told in capsys.readouterr().err.strip().splitlines()[-1]


def test_networks_of_other_classes_are_refused(network, scenes, tmp_path, capsys):
    save_trained(tmp_path / "n.ckpt", network, ["x", "y", "z"], COLOURS)
    with pytest.raises(SystemExit):
        frontier.main(["--data", "deepglobe", "--network", f"a={tmp_path / 'n.ckpt'}", "--out", str(tmp_path / "o")])
    assert "leave this network out" in capsys.readouterr().err
