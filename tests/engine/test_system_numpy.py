"""The environment of QGIS keeps to the numpy that the system has."""

import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from scripts.system_numpy import constraints

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("system", "lines"),
    [
        ("1.24.2", ["numpy==1.24.2", "ml_dtypes<0.6"]),  # Debian 12
        ("2.2.4", ["numpy==2.2.4"]),  # Debian 13
        ("10.0.0", ["numpy==10.0.0"]),
    ],
)
def test_constraints_follow_the_system(system, lines):
    assert constraints(system) == lines


def test_printed_for_the_python_that_asks():
    command = [sys.executable, ROOT / "scripts" / "system_numpy.py"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed.splitlines()[0] == f"numpy=={numpy.__version__}"


def test_setup_asks_the_system():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.split("\n.venv-qgis/.installed:")[1].split("\n\n")[0]
    assert "$(PYTHON) scripts/system_numpy.py" in recipe
