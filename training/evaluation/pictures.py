"""Pictures: image, truth, prediction and uncertainty side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from training.data.arrays import IGNORE, PixelArray, Scene

_PANEL_PIXELS = 900  # longest side of a panel in pixels


def colour_labels(labels: npt.NDArray[np.uint8], colours: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Labels (H, W) -> RGB (H, W, 3); ignored pixels are grey."""
    palette = np.full((256, 3), 128, np.uint8)
    for value, colour in enumerate(colours):
        palette[value] = [int(colour[i : i + 2], 16) for i in (0, 2, 4)]
    palette[IGNORE] = 128
    return palette[labels]


def laid_over(scene: Scene, labels: PixelArray, colours: Sequence[str], opacity: float) -> npt.NDArray[np.uint8]:
    """The image of a scene with the colours of the labels over it: RGB (H, W, 3). Pixels without a label stay bare.

    Args:
        opacity: of the colours, 0 to 1.
    """
    found = np.asarray(labels)
    shown = np.moveaxis(_visible(np.asarray(scene.image[:3]), None if scene.valid is None else scene.valid[:]), 0, -1)
    shown = shown if shown.shape[-1] == 3 else shown[..., :1].repeat(3, -1)
    weight = np.where(found == IGNORE, 0.0, opacity)[..., None]
    return (shown * (1 - weight) + colour_labels(found, colours) * weight + 0.5).astype(np.uint8)


def _visible(image: npt.NDArray[np.generic], valid: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.uint8]:
    """Bands (B, h, w) as 0 to 255; all but bytes are stretched between their 2nd and 98th percentile."""
    if image.dtype == np.uint8:
        return image.astype(np.uint8)
    values = image.astype(np.float64)
    known = np.isfinite(values) if valid is None else np.isfinite(values) & valid
    values[~known] = 0
    low, high = np.percentile(values[known], (2, 98)) if known.any() else (0, 1)
    return (255 * (values - low) / max(high - low, 1e-9)).clip(0, 255).astype(np.uint8)


def save_panels(
    path: Path,
    scene: Scene,
    labels: PixelArray,
    uncertainty: npt.NDArray[np.float32] | None,
    classes: dict[str, str],
) -> None:
    """Write one PNG of four panels, or three where there is no U.

    Args:
        labels: the prediction (H, W).
        uncertainty: U (h, w) in [0, 1]; None where the network has none.
        classes: colour RRGGBB by class name, in the order of the labels.
    """
    step = max(1, max(scene.labels.shape) // _PANEL_PIXELS)
    every = (slice(None, None, step),) * 2
    valid = None if scene.valid is None else scene.valid[every]
    image = scene.image[:3, ::step, ::step]
    scene_figure(image, scene.labels[every], labels[every], uncertainty, classes, valid).savefig(path, dpi=75)


def scene_figure(
    image: npt.NDArray[np.generic],
    truth: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.uint8],
    uncertainty: npt.NDArray[np.float32] | None,
    classes: dict[str, str],
    valid: npt.NDArray[np.bool_] | None = None,
) -> Figure:
    """Image, truth, prediction and U side by side, with a legend.

    Args:
        image: (B, H, W); one band is drawn grey, three as colours.
        truth: (H, W).
        labels: the prediction (H, W).
        uncertainty: U (h, w) in [0, 1]; None leaves its panel out.
        classes: colour RRGGBB by class name, in the order of the labels.
        valid: (H, W), which pixels of the image hold data; None: all.
    """
    shown = np.moveaxis(_visible(image, valid), 0, -1)
    colours = list(classes.values())
    panels = (
        ("image", shown if shown.shape[-1] == 3 else shown[..., 0]),
        ("truth", colour_labels(truth, colours)),
        ("prediction", colour_labels(labels, colours)),
    )
    count = 3 if uncertainty is None else 4
    height = 24 / 4 * shown.shape[0] / shown.shape[1] + 0.8
    figure = Figure(figsize=(6 * count, height), layout="constrained")
    axes = figure.subplots(1, count)
    for axis, (title, panel) in zip(axes, panels, strict=False):
        axis.imshow(panel, cmap="gray")
        axis.set_title(title)
    if uncertainty is not None:
        drawn = axes[3].imshow(uncertainty, cmap="cividis", vmin=0, vmax=1)
        axes[3].set_title("uncertainty U")
        axes[3].figure.colorbar(drawn, ax=axes, fraction=0.02, pad=0.01)
    for axis in axes:
        axis.axis("off")
    legend = [Patch(color=f"#{colour}", label=name) for name, colour in classes.items()]
    figure.legend(handles=legend, loc="outside lower center", ncols=len(legend))
    return figure


def confusion_figure(matrix: npt.NDArray[np.int64], class_names: Sequence[str]) -> Figure:
    """A confusion matrix as shares of the true class, in per cent, with the pixels below.

    Args:
        matrix: (C, C) pixels; rows = truth, columns = prediction. Rows without pixels stay empty.
    """
    total = matrix.sum(1, keepdims=True)
    shares = np.divide(100 * matrix, total, out=np.full(matrix.shape, np.nan), where=total > 0)
    side = 2 + 0.7 * len(class_names)
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axis = figure.subplots()
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    for (row, col), share in np.ndenumerate(shares):
        if np.isfinite(share):
            told, ink = f"{share:.0f}\n{_counted(int(matrix[row, col]))}", "white" if share > 60 else "black"
            axis.text(col, row, told, ha="center", va="center", fontsize=8, color=ink)
    axis.set_xticks(range(len(class_names)), class_names, rotation=45, ha="right")
    axis.set_yticks(range(len(class_names)), class_names)
    axis.set_xlabel("prediction")
    axis.set_ylabel("truth")
    axis.set_title("per cent of the true class, and pixels")
    return figure


def _counted(pixels: int) -> str:
    """A number of pixels, with three digits at most: 47, 1.2k, 83M."""
    thousands = 0
    while pixels >= 999.5 * 1000**thousands:
        thousands += 1
    return f"{pixels / 1000**thousands:.3g}{' kMGTP'[thousands].strip()}"
