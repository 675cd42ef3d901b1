"""The detail head, and training it alone on top of a network that stays as it is."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from tests.training.conftest import TINY
from tests.training.tiny_runs import configuration, fit, state, write_folder
from training.errors import CheckpointError
from training.export.graphs import _quarters
from training.networks.dual_stream import DualStream
from training.networks.layers import resize
from training.networks.settings import Settings
from training.weights.checkpoint import load_trained, save_trained
from training.weights.start import begin_with

ONLY = ["--model.train_only=[detail_head, residual]"]


def coarse_network():
    """A small network whose low stream has no detail head."""
    torch.manual_seed(0)
    return DualStream(Settings(classes=2, low_stride=32, **TINY))


def test_a_new_detail_head_changes_nothing():
    network = DualStream(Settings(classes=3, **TINY)).eval()
    small = torch.rand(1, 3, 64, 96) * 255
    low = network.low(small)
    deep = network.deep_head(network.dappm(low.stages[3]))
    assert low.logits.shape == (1, 3, 16, 24)
    torch.testing.assert_close(low.logits, resize(deep, (16, 24)))


def test_quarters_are_what_pixel_shuffle_undoes():
    x = torch.rand(2, 3, 8, 10)
    assert torch.equal(F.pixel_shuffle(_quarters(x), 2), x)
    assert torch.equal(_quarters(x), F.pixel_unshuffle(x, 2))


def test_start_adds_a_part_and_refuses_one_that_has_no_place(tmp_path):
    path, network = tmp_path / "n.ckpt", coarse_network()
    save_trained(path, network, ["a", "b"], ["000000", "FFFFFF"])
    assert begin_with(str(path), "dual_stream", ["a", "b"], None).detail_head is None
    finer = begin_with(str(path), "dual_stream", ["a", "b"], {"low_stride": 16})
    image = torch.rand(1, 3, 128, 128) * 255
    torch.testing.assert_close(finer.eval()(image).fused, network.eval()(image).fused)
    save_trained(path, finer, ["a", "b"], ["000000", "FFFFFF"])
    with pytest.raises(CheckpointError, match="only parts may be added"):
        begin_with(str(path), "dual_stream", ["a", "b"], {"low_stride": 32})


def test_settings_that_a_file_does_not_name_are_those_of_its_time(tmp_path):
    path = tmp_path / "n.ckpt"
    save_trained(path, coarse_network(), ["a", "b"], ["000000", "FFFFFF"])
    content = state(path)
    for name in ("low_stride", "entropy_of"):
        del content["hyper_parameters"]["network"][name]
    torch.save(content, path)
    settings = load_trained(path).network.settings
    assert (settings.low_stride, settings.entropy_of) == (32, "cells")


def test_only_the_named_parts_are_trained(tmp_path):
    start, run = tmp_path / "start.ckpt", tmp_path / "run"
    write_folder(tmp_path / "data")
    save_trained(start, DualStream(Settings(classes=2, **TINY)), ["ground", "roof"], ["000000", "FFFFFF"])
    options = [f"--model.start_from={start}", "--model.network=null", "--model.ratio=0"]
    fit(configuration(run, tmp_path / "data", [{"filename": "end"}]), *options, *ONLY, "--trainer.max_epochs=1")
    before, after = (state(path)["state_dict"] for path in (start, run / "end.ckpt"))
    changed = {name.split(".")[1] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"detail_head", "residual"}


def test_a_part_that_is_not_there_is_one_line(tmp_path, capsys):
    write_folder(tmp_path / "data")
    with pytest.raises(SystemExit):
        fit(configuration(tmp_path / "run", tmp_path / "data"), "--model.train_only=[head]")
    error = capsys.readouterr().err
    assert "train_only is ['head']" in error
    assert "detail_head" in error
    assert "Traceback" not in error


def test_statistics_are_kept_while_weights_are_trained(tmp_path):
    """All parameters change, no statistics of a normalisation do."""
    start, run = tmp_path / "start.ckpt", tmp_path / "run"
    write_folder(tmp_path / "data")
    network = DualStream(Settings(classes=2, **TINY))
    save_trained(start, network, ["ground", "roof"], ["000000", "FFFFFF"])
    options = [f"--model.start_from={start}", "--model.network=null", "--model.keep_statistics=true"]
    fit(configuration(run, tmp_path / "data", [{"filename": "end"}]), *options, "--trainer.max_epochs=1")
    before, after = (state(path)["state_dict"] for path in (start, run / "end.ckpt"))
    statistics = {name for name in before if name.split(".")[-1].startswith(("running_", "num_batches"))}
    assert statistics
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert statistics <= same
    assert len(before) - len(same) > len(same - statistics)


def test_without_statistics_there_are_none_to_keep(tmp_path, capsys):
    write_folder(tmp_path / "data")
    with pytest.raises(SystemExit):
        fit(configuration(tmp_path / "run", tmp_path / "data"), "--model.keep_statistics=true")
    assert "keep_statistics needs statistics to keep; give start_from" in capsys.readouterr().err
