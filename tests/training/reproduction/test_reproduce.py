"""`make reproduce`: the runs, the verdicts, and the whole of it on generated scenes."""

import json
from dataclasses import replace

import pytest
import yaml

from tests.training.tiny_runs import NETWORK, write_folder
from training.errors import RunError
from training.networks.settings import network_settings
from training.reproduce import main, plan
from training.reproduction import measure
from training.reproduction.claims import judge, margin, miou, spread
from training.reproduction.measure import Budget, train_and_measure
from training.reproduction.report import write_report
from training.reproduction.runs import RUNS, nearest_to


def _result(values, seed=0):
    """A result whose mIoU at K = 0, 25, 50, 75, 100 % are `values`."""
    ratios = (0, 25, 50, 75, 100)
    scores = {f"K = {k} %": {"miou": v} for k, v in zip(ratios, values, strict=True)}
    return {"seed": seed, "scores": scores}


@pytest.mark.parametrize("key", RUNS)
def test_settings_of_every_run_exist(key):
    network_settings(5, RUNS[key].network)


def test_plan_gives_every_run_its_first_seed_before_any_second():
    order = plan(list(RUNS), 3)
    assert [key for key, seed in order[: len(RUNS)]] == list(RUNS)
    assert len(order) == len(set(order)) == sum(run.seeds for run in RUNS.values())


def test_runs_are_compared_on_the_seeds_that_both_have():
    """Two seeds of the base, of which the other run has but the first; margins by hand."""
    results = {
        "ours": [_result((50, 55, 58, 59, 60)), _result((50, 55, 58, 59, 64), 1)],
        "plain_sum": [_result((50, 55, 58, 59, 61))],
        "no_complementer": [_result((50, 55, 58, 59, 50))],
        "low_only": [{"seed": 0, "scores": {"no K": {"miou": 70.0}}}],
    }
    assert miou(results["ours"], 1.0) == 62
    assert spread(results, 1.0) == pytest.approx(8**0.5)
    assert spread(results, 0.25) == 0.0
    assert margin(results, 1.0, 1) == pytest.approx(1.96 * 2**0.5 * 8**0.5)  # 7.8 points
    found = {verdict.claim: verdict for verdict in judge(results)}
    assert found["The ensembler is better than a plain sum"].holds is None
    assert found["The ensembler is better than a plain sum"].numbers.startswith(
        "60.0 against 61.0 at K = 100 % (1 seed,"
    )
    assert found["The complementer's weights help"].holds is True
    assert found["Two streams are better than the low stream alone"].holds is False
    assert found["K = 50 % keeps 97 % of the mIoU of K = 100 % (base)"].holds is False  # 58 of 62
    assert found["K = 25 % keeps 92 % of the mIoU of K = 100 % (base)"].holds is False  # 55 of 62
    assert found["mIoU never falls when K grows from 0 in quarters (base)"].holds is True


def test_spread_is_pooled_over_runs_and_of_the_same_k():
    """Variances 8 with one free value and 1 with two: (8 + 2) / 3."""
    results = {
        "ours": [_result((0, 0, 0, 0, 60)), _result((0, 10, 0, 0, 64), 1)],
        "published": [_result((0, 0, 0, 0, 50), seed) for seed in (0, 2)] + [_result((0, 0, 0, 0, 50), 1)],
    }
    for row, value in zip(results["published"], (49, 50, 51), strict=True):
        row["scores"]["K = 100 %"]["miou"] = value
    assert spread(results, 1.0) == pytest.approx((10 / 3) ** 0.5)
    assert spread(results, 0.25) == pytest.approx((50 / 3) ** 0.5)
    assert margin(results, 1.0, 2) == pytest.approx(margin(results, 1.0, 1) / 2**0.5)


def test_single_seeds_decide_nothing():
    results = {"ours": [_result((50, 55, 58, 59, 60))], "plain_sum": [_result((0, 0, 0, 0, 0))]}
    (verdict,) = (found for found in judge(results) if "ensembler" in found.claim)
    assert (verdict.holds, verdict.why) == (None, "no run has several seeds")


def test_no_seed_in_common_is_no_comparison():
    results = {"ours": [_result((1, 1, 1, 1, 1), seed) for seed in (0, 1)], "plain_sum": [_result((0, 0, 0, 0, 0), 2)]}
    assert not any("ensembler" in found.claim for found in judge(results))


