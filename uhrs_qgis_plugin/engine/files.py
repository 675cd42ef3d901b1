"""Files: written completely or not at all, and one spelling for every spelling of a path."""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from uhrs_qgis_plugin.engine.errors import OutputError, one_line

GEOPACKAGE = ".gpkg"
RASTER_ENDINGS = (".tif", ".tiff")  # of the rasters that we write
PATIENCE = 0.5  # seconds for a program that writes at this moment
_NUMBERS = itertools.count(1)  # two runs of one process may write into one folder


def identity(path: str | os.PathLike[str]) -> str:
    """Return one spelling for every spelling of a path: two paths are one file when these are equal."""
    return os.path.normcase(os.path.realpath(path))


def unique_mark() -> str:
    """Return a unique mark for temporary names, in this process and among all running ones."""
    return f"{os.getpid()}-{next(_NUMBERS)}"


def hidden(path: str | os.PathLike[str], *marks: str) -> str:
    """Name a temporary file in the folder of a file: 'out/classes.tif', '7-1', 'part' -> 'out/.classes.7-1.part.tif'.

    The ending stays, because drivers and plotting libraries choose the format by it.
    """
    folder, name = os.path.split(os.fspath(path))
    stem, ending = os.path.splitext(name)
    return os.path.join(folder, f".{'.'.join((stem, *marks))}{ending}")


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str], mark: str | None = None) -> Iterator[Path]:
    """Write a file completely or not at all.

    The file is renamed to its final name when the block ends without an error. Otherwise an existing file stays, and
    the temporary one is removed. A kill leaves at most a hidden temporary file.

    Args:
        path: The file; its folder must exist when the block ends.
        mark: Part of the temporary name; None = a unique one. A fixed mark is for files that only one process at a time
            writes: the next attempt then overwrites what a kill left.

    Yields:
        Temporary name in the same folder.

    Raises:
        OutputError: An OSError in the block, or while the file gets its name.
    """
    part = Path(hidden(path, mark or unique_mark(), "part"))
    try:
        yield part
        os.replace(part, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


@contextlib.contextmanager
def together(texts: Mapping[str, str]) -> Iterator[None]:
    """Write text files, UTF-8: all of them, or none where one cannot be written or the block ends with an error.

    Args:
        texts: Path -> content.

    Raises:
        OutputError: A file cannot be written.
    """
    with contextlib.ExitStack() as stack:
        for path, text in texts.items():
            stack.enter_context(replacing(path)).write_text(text, encoding="utf-8")
        yield


def write_together(texts: Mapping[str, str]) -> None:
    """Write text files, UTF-8: all of them, or none where one cannot be written; see `together`."""
    with together(texts):
        pass


def check_unused(path: str) -> None:
    """Check that no program is writing into a GeoPackage that shall be replaced; other files are not looked at.

    A file that another program holds can be deleted on most systems, and what was written into it would be lost; what
    the program left beside it would be taken for the new one's.

    Raises:
        OutputError: There is a journal beside it, or it is locked.
    """
    if not path.lower().endswith(GEOPACKAGE):
        return
    for ending in ("-wal", "-journal"):
        if os.path.exists(f"{path}{ending}"):
            raise _in_use(path, f"'{path}{ending}' is there")
    name = f"{Path(os.path.abspath(path)).as_uri()}?mode=rw"
    try:
        base = sqlite3.connect(name, timeout=PATIENCE, isolation_level=None, uri=True)
    except sqlite3.Error:
        return  # nothing is there, or what whoever writes it will tell
    try:
        base.execute("BEGIN IMMEDIATE")  # readers may stay, they have seen what they wanted
        base.execute("ROLLBACK")
    except sqlite3.Error as error:
        if "locked" in str(error):
            raise _in_use(path, one_line(error)) from error
    finally:
        base.close()


def _in_use(path: str, reason: str) -> OutputError:
    return OutputError(
        f"'{path}' is open in another program ({reason}): close the layer there, or choose another name."
    )


def cannot_write(path: str | os.PathLike[str], reason: OSError | str) -> OutputError:
    """Make the error for a failed write.

    Args:
        path: The file or folder.
        reason: The system's error, or a library's message; may be empty or span lines.

    Returns:
        The error, to be raised.
    """
    if isinstance(reason, OSError):
        reason = reason.strerror or str(reason)
    reason = one_line(reason) or "the file is not complete after writing"
    return OutputError(
        f"'{os.fspath(path)}' cannot be written: {reason}. Free disk space, close programs that use the file, "
        "or choose a folder that you may write to."
    )
