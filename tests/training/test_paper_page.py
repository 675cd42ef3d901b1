"""docs/paper.md names files and definitions that exist, and every published configuration."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "paper.md").read_text()
QUOTED = re.compile(r"`((?:training|tests)/[\w./]+)`((?:,? ?`[A-Za-z_]\w*`)*)")


@pytest.mark.parametrize(("path", "names"), QUOTED.findall(PAGE))
def test_what_the_page_names_exists(path, names):
    file = ROOT / path
    assert file.exists(), path
    for name in re.findall(r"`(\w+)`", names):
        defined = rf"^(?:class|def) {name}\b|^{name}\b.*="
        assert re.search(defined, file.read_text(), re.MULTILINE), f"{name} in {path}"


def test_every_published_configuration_is_on_the_page():
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "training/configs/published").glob("*.yaml")}
    assert files == {path for path, _ in QUOTED.findall(PAGE) if path.startswith("training/configs/published/")}


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