@pytest.mark.parametrize(
    ("own_seconds", "other", "holds", "why"),
    [
        (1200.0, 55.0, None, "not judged: it had 1.2 times the time"),
        (1050.0, 55.0, True, ""),
        (800.0, 55.0, True, ""),
        (1200.0, 80.0, False, ""),  # worse although it had more
    ],
)
def test_equal_time_is_measured_time(own_seconds, other, holds, why):
    results = {
        "ours": [_result((50, 55, 58, 59, value), seed) for seed, value in enumerate((60, 61))],
        "ours_longer": [_result((50, 55, 58, 59, 66)) | {"train_seconds": own_seconds}],
        "deeplab": [{"seed": 0, "scores": {"no K": {"miou": other}}, "train_seconds": 1000.0}],
    }
    (verdict,) = (found for found in judge(results) if found.claim.startswith("The base is better than DeepLabv3+"))
    assert (verdict.holds, verdict.why) == (holds, why)
    assert f"{own_seconds:.0f} s against 1000 s" in verdict.numbers


def test_claims_are_judged_by_validation_scenes_where_there_are():
    def row(test, validation, seed=0):
        return _result((50, 55, 58, 59, test), seed) | {"validation": _result((50, 55, 58, 59, validation))["scores"]}

    results = {"ours": [row(60, 70), row(60, 71, 1)], "plain_sum": [row(90, 50)]}
    (verdict,) = (found for found in judge(results) if "ensembler" in found.claim)
    assert verdict.holds is True


def test_nothing_is_claimed_over_isdnet():
    results = {
        "ours": [_result((50, 55, 58, 59, 60)), _result((50, 55, 58, 59, 60), 1)],
        "isdnet": [{"seed": 0, "scores": {"no K": {"miou": 10.0}}}],
    }
    assert not any("ISDNet" in verdict.claim for verdict in judge(results))


def test_a_new_title_is_no_new_run(tmp_path, monkeypatch):
    """What tables call a run does not make its result another."""
    budget, asked = Budget("generated", "", 2, 64, 2, "32"), []
    monkeypatch.setattr(measure, "_train", lambda *rest: asked.append(rest) or 1.0)
    monkeypatch.setattr(measure, "find_checkpoint", lambda *asked: "last.ckpt")
    monkeypatch.setattr(measure, "load_trained", lambda path: None)
    monkeypatch.setattr(measure, "_measure", lambda *rest: {})
    for title in ("one", "another"):
        monkeypatch.setitem(RUNS, "low_only", replace(RUNS["low_only"], title=title))
        train_and_measure("low_only", 0, budget, tmp_path / "runs")
    assert len(asked) == 1


def test_the_row_most_like_what_is_shipped():
    shipped = {"low_stem": "7x7", "entropy_of": "map", "uncertainty_stride": 8, "mean": [1, 2, 3], "low_stride": 16}
    key, differences = nearest_to(shipped, {"uncertainty_stride": 16, "entropy_of": "cells", "low_stride": 16},
                                  ["ours", "fine_uncertainty", "deeplab", "published"])  # fmt: skip
    assert key == "fine_uncertainty"
    assert differences == {"low_stem": ("deep", "7x7")}


def test_other_settings_are_trained_anew(tmp_path, monkeypatch):
    """What reproduce.yaml says is part of what a kept result answers for."""
    budget, asked = Budget("generated", "", 2, 64, 2, "32"), []
    monkeypatch.setattr(measure, "_train", lambda *rest: asked.append(rest) or 1.0)
    monkeypatch.setattr(measure, "find_checkpoint", lambda *asked: "last.ckpt")
    monkeypatch.setattr(measure, "load_trained", lambda path: None)
    monkeypatch.setattr(measure, "_measure", lambda *rest: {})
    for text in ("model: {lr: 1}", "model: {lr: 1}", "model: {lr: 2}"):
        (tmp_path / "base.yaml").write_text(text)
        monkeypatch.setattr(measure, "CONFIG", tmp_path / "base.yaml")
        train_and_measure("low_only", 0, budget, tmp_path / "runs")
    assert len(asked) == 2
    for name in ("result", "trained"):  # as a full disk or an older version may have left them
        (tmp_path / "runs" / "low_only_0" / f"{name}.json").write_text('{"run": ')
    train_and_measure("low_only", 0, budget, tmp_path / "runs")
    assert len(asked) == 3


