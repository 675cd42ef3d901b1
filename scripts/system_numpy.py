"""Print the constraints that keep pip to the numpy of the system, which QGIS and GDAL were built against.

`.venv-qgis` sees the system's packages. Another numpy in front of theirs would be one that the compiled parts of QGIS
and GDAL may not work with, and for a Python newer than a fixed version of numpy there may be no wheel of it at all.
"""

from __future__ import annotations


def constraints(numpy: str) -> list[str]:
    """Make the lines of a constraints file.

    Args:
        numpy: The version of numpy that the system has, such as "1.24.2".

    Returns:
        Lines as pip reads them after `-c`.
    """
    lines = [f"numpy=={numpy}"]
    if int(numpy.split(".")[0]) < 2:
        lines.append("ml_dtypes<0.6")  # needed by onnx; 0.6 is built against numpy 2
    return lines


if __name__ == "__main__":
    import numpy

    print("\n".join(constraints(numpy.__version__)))
