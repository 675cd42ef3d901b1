"""What is wrong on the command line is one line, and every setting of the network has help."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from training import train
from training.networks.settings import Settings
from training.running.arguments import network_help

SMOKE = str(Path(__file__).resolve().parents[3] / "training" / "configs" / "smoke.yaml")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--config", SMOKE, "--model.optimizer", "sgd"],
            "no option --model.optimizer; --model.optimiser may be meant",
        ),
        (["--config", SMOKE, "--model.netwrok.patch_grid", "0"], "; --model.network.patch_grid may be meant"),
        (["--config", SMOKE, "--nonsense", "3"], "There is no option --nonsense"),
        (["--config", SMOKE, "--model.lr", "fast"], '"model.lr": Expected a .*Got value: fast'),
        (["--config", "nowhere.yaml"], "File does not exist: .*nowhere.yaml"),
        (["--config", SMOKE, "--model.network.low_stem", "3x3"], "low_stem is '3x3'; there are deep, 7x7"),
        (["--config", SMOKE, "--model.network.patch_grid", "0"], "patch_grid is 0; give a number of patches"),
        (["--config", SMOKE, "--trainer.accelerator", "cuda"], "The trainer cannot work so: .*not available"),
        (["--config", SMOKE, "--model.losses", "[hinge]"], "hinge"),
        ([], "Nothing says what to train on. Give --config with a file of .*smoke"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_one_line(arguments, said, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        train.main(["fit", *arguments])
    assert stopped.value.code == 2
    (line,) = [line for line in capfd.readouterr().err.splitlines() if line.startswith("train.py: ")]
    assert re.search(said, line), line
    assert not list(tmp_path.rglob("version_*"))


@pytest.mark.filterwarnings("ignore")
def test_help_of_the_network_tells_every_setting(capsys):
    told = network_help()
    for setting in fields(Settings):
        if setting.name != "classes":
            assert f"; {setting.name}: " in told or f" {setting.name}: " in told
    assert "patch_side: side of a patch in pixels, a multiple of 16. (default: 128)" in told
    with pytest.raises(SystemExit) as stopped:
        train.main(["fit", "--help"])
    assert not stopped.value.code
    assert "side of a patch in pixels" in " ".join(capsys.readouterr().out.split())
