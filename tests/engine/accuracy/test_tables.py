"""What is written: rows, CSV, JSON, HTML, and the command line."""

import csv
import io
import json
import os
from html.parser import HTMLParser

import numpy as np
import pytest

from tests.engine.accuracy.cases import points_at, town, write_classes
from uhrs_qgis_plugin.engine.accuracy import (
    COLUMNS,
    AccuracyOptions,
    assess,
    figures_csv,
    make_report,
    matrix_csv,
    reference_of_features,
    to_json,
)
from uhrs_qgis_plugin.engine.cli import main
from uhrs_qgis_plugin.engine.raster import crs_wkt_of

CRS = crs_wkt_of("EPSG:32633")


@pytest.fixture
def files(tmp_path):
    mapped, truth = town()
    names = ("water", "<b>land</b>", "road")
    classes = write_classes(tmp_path / "classes.tif", mapped, names=names)
    return classes, write_classes(tmp_path / "truth.tif", truth, names=names)


@pytest.fixture
def report(files):
    return assess(*files)


class Checker(HTMLParser):
    """Collects texts, and holds that tags are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.texts, self.names = [], [], set()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        assert not any(name in ("src", "href", "onload") for name, _ in attrs)
        if tag not in ("meta", "br", "rect", "path", "!doctype"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("rect", "path"):
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_html_is_one_file_without_foreign_parts(report):
    html = make_report(report, "Accuracy of <town>", 1e-4, "ha")
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    assert "b" not in {name for name in checker.names} - {"b"}
    text = " ".join(checker.texts)
    assert "<b>land</b>" in text  # escaped, so that it is text
    assert "Accuracy of <town>" in text
    assert "script" not in checker.names
    assert "http" not in html
    assert f"{100 * report.overall.value:.1f} %" in text
    assert html.count("<svg") >= 3 * len(report.classes)


def test_csv_has_every_figure(report):
    rows = list(csv.DictReader(io.StringIO(figures_csv(report))))
    assert tuple(rows[0]) == COLUMNS
    assert float(rows[0]["value"]) == report.overall.value
    assert len(rows) == 2 + 6 * len(report.classes)
    matrix = list(csv.reader(io.StringIO(matrix_csv(report))))
    assert [[int(cell) for cell in row[1:-1]] for row in matrix[1:-1]] == report.matrix.tolist()


def test_json_is_complete(report):
    content = json.loads(to_json(report))
    assert content["overall"]["value"] == report.overall.value
    assert content["matrix"] == report.matrix.tolist()
    assert np.sum(content["shares"]) == pytest.approx(1)
    assert [item["name"] for item in content["classes"]] == ["water", "<b>land</b>", "road"]


def test_what_is_not_known_is_empty(files):
    features = points_at([30, 31], [30, 31], label=["road", "road"])
    found = assess(files[0], reference_of_features(features, "label", CRS), AccuracyOptions())
    html = make_report(found, "t")
    assert ">-<" in html
    assert "nan" not in html.lower().replace("meaning", "")
    assert "NaN" not in to_json(found)


def test_command_line(files, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    names = {"--html": "r.html", "--csv": "f.csv", "--matrix": "m.csv", "--json": "j.json"}
    options = [part for flag, name in names.items() for part in (flag, str(out / name))]
    assert main(["accuracy", *files, *options]) == 0
    assert sorted(os.listdir(out)) == sorted(names.values())
    said = capsys.readouterr().out
    assert "overall accuracy: 0." in said
    assert "road: user's" in said


def test_command_line_with_points(files, tmp_path, capsys):
    place = {"type": "Point", "coordinates": [500020.25, 4999970.25]}
    features = [{"type": "Feature", "properties": {"kind": "street"}, "geometry": place}] * 3
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    path = tmp_path / "points.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    assert main(["accuracy", files[0], str(path), "--field", "kind", "--quiet"]) == 2
    assert "'street' (3)" in capsys.readouterr().err
    out = tmp_path / "j.json"
    mapping = ["--mapping", "street=road", "--json", str(out)]
    assert main(["accuracy", files[0], str(path), "--field", "kind", "--quiet", *mapping]) == 0
    assert np.sum(json.loads(out.read_text())["matrix"]) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--html", "nowhere/r.html"], "does not exist"),
        (["--html", "classes.tif"], "is read"),
        (["--html", "a.html", "--csv", "a.html"], "named twice"),
        (["--block", "0"], "Blocks of 0 pixels"),
        (["--mapping", "road"], "not understood"),
    ],
)
def test_bad_options_end_with_one_line(files, tmp_path, monkeypatch, capsys, options, message):
    monkeypatch.chdir(tmp_path)
    before = sorted(os.listdir(tmp_path))
    assert main(["accuracy", *files, "--quiet", *options]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert sorted(os.listdir(tmp_path)) == before


def test_all_files_or_none(files, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "j.json").mkdir()  # is found before the work, as is a folder that is not there
    assert main(["accuracy", *files, "--quiet", "--html", str(out / "r.html"), "--json", str(out / "j.json")]) == 2
    assert os.listdir(out) == ["j.json"]
