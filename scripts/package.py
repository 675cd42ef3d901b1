"""Assemble the plugin as QGIS installs it: a folder with metadata.txt and LICENSE inside, or a zip of it.

    python3 scripts/package.py stage FOLDER     FOLDER/uhrs_qgis_plugin, replacing an older copy
    python3 scripts/package.py zip FILE.zip

Needs nothing but Python.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":  # run from anywhere: the repository root, not scripts/, is searched for modules
    sys.path[0] = str(ROOT)

from scripts.translation import (  # noqa: E402
    CONTEXT,
    LANGUAGES,
    catalogue_path,
    compile_catalogue,
    extract_texts,
    problems,
    read_catalogue,
)

NAME = "uhrs_qgis_plugin"
TOP_FILES = ("metadata.txt", "LICENSE")
MAX_BYTES = 25_000_000  # the limit of plugins.qgis.org
LEFT_OUT = ("__pycache__", "*.pyc", "*.part", "*.aux.xml", "*.card.*", ".*")  # of model cards only the page is shipped


def stage(folder: Path) -> Path:
    """Copy the plugin to `folder/uhrs_qgis_plugin`, and pack its translations.

    Args:
        folder: A folder of plugins; it is made when missing.

    Returns:
        The plugin's folder.

    Raises:
        SystemExit: Something else stands at that place.
    """
    target = folder / NAME
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        if not (target / "metadata.txt").is_file():
            raise SystemExit(f"{target} exists and is no QGIS plugin: move it away first.")
        shutil.rmtree(target)
    shutil.copytree(ROOT / NAME, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for name in TOP_FILES:
        shutil.copy2(ROOT / name, target / name)
    (target / "i18n").mkdir()
    for language in LANGUAGES:
        known = read_catalogue(catalogue_path(ROOT / "i18n", language))
        (target / "i18n" / f"uhrs_{language}.qm").write_bytes(compile_catalogue(CONTEXT, language, known))
    return target


def make_zip(path: Path) -> None:
    """Write the zip for the plugin manager.

    Args:
        path: The file to write; its folder is made when missing.

    Raises:
        SystemExit: The zip is larger than the plugin site takes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        plugin = stage(Path(folder))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(file for file in plugin.rglob("*") if file.is_file()):
                archive.write(file, file.relative_to(folder))
    size = path.stat().st_size
    if size > MAX_BYTES:
        path.unlink()
        raise SystemExit(f"The zip has {size} bytes, allowed are {MAX_BYTES}: make the bundled model smaller.")
    print(f"{path}: {size / 1e6:.1f} MB")
    for line in warnings():
        print(f"Warning: {line}", file=sys.stderr)


def warnings() -> list[str]:
    """Say what the plugin site would refuse, or users would miss."""
    metadata = (ROOT / "metadata.txt").read_text(encoding="utf-8")
    nowhere = re.findall(r"^(homepage|tracker|repository)=https?://[^/\s]+\.example\b", metadata, re.MULTILINE)
    found = []
    if nowhere:
        names = ", ".join(nowhere)
        found.append(f"metadata.txt: {names} lead nowhere; give public addresses, the plugin site visits them.")
    texts = extract_texts(ROOT / NAME)
    for language in LANGUAGES:
        path = catalogue_path(ROOT / "i18n", language)
        faults = problems(texts, read_catalogue(path))
        if faults:
            found.append(f"i18n/{path.name}: {len(faults)} texts to mend, scripts/translate.py check names them.")
    return found


def main(arguments: list[str]) -> None:
    """Run one of the two commands.

    Args:
        arguments: The command and its target.

    Raises:
        SystemExit: Wrong usage.
    """
    commands = {"stage": stage, "zip": make_zip}
    if len(arguments) != 2 or arguments[0] not in commands:
        raise SystemExit(__doc__)
    commands[arguments[0]](Path(arguments[1]).expanduser())


if __name__ == "__main__":
    main(sys.argv[1:])
