"""docs/field.md repeats published numbers as published.json holds them."""

import re
from pathlib import Path

import pytest

from training.benchmarking.published import load_published
from training.networks.registry import ARCHITECTURES

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "field.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
DATASETS = ("deepglobe", "inria", "urur")


@pytest.mark.parametrize("row", ROWS[1:], ids=lambda row: row[0])
def test_numbers_are_the_published_ones(row):
    for dataset, said in zip(DATASETS, row[2:5], strict=True):
        found = [m.number("miou") for m in load_published().of(dataset) if m.name == row[0]]
        assert (float(said) if said else None) == (found[0] if found else None), (row[0], dataset)


def test_what_is_said_to_be_here_is_here():
    assert set(re.findall(r"--model\.architecture (\w+)", PAGE)) <= set(ARCHITECTURES)
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists()
    for path in re.findall(r"`(training/[\w./]+)`", PAGE):
        assert (ROOT / path).exists()
