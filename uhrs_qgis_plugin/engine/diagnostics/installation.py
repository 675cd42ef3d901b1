"""What is installed here, in lines to paste into a bug report: a broken part becomes a line, not an error.

Imports nothing that might be broken before its probe runs, and writes no paths of the user into the lines.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from uhrs_qgis_plugin.engine.errors import CancelledError, DeviceError, UhrsError, one_line
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.inference import CPU_FILE, available_devices, find_cards, import_onnxruntime
from uhrs_qgis_plugin.engine.results import __version__

PACKAGE = Path(__file__).resolve().parents[2]
PRIVACY = "No paths, user names, layers or projects of yours are in these lines, and nothing was sent anywhere."
Probe = Callable[[], str]


@dataclass(frozen=True)
class Fact:
    """One line.

    Attributes:
        name: What it is about.
        value: What was found, one line.
        fine: False when something is broken.
    """

    name: str
    value: str
    fine: bool = True

    def __str__(self) -> str:
        """Return the line: 'numpy:          1.24.2'."""
        return f"{self.name + ':':<15} {self.value}"


def collect_facts(probes: Mapping[str, Probe]) -> Iterator[Fact]:
    """Run one probe after the other.

    Args:
        probes: Name -> what finds the value; whatever it raises becomes the value, but for `CancelledError`.

    Yields:
        One fact per probe, in order.
    """
    flaws: dict[str, str] = {}  # text -> where it stood first
    for name, probe in probes.items():
        try:
            yield Fact(name, private(probe()))
            continue
        except CancelledError:
            raise
        except UhrsError as error:  # its text is complete
            flaw = private(str(error))
        except Exception as error:  # whatever a broken library raises
            flaw = private(f"broken: {type(error).__name__}: {one_line(error)}")
        yield Fact(name, f"broken: see {flaws[flaw]}" if flaw in flaws else flaw, fine=False)
        flaws.setdefault(flaw, name)


def private(text: str) -> str:
    """Replace paths of this computer by placeholders.

    Args:
        text: May hold paths, as the errors of libraries do.

    Returns:
        One line with '<plugin>', '<temporary>', '<python>' and '~' instead.
    """
    places = {str(PACKAGE): "<plugin>", tempfile.gettempdir(): "<temporary>", sys.prefix: "<python>"}
    home = os.path.expanduser("~")
    places[home] = "~"
    text = " ".join(text.split())
    for place in sorted(places, key=len, reverse=True):
        if len(place) > 1:  # "/" is the home of some services
            text = text.replace(place, places[place]).replace(place.replace("\\", "/"), places[place])
    return text


def software() -> dict[str, Probe]:
    """List the probes for every installation, for `collect_facts`; inside QGIS, those of QGIS and Qt come before.

    Returns:
        Name -> probe.
    """
    return {
        "Plugin": lambda: __version__,
        "System": lambda: f"{platform.system()} {platform.release()}, {platform.machine()}",
        "Processor": _processor,
        "Python": platform.python_version,
        "numpy": lambda: str(importlib.import_module("numpy").__version__),
        "GDAL": _gdal,
        "onnxruntime": _onnxruntime,
        "Devices": _devices,
    }


def self_tests(model: str, device: str = "auto", watch: Watch = UNWATCHED) -> dict[str, Probe]:
    """List the probes that run the engine, for `collect_facts`.

    Args:
        device: "auto" or a key of `PROVIDERS`.

    Returns:
        Name -> probe.
    """
    return {"Model": lambda: _model(model), "Self-test": lambda: _self_test(model, device, watch)}


def _processor() -> str:
    """Name and cores."""
    name = platform.processor() or platform.machine()
    try:
        lines = CPU_FILE.read_text(encoding="utf-8", errors="replace").splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux, or not such a processor
    return f"{name}, {os.cpu_count()} cores"


def _gdal() -> str:
    """Version of GDAL, and the package that provides it."""
    try:
        return f"{importlib.import_module('osgeo.gdal').__version__} (osgeo)"
    except ModuleNotFoundError:
        return f"{importlib.import_module('rasterio').__gdal_version__} (rasterio)"


def _devices() -> str:
    """What the installed onnxruntime offers, and the cards or why there are none."""
    names = available_devices()
    try:
        cards = [f"{card.name}, driver for CUDA {card.cuda[0]}.{card.cuda[1]}" for card in find_cards()]
    except DeviceError as error:
        cards = [str(error)]
    return ", ".join(f"{name} ({'; '.join(cards)})" if name == "cuda" else name for name in names)


def _onnxruntime() -> str:
    """Version of onnxruntime, and the packages that provide it.

    Raises:
        DeviceError: Two packages have overwritten each other's files.
    """
    names = {str(entry.metadata["Name"]).lower().replace("_", "-") for entry in distributions()}
    found = sorted(name for name in names if name.startswith("onnxruntime"))
    version = str(import_onnxruntime().__version__)
    if len(found) > 1:
        raise DeviceError(
            f"{version}, but {' and '.join(found)} share one folder and overwrite each other: uninstall all of them, "
            "then install one."
        )
    return f"{version} ({', '.join(found) or 'not installed by pip'})"


def _model(model: str) -> str:
    """The bundled model."""
    from uhrs_qgis_plugin.engine.bundle import read_bundle

    bundle = read_bundle(model)
    return f"{bundle.name}, {bundle.total_parameters:,} parameters, {len(bundle.classes)} classes"


def _self_test(model: str, device: str, watch: Watch) -> str:
    """Run the self-test and describe its result.

    Raises:
        DeviceError: The engine runs, but something is wrong.
    """
    from uhrs_qgis_plugin.engine.diagnostics.self_test import self_test  # needs numpy

    found = self_test(model, device, watch=watch)
    text = (
        f"{found.megapixels_per_s:.2f} million pixels a second on {found.device} "
        f"({found.side} x {found.side} pixels in {found.seconds:.1f} s, K = {found.ratio:.0%})"
    )
    if found.agreement is not None:
        text += f"; {found.agreement:.2%} of the classes as on the processor"
    if found.int8_agreement is not None:
        text += f"; {found.int8_agreement:.2%} of the classes of a test scene in 8 bits as in floating point"
    text = "; ".join((text, *found.messages))
    if found.problems:
        raise DeviceError("; ".join((*found.problems, text)))
    return f"works, {text}"
