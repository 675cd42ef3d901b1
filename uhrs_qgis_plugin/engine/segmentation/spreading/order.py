"""What a worker has to know of a run, as plain data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle
from uhrs_qgis_plugin.engine.cluster import Meeting
from uhrs_qgis_plugin.engine.errors import BundleError
from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.engine.segmentation.planning import SegmentationJob
from uhrs_qgis_plugin.engine.segmentation.spreading.workplace import SegmentationPlace

MODEL_FILE = "model.uhrs"


@dataclass(frozen=True)
class Order:
    """What a worker has to know of a run; opens its workplace.

    Attributes:
        job: The job, without the weights of its model.
        model_file: The model, in a folder that is shared.
        folder: Where pieces of the run lie.
        device: Where to compute: "auto", or a kind of device.
        precision: As in `Options`.
    """

    job: SegmentationJob
    model_file: str
    folder: str
    device: str
    precision: str

    def __call__(self, cores: int, check: Callable[[], None]) -> SegmentationPlace:
        """Open the workplace; see `cluster.Opening`.

        Raises:
            UhrsError: The model or the raster cannot be used here.
        """
        model = read_bundle(self.model_file)
        if model.sha256 != self.job.model.sha256:
            raise BundleError(f"'{self.model_file}' is another model than '{self.job.model.path}' of the client.")
        job = replace(self.job, model=model)
        return SegmentationPlace(job, Path(self.folder), (self.device, self.precision), cores, check)


def order_of(job: SegmentationJob, meeting: Meeting, folder: Path, device: str) -> Order:
    """Put the order of a run together, and the model where workers find it.

    Args:
        job: The job.
        meeting: The run's, which has begun.
        folder: Where pieces of the run lie.
        device: Where to compute.

    Raises:
        BundleError: The model has no file, or another one by now.
        OutputError: The folder cannot be written.
    """
    model_file = meeting.folder / MODEL_FILE
    _send(job.model, model_file)
    light = replace(job, model=replace(job.model, graphs={}, int8_graphs={}))
    return Order(light, str(model_file), str(folder), device, job.options.precision)


def _send(model: Bundle, path: Path) -> None:
    """Copy a model to the workers, who compare its digest."""
    try:
        with open(model.path, "rb") as source, replacing(path) as part, open(part, "wb") as copy:
            shutil.copyfileobj(source, copy)
    except OSError as error:
        raise BundleError(
            f"Cannot read the model '{model.path}' ({error.strerror or error}): check the path."
        ) from error
