"""What a command reports in one line, and what loading a room brings along."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from training import errors
from uhrs_qgis_plugin.engine.errors import BundleError

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "error",
    [errors.SettingsError("a reason"), BundleError("a reason"), OSError(errno.EACCES, "a reason")],
    ids=lambda error: type(error).__name__,
)
def test_what_a_user_can_correct_is_one_line_and_status_2(error, capsys):
    @errors.command
    def main(args):
        raise error

    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    assert capsys.readouterr().err == f"test_errors.py: {error}\n"


def test_a_bug_keeps_its_traceback():
    @errors.command
    def main():
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        main()


def test_every_error_has_the_one_base():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__]
    assert len(kinds) > 5
    assert all(issubclass(kind, errors.TrainingError) for kind in kinds)


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("training.benchmarking.worker", ("torch", "matplotlib", "lightning")),  # it measures its own memory
        ("training.make_raster", ("torch", "matplotlib", "lightning")),  # for quick starts
        ("training.check_data", ("torch", "matplotlib", "lightning")),
    ],
)
def test_light_modules_load_no_heavy_ones(module, absent):
    code = f"import sys, {module}; print([name for name in {absent} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