@pytest.mark.slow
def test_trains_measures_reports_and_goes_on(tmp_path, capsys, monkeypatch):
    root = write_folder(tmp_path / "data", [(split, split, 150, 200) for split in ("train", "val", "test")])
    narrow = yaml.safe_load(measure.CONFIG.read_text())
    narrow["model"]["network"] |= NETWORK
    (tmp_path / "narrow.yaml").write_text(yaml.safe_dump(narrow))
    monkeypatch.setattr(measure, "CONFIG", tmp_path / "narrow.yaml")
    arguments = ["--data", "folder", "--root", str(root), "--steps", "2", "--crop", "64", "--batch", "2"]
    arguments += ["--precision", "32"]
    arguments += ["--out", str(tmp_path / "runs"), "--report", str(tmp_path / "report.md")]
    first = main([*arguments, "--only", "no_complementer"])
    trained = (tmp_path / "runs" / "no_complementer_0" / "version_0" / "last.ckpt").stat().st_mtime_ns
    second = main([*arguments, "--only", "no_complementer", "high_only"])
    assert (
        tmp_path / "runs" / "no_complementer_0" / "version_0" / "last.ckpt"
    ).stat().st_mtime_ns == trained  # not trained again
    assert second["no_complementer"] == first["no_complementer"]
    text = (tmp_path / "report.md").read_text()
    assert "| high stream alone | - | - | - | - |" in text
    assert "validation, K = 100 %" in text
    assert "Claims are judged by the validation scenes" in text
    numbers = json.loads((tmp_path / "report.json").read_text())
    assert numbers["runs"].keys() == second.keys()
    assert numbers["runs"]["high_only"][0]["scores"]["no K"]["miou"] == second["high_only"][0]["scores"]["no K"]["miou"]
    assert (tmp_path / "report.png").stat().st_size > 10_000
    assert "high_only, seed 0: mIoU" in capsys.readouterr().out


def test_entropy_between_cells_is_judged_seed_by_seed():
    def studied(auroc, seed):
        signals = {name: {"auroc": auroc} for name in ("U", "entropy", "residual")}
        chosen = {name: {"25": 50} for name in ("U", "random")}
        study = {"errors_of_the_low_stream": signals, "miou_by_selector": chosen}
        return _result((50, 55, 58, 59, 60), seed) | {"uncertainty": study}

    results = {"ours": [studied(0.80, 0), studied(0.90, 1)], "fine_uncertainty": [studied(0.82, 0)]}
    (verdict,) = (found for found in judge(results) if "between cells" in found.claim)
    assert verdict.numbers == "AUROC 0.820 against 0.800, the same 1 seed(s)"
    assert verdict.holds is True
    assert not any("between cells" in found.claim for found in judge({"ours": results["ours"]}))


def test_report_holds_verdicts_and_what_u_is_worth(tmp_path):
    by_selector = {name: {"25": value} for name, value in zip(("U", "entropy", "residual", "random"), (54, 53, 52, 50))}
    study = {
        "errors_of_the_low_stream": {
            name: {"auroc": 0.75} for name in ("U", "entropy", "residual", "final uncertainty")
        },
        "miou_by_selector": by_selector,
        "ece": 4.2,
    }
    row = _result((50, 55, 58, 59, 60)) | {"uncertainty": study, "train_seconds": 30.0, "parameters": 4_000_000}
    row |= {"budget": {"steps": 10, "batch": 2, "crop": 64, "precision": "32", "dataset": "generated"}}
    for score in row["scores"].values():
        score |= {"accuracy": 70.0, "iou": {"water": 50.0}}
    write_report({"ours": [row]}, tmp_path / "report.md", "a machine")
    text = (tmp_path / "report.md").read_text()
    assert "| base of the ablation | 50.0 | 55.0 | 58.0 | 59.0 | 60.0 | - | 4.0 | 30 | 1 |" in text
    assert "claims are judged by the test split" in text
    assert "**not what the plugin ships**" in text
    main(["--kept", str(tmp_path / "report.json"), "--report", str(tmp_path / "again.md")])
    assert (tmp_path / "again.md").read_text().replace("(again.png)", "(report.png)") == text
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "report.json").read_bytes()
    assert (
        "| Selecting by U beats selecting at random by 3 points at K = 25 % (base) | +4.0 points | **holds** |" in text
    )
    assert "| U's AUROC is at least 0.82 (base) | 0.750 | **does not hold** |" in text
    assert "| base of the ablation | 0.750 | 0.750 | 0.750 | 0.750 | 25 % | 54.0 | 53.0 | 52.0 | 50.0 | 4.2 |" in text


@pytest.mark.slow
def test_a_training_that_fails_is_told_in_one_line(tmp_path):
    budget = Budget("folder", str(tmp_path / "nowhere"), 2, 64, 1, "32")
    with pytest.raises(RunError, match=r"classes\.yaml"):
        train_and_measure("ours", 0, budget, tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"hardware": "x"}', '{"hardware": "x", "runs": {"unknown": [1]}}'])
def test_kept_results_that_do_not_do(tmp_path, refused, text):
    (tmp_path / "kept.json").write_text(text)
    with refused("kept.json"):
        main(["--kept", str(tmp_path / "kept.json"), "--report", str(tmp_path / "r.md")])
    assert not (tmp_path / "r.md").exists()
