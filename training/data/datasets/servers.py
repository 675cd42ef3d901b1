"""What the servers of benchmarks take: predictions of images whose labels are not public, in files of their own form.

    cityscapes  PNG of label ids 7 to 33 at full size; its script looks for "<city>_<sequence>_<frame>*.png"
    deepglobe   PNG in the colours of the classes, as large as the image: <id>_mask.png
    inria       TIFF of one band, 0 and 255, named like the image
    isic        PNG of one band, 0 and 255, as large as the image: ISIC_<id>_segmentation.png

Sources: cityscapesscripts/evaluation/evalPixelLevelSemanticLabeling.py; competitions.codalab.org/competitions/18468;
project.inria.fr/aerialimagelabeling/contest; challenge.isic-archive.com/landing/2018/45. DeepGlobe's and ISIC's have
closed; ISIC's test labels are public now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.data.arrays import BlankLabels, Scene, colour_bands, raster_info
from training.data.datasets import cityscapes, deepglobe
from training.data.datasets.pairs import files_in, scene_with_data
from training.errors import DatasetError

SERVER = "server"  # the name of the split of such images


@dataclass(frozen=True)
class Server:
    """What a server wants.

    Attributes:
        images: folders of the images below the root, `*` for any folder; the first that has some counts.
        image_suffix: how the name of an image ends.
        file: name of the file of a prediction; `{}` is the id, a file's name without the suffix.
        values: what stands for each class, in the order of the labels: a number, or the three of a colour.
        nothing: what stands for pixels without an answer, where the image holds no data.
    """

    images: tuple[str, ...]
    image_suffix: str
    file: str
    values: Sequence[int] | Sequence[tuple[int, int, int]]
    nothing: int | tuple[int, int, int]

    def encoded(self, labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Labels (H, W) -> the numbers (1 or 3, H, W) of the file."""
        table = np.empty((256, np.size(self.nothing)), np.uint8)
        table[:] = self.nothing
        table[: len(self.values)] = np.reshape(self.values, (len(self.values), -1))
        return np.stack([band[labels] for band in table.T])


_DEEPGLOBE = [(int(c[:2], 16), int(c[2:4], 16), int(c[4:], 16)) for c in deepglobe.COLOURS]
SERVERS = {
    "cityscapes": Server(
        ("leftImg8bit/test/*",), "_leftImg8bit.png", "{}_pred_labelIds.png", cityscapes.LABEL_IDS, cityscapes.UNLABELLED
    ),
    "deepglobe": Server(("land-test", "test", "land-valid", "valid"), "_sat.jpg", "{}_mask.png", _DEEPGLOBE, (0, 0, 0)),
    "inria": Server(("AerialImageDataset/test/images", "test/images"), ".tif", "{}.tif", (0, 255), 0),
    "isic": Server(("ISIC2018_Task1-2_Test_Input",), ".jpg", "{}_segmentation.png", (0, 255), 0),
}


def find_server(dataset: str) -> Server:
    """The server of a dataset.

    Raises:
        DatasetError: It has none.
    """
    if dataset not in SERVERS:
        raise DatasetError(f"'{dataset}' has no server for predictions; there are those of {', '.join(SERVERS)}")
    return SERVERS[dataset]


def server_scenes(dataset: str, root: str | Path) -> list[Scene]:
    """The images that the server of a dataset wants, without labels; their pixels are read on demand.

    Raises:
        DatasetError: There is no such server, no image, or one cannot be opened.
    """
    server = find_server(dataset)
    for folder in server.images:
        files = files_in(Path(root), folder, server.image_suffix)
        if files:
            return [_unlabelled(name, file) for name, file in files.items()]
    places = ", ".join(f"'{Path(root) / folder}/*{server.image_suffix}'" for folder in server.images)
    raise DatasetError(f"No images for the server of '{dataset}': there is no {places}; give the folder as downloaded")


def _unlabelled(name: str, file: Path) -> Scene:
    info = raster_info(file)
    return scene_with_data(name, file, BlankLabels((info.height, info.width)), colour_bands(file))
