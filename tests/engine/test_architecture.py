"""docs/architecture.md is a true map: what it names exists, no room is missing, its order is that of imports."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "uhrs_qgis_plugin"
MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
HINT = "change docs/architecture.md along with the rooms"


def named():
    """Everything in backticks that is a path in the repository: it ends with / or .py, and holds no placeholder."""
    texts = re.findall(r"`([\w./]+)`", MAP)
    return {text for text in texts if text.endswith(("/", ".py"))}


def places(text):
    """Where a path of the page may begin."""
    return [folder / text for folder in (ROOT, PLUGIN, PLUGIN / "engine")]


def rooms():
    """Folders of both packages that hold Python files, as the page writes them."""
    for package, base in ((PLUGIN, PLUGIN), (ROOT / "training", ROOT)):
        folders = {path.parent for path in package.rglob("*.py")} - {package}
        yield from (f"{folder.relative_to(base).as_posix()}/" for folder in sorted(folders))


def layers(contract):
    """The layers of an import contract in pyproject.toml: [[name, ...], ...] from the top down."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text[text.index(contract) :]
    listed = re.search(r"^layers = \[\n(.*?)^\]", block, re.DOTALL | re.MULTILINE).group(1)
    return [re.findall(r"\w+", line.replace(".", " ")) for line in re.findall(r'"(.*)"', listed)]


def table(heading):
    """The rooms that a table of the page names in its first column, row by row, without folders and endings."""
    rows = MAP[MAP.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    paths = (re.findall(r"`([\w./]+)`", row.split("|")[1]) for row in rows)
    return [[Path(path).stem for path in row] for row in paths]


def test_everything_that_the_map_names_exists():
    missing = sorted(text for text in named() if not any(place.exists() for place in places(text)))
    assert missing == [], HINT
    assert len(named()) > 60


def test_every_room_is_on_the_map():
    there = list(rooms())
    assert len(there) > 25
    assert [room for room in there if f"`{room}`" not in MAP] == [], HINT


@pytest.mark.parametrize(
    ("heading", "contract"),
    [
        ("room of `uhrs_qgis_plugin/engine/`", "Rooms of the engine"),
        ("room of `uhrs_qgis_plugin/`", "The plugin:"),
        ("room of `uhrs_qgis_plugin/review/`", "Rooms of the review"),
        ("room of `training/`", "Rooms of training"),
    ],
)
def test_rooms_stand_in_the_order_of_imports(heading, contract):
    """From top to bottom, as import-linter holds it; rooms without a place in the contract do not count."""
    floors = {name: floor for floor, names in enumerate(layers(contract)) for name in names}
    rows = [[floors[name] for name in row if name in floors] for row in table(heading)]
    order = [floor for row in rows for floor in row]
    assert len(order) > 4
    assert order == sorted(order), HINT
