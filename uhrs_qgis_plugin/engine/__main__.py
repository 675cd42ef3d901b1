"""Entry point of `python -m uhrs_qgis_plugin.engine`."""

from __future__ import annotations

import sys

from uhrs_qgis_plugin.engine.cli import main

if __name__ == "__main__":
    sys.exit(main())
