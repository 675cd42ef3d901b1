"""Texts in other languages: found in the code, packed as Qt loads them, and asked for under the same name."""

from __future__ import annotations

import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from scripts.translation import (
    CONTEXT,
    LANGUAGES,
    ExtractionError,
    catalogue_path,
    compile_catalogue,
    extract_texts,
    problems,
    read_catalogue,
    write_catalogue,
)
from uhrs_qgis_plugin import translation
from uhrs_qgis_plugin.plugin import UhrsPlugin

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "uhrs_qgis_plugin"


@pytest.fixture(scope="module")
def texts():
    return extract_texts(PACKAGE)


class Asked(QTranslator):
    """Notes what is asked for in our context, and translates nothing."""

    def __init__(self):
        super().__init__()
        self.texts = set()

    def isEmpty(self):  # noqa: N802 (Qt)
        return False

    def translate(self, context, text, disambiguation=None, number=-1):
        if context == CONTEXT:
            self.texts.add(text)
        return ""


@pytest.fixture
def asked(qgis_app):
    translator = Asked()
    QCoreApplication.installTranslator(translator)
    yield translator.texts
    QCoreApplication.removeTranslator(translator)


def write_package(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def test_texts_are_found_where_they_stand(tmp_path):
    package = write_package(
        tmp_path,
        calls="""
            def show(n): return tr("one {}").format(n), self.tr("two " "lines"), tr("a" if n else "b"), tr(TABLE[n])
            TABLE = {"id": (mark("three"), "icon.svg")}
        """,
        tables="""
            class Thing(UhrsAlgorithm):
                TITLE, NAME = "not so", "thing"
                TITLE = "Title"
                PARAMETERS = {
                    "A": Parameter("Label", "Help.", Kind, {"fileFilter": "Text (*.txt)", "defaultValue": "auto"}),
                    "B": Parameter(label="Label", help="Other help.", kind=Kind),
                    "C": maker("From a maker"),
                }
                OUTPUTS = {"D": Output("Number", "How many.")}
            REVIEW = Group("review", "Group name")
            def maker(label): return Parameter(label, "Of the maker.", Kind)
        """,
    )
    found = set(extract_texts(package))
    assert found == {
        *("one {}", "two lines", "a", "b", "three", "Title", "Label", "Help.", "Text (*.txt)", "Other help."),
        *("From a maker", "Of the maker.", "Number", "How many.", "Group name"),
    }


@pytest.mark.parametrize("call", ['tr(f"{n} of them")', 'tr("a" + n)', 'tr("%d" % n)'])
def test_composed_texts_are_refused(tmp_path, call):
    """They would never be found in a catalogue."""
    with pytest.raises(ExtractionError, match=r"calls\.py:1: .*write one text"):
        extract_texts(write_package(tmp_path, calls=f"x = {call}"))


def test_no_other_context_is_used():
    """A text that asks elsewhere would stay English."""
    callers = [path.name for path in PACKAGE.rglob("*.py") if "QCoreApplication.translate(" in path.read_text("utf-8")]
    assert callers == ["translation.py"]
    assert translation.CONTEXT == CONTEXT


def test_everything_that_algorithms_and_panel_show_is_found(provider, asked, texts, qgis_canvas):
    """Whatever they ask for while they describe and build themselves is among the texts of the code."""
    from uhrs_qgis_plugin.review.panel import ReviewPanel

    for algorithm in provider.algorithms():
        made = algorithm.create()
        made.displayName(), made.group(), made.tags(), made.shortHelpString()
    ReviewPanel()
    assert len(asked) > 150
    words = {text for text in asked if text not in ("", "#", "U")}
    assert sorted(words - set(texts)) == []


def test_qt_loads_what_is_packed(qgis_app, tmp_path):
    """Every text comes back, those with equal hashes too, and other contexts and unknown texts do not."""
    known = {f"text {number}": f"Übersetzung {number} → 日本" for number in range(2000)}
    known.update({"aq": "first", "ba": "second", "'{}' <b>&& %1</b>\n": "«{}» <b>&& %1</b>\n"})
    file = tmp_path / "x.qm"
    file.write_bytes(compile_catalogue(CONTEXT, "de", {**known, "unfinished": ""}))
    translator = QTranslator()
    assert translator.load(str(file))
    assert {text: translator.translate(CONTEXT, text) for text in known} == known
    assert not translator.translate(CONTEXT, "unfinished")
    assert not translator.translate(CONTEXT, "text 2000")
    assert not translator.translate("Other", "text 1")


def test_packed_as_lrelease_does(qgis_app, tmp_path):
    """Qt's own tool, where it is installed, makes of the same catalogue what gives the same texts."""
    tool = shutil.which("lrelease")
    if tool is None:
        pytest.skip("no lrelease here: apt-get install qttools5-dev-tools")
    known = {"one": "eins", "it's <two> & {}": "„zwei“ & {}", "three": "", " px": " Px"}
    write_catalogue(tmp_path / "x.ts", "de", known, known)
    assert read_catalogue(tmp_path / "x.ts") == known
    subprocess.run([tool, "-silent", tmp_path / "x.ts", "-qm", tmp_path / "theirs.qm"], check=True)
    (tmp_path / "ours.qm").write_bytes(compile_catalogue(CONTEXT, "de", known))
    answers = []
    for name in ("theirs.qm", "ours.qm"):
        translator = QTranslator()
        assert translator.load(str(tmp_path / name))
        answers.append([translator.translate(CONTEXT, text) or "" for text in known])
    assert answers[0] == answers[1] == list(known.values())


@pytest.mark.parametrize(
    ("source", "translated", "fault"),
    [
        ("{} of {}", "{} von", "other places"),
        ("<b>{command}</b>", "<b>{befehl}</b>", "other places"),
        ("a && b", "a & b", "other places"),
        ("Text (*.txt)", "Text (*.text)", "other places"),
        ("Open...", "Öffnen", "other places"),
        (" px", "px", "other blanks"),
        ("Type:", "Tippen", "other blanks"),
        ("Text", "", "not translated"),
    ],
)
def test_faults_of_translations_are_named(source, translated, fault):
    [line] = problems([source], {source: translated})
    assert line.startswith(fault)
    assert problems([source], {source: source}) == []


def test_left_over_translations_are_named():
    assert problems(["new"], {"new": "neu", "old": "alt"}) == ["left over, the code has it no more: 'old'"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_complete_and_fit_the_code(language, texts):
    """After a change of texts: `make translations`, then translate what is unfinished in every language."""
    assert problems(texts, read_catalogue(catalogue_path(ROOT / "i18n", language))) == []


def test_the_language_of_qgis_is_taken(provider, plugin_folder, tmp_path, monkeypatch):
    """Of the country where there is one, else of the language; English otherwise; gone after unloading."""
    for name in ("de", "pt", "pt_PT"):
        (tmp_path / f"uhrs_{name}.qm").write_bytes(compile_catalogue(CONTEXT, name, {"Review": f"Review {name}"}))
    found = {
        name: translation.catalogue(name, tmp_path) for name in ("de", "de_CH", "pt_BR", "pt_PT", "en_US", "C", "")
    }
    names = {name: path and path.name for name, path in found.items()}
    assert names == {
        **{"de": "uhrs_de.qm", "de_CH": "uhrs_de.qm", "pt_BR": "uhrs_pt.qm", "pt_PT": "uhrs_pt_PT.qm"},
        **{"en_US": None, "C": None, "": None},
    }
    monkeypatch.setattr(translation.catalogue, "__defaults__", (tmp_path,))
    monkeypatch.setattr(QgsApplication, "locale", staticmethod(lambda: "de_CH"))
    plugin = UhrsPlugin(None)
    assert translation.tr("Review") == "Review de"
    assert translation.tr("Segmentation") == "Segmentation"
    plugin.unload()
    assert translation.tr("Review") == "Review"


def test_package_holds_every_language(plugin_folder):
    folder = plugin_folder / "uhrs_qgis_plugin" / "i18n"
    assert sorted(path.name for path in folder.iterdir()) == [f"uhrs_{language}.qm" for language in LANGUAGES]
