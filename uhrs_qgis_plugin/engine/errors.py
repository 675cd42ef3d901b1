"""The errors that the engine raises on purpose.

Every text states in one line what was found, what is allowed and what to do next, so that a caller can show it
unchanged. Only `CancelledError` has no text: the caller cancelled, and each front end has its own message for it.
"""

from __future__ import annotations

import re


class UhrsError(Exception):
    """Base of all errors below: catch this to catch whatever the engine reports about its inputs."""


class RasterError(UhrsError):
    """The input raster cannot be used: missing, not a raster, damaged, or of a kind the engine does not read."""


class BundleError(UhrsError):
    """The model bundle cannot be used: missing, damaged, unsafe, or of a format version that is not known."""


class OptionsError(UhrsError):
    """The options do not fit each other, the raster or the model."""


class OutsideError(OptionsError):
    """Nothing of the raster lies in the bounds or in the area of interest."""


class ResumeError(OptionsError):
    """A run cannot resume an earlier one: raster, model or options differ, or that run is still active."""


class OutputError(UhrsError):
    """An output cannot be written: full disk, folder not writable, file locked."""


class DeviceError(UhrsError):
    """The requested device is missing, or computing on it failed."""


class ClusterError(UhrsError):
    """There is no cluster to work on: Dask is missing, its scheduler does not answer, no worker can be used."""


class CancelledError(UhrsError):
    """The caller cancelled; nothing incomplete has a final name."""


READABLE = 200  # characters of an error's text
HIDDEN = "?***"  # in place of the query of an address
_ADDRESS = re.compile(r"((?:[a-z][a-z0-9+]{1,9}://|/vsi[a-z0-9_]+(?=[/?]))[^\s'\"<>?]*)(\?[^\s'\"<>]*)?", re.IGNORECASE)
_USER = re.compile(r"(?<=://)[^/@\s'\"?]*@")
_SIGNED = re.compile(
    r"\b(x-(?:amz|goog)-[a-z-]+|aws_?\w*|(?:access_?)?(?:key|token)(?:_?id)?|signature|sig|credentials?|secret|password)"
    r"=[^\s&'\"<>]+",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """Take out of a text what gives access: queries of addresses, names and passwords of users, signatures.

    Worked example: "https://me@host/a.tif?sig=1f" becomes "https://host/a.tif?***".
    """
    text = _ADDRESS.sub(lambda found: found[1] + (HIDDEN if found[2] else ""), text)
    return _SIGNED.sub(r"\1=***", _USER.sub("", text))


def one_line(reason: BaseException | str) -> str:
    """Put what a library reports on one line, without its last full stop and without secrets.

    Args:
        reason: A text, whose lines are joined; or an error, of which the first line is taken, for traces follow it, cut
            to a readable length, or its type where it has no text.

    Returns:
        The line; empty where the text is.
    """
    if isinstance(reason, str):
        return without_secrets(" ".join(reason.split())).rstrip(".")
    line = without_secrets((str(reason).strip() or type(reason).__name__).splitlines()[0]).rstrip(".")
    return line if len(line) <= READABLE else f"{line[: READABLE - 3]}..."
