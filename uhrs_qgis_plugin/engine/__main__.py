"""Entry point of `python -m uhrs_qgis_plugin.engine`."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def run() -> NoReturn:
    """Run the command line of this process."""
    # Before numpy is imported: threads of OpenBLAS wait by spinning, a tenth of a second after each small product.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # rasterio imports boto3 where it is installed, a fifth of a small run; we read S3 by GDAL alone, which needs none.
    sys.modules.setdefault("boto3", None)  # type: ignore[arg-type]  # documented: importing it then fails
    from uhrs_qgis_plugin.engine.cli import main

    leave(main())


def leave(status: int) -> NoReturn:
    """End the process at once: what it wrote is on its way, and nothing else is left to do.

    Python would first take modules, GDAL and onnxruntime apart, which is a tenth of a small run, and wait for threads
    that a run has given up.

    Args:
        status: Exit status.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # pythonw has none
                stream.flush()
    except (OSError, ValueError):  # nobody reads any more: Python says so
        sys.exit(status)
    os._exit(status)


if __name__ == "__main__":
    run()
