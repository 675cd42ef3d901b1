"""Keep the plugin's translations together with its texts.

    python3 scripts/translate.py update     bring i18n/*.ts up to the code; new texts are marked as unfinished
    python3 scripts/translate.py check      one line for whatever is not translated, or not rightly; ends with 1

Edit `i18n/*.ts` by hand or in Qt Linguist. Needs nothing but Python.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":  # run from anywhere: the repository root, not scripts/, is searched for modules
    sys.path[0] = str(ROOT)

from scripts.translation import (  # noqa: E402
    LANGUAGES,
    ExtractionError,
    catalogue_path,
    extract_texts,
    problems,
    read_catalogue,
    write_catalogue,
)

FOLDER = ROOT / "i18n"
PACKAGE = ROOT / "uhrs_qgis_plugin"


def update() -> int:
    """Write the catalogues anew; what the code has no more is dropped."""
    texts = extract_texts(PACKAGE)
    for language in LANGUAGES:
        path = catalogue_path(FOLDER, language)
        known = read_catalogue(path) if path.exists() else {}
        write_catalogue(path, language, texts, known)
        print(f"{path.relative_to(ROOT)}: {sum(1 for text in texts if known.get(text))} of {len(texts)} translated")
    return 0


def check() -> int:
    """Print what is wrong with the catalogues."""
    texts = extract_texts(PACKAGE)
    found = [
        f"{catalogue_path(FOLDER, language).relative_to(ROOT)}: {fault}"
        for language in LANGUAGES
        for fault in problems(texts, read_catalogue(catalogue_path(FOLDER, language)))
    ]
    print("\n".join(found) or f"{len(texts)} texts in {len(LANGUAGES)} languages")
    return int(bool(found))


def main(arguments: list[str]) -> int:
    """Run a command.

    Raises:
        SystemExit: Wrong usage, or a text that cannot be translated.
    """
    commands = {"update": update, "check": check}
    if len(arguments) != 1 or arguments[0] not in commands:
        raise SystemExit(__doc__)
    try:
        return commands[arguments[0]]()
    except ExtractionError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
