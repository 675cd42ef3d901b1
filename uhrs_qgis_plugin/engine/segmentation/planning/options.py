"""What a caller of the engine may choose, and where the results go."""

from __future__ import annotations

import math
from dataclasses import dataclass

from uhrs_qgis_plugin.engine.cluster import parse_address
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.grid import CELL32
from uhrs_qgis_plugin.engine.inference import PRECISIONS, PROVIDERS, is_device
from uhrs_qgis_plugin.engine.raster import ALPHA_RULES, check_stretch

UNCERTAINTY_CELLS = (1, 2, 4, 8)

UNREADABLE = ("stop", "nodata")

GRIDS = ("working", "input")


def as_resolution(text: str) -> str | float:
    """Read `Options.resolution` from a text; what is no number is a word, which `Options` checks."""
    try:
        return float(text)
    except ValueError:
        return text.strip().lower()


@dataclass(frozen=True)
class Options:
    """How to segment.

    Attributes:
        ratio: K, the fraction of patches to refine, 0..1; None = the model's default.
        threshold: Refine the patches whose mean U is at least this, 0..1, instead of a fraction.
        minutes: Refine the patches of highest U until the run has taken this long, instead of a fraction.
        bands: Raster bands (from 1) in the model's order; None = found by their roles, see `choose_bands`.
        alpha: What alpha bands are: "auto" and "mask", 0 means no data ("auto" refuses those that are described as
            something else); "data", bands like others.
        asset: The asset of STAC items that is the imagery; None = the only one that can be.
        stretch: How wider numbers come to a model of 8 bits: "auto", linearly between percentiles of each band; "none",
            not at all; "LOW,HIGH", linearly, these become 0 and 255 in all bands.
        bounds: (left, bottom, right, top) in the raster's CRS to process; None = all.
        area: Area of interest: polygons in the raster's CRS (without georeference x = column and y = -row, as in QGIS),
            each as well-known binary in hexadecimal digits; what lies outside counts as no data. None = all.
        crs: Coordinate reference system of the raster (EPSG:32640, WKT, PROJ string) in place of what its file says;
            None = the file's.
        device: "auto", a key of `PROVIDERS`, or cards such as "cuda:1", "cuda:0,2", "cuda:all".
        precision: "float", "int8" (8-bit weights and activations, where the model has them), or "auto": 8 bits on
            processors that are faster so.
        scene_side: Pixels, at least 32; rounded down to what the model's patches allow.
        scene_overlap: Pixels, a multiple of 32 below the scene side.
        block_side: Pixels, at least 32; rounded down to what the model's patches allow.
        batch_size: Patches per run of the high stream; None = what the device's memory and speed suggest.
        resolution: Pixel size at which the raster is read: "auto", that of the model where the raster's own differs by
            more than 1.4 times; "native", the raster's own; or metres.
        grid: Pixels of the outputs: those of the "working" grid, at which the raster is read; or those of the "input",
            each with the class of the nearest working pixel.
        uncertainty_cell: Pixels per pixel of the uncertainty raster: 1, 2, 4 or 8.
        unfamiliar: Add a third band to the uncertainty raster: how unlike the model's training imagery each place is.
        unreadable: What damaged blocks of the raster do: "stop" the run, or count as "nodata".
        cluster: Workers that compute in place of this process: "local:4", processes here; "tcp://HOST:PORT", those of
            a Dask scheduler; "slurm:20", "pbs:20", "kubernetes:20", jobs of a queue. The result is the same.
        resume: Go on from an earlier run of the same job that did not end, and keep what is finished if this one
            does not end either.
    """

    ratio: float | None = None
    threshold: float | None = None
    minutes: float | None = None
    bands: tuple[int, ...] | None = None
    alpha: str = "auto"
    asset: str | None = None
    stretch: str = "auto"
    bounds: tuple[float, float, float, float] | None = None
    area: tuple[str, ...] | None = None
    crs: str | None = None
    device: str = "auto"
    precision: str = "auto"
    scene_side: int = 5120
    scene_overlap: int = 256
    block_side: int = 2048
    batch_size: int | None = None
    resolution: str | float = "auto"
    grid: str = "working"
    uncertainty_cell: int = 8
    unfamiliar: bool = False
    unreadable: str = "stop"
    resume: bool = False
    cluster: str | None = None

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            OptionsError: A value is not allowed, or values do not fit each other.
        """
        self._check_amount()
        if self.device != "auto" and not is_device(self.device):
            raise OptionsError(
                f"Device '{self.device}' is unknown: choose auto or one of {', '.join(PROVIDERS)}, "
                "or cards such as cuda:1, cuda:0,2 or cuda:all."
            )
        if self.precision not in PRECISIONS:
            raise OptionsError(
                f"precision={self.precision!r} is not allowed: choose {', '.join(PRECISIONS[:-1])} or {PRECISIONS[-1]}."
            )
        if self.uncertainty_cell not in UNCERTAINTY_CELLS:
            raise OptionsError(f"uncertainty_cell={self.uncertainty_cell} is not allowed: choose 1, 2, 4 or 8.")
        self._check_pixels()
        self._check_sides()
        self._check_place()
        if self.alpha not in ALPHA_RULES:
            raise OptionsError(
                f"alpha={self.alpha!r} is not allowed: choose {', '.join(ALPHA_RULES[:-1])} or {ALPHA_RULES[-1]}."
            )
        check_stretch(self.stretch)
        if self.cluster is not None:
            parse_address(self.cluster)

    def _check_amount(self) -> None:
        """Check how much is to be refined."""
        amounts = {"ratio": self.ratio, "threshold": self.threshold, "minutes": self.minutes}
        given = [f"{name}={value}" for name, value in amounts.items() if value is not None]
        if len(given) > 1:
            raise OptionsError(f"{' and '.join(given)} were given: choose one of them.")
        for name, value in (("ratio", self.ratio), ("threshold", self.threshold)):
            if value is not None and not 0 <= value <= 1:
                raise OptionsError(f"{name}={value} is not allowed: choose a number in 0..1.")
        if self.minutes is not None and not 0 < self.minutes < math.inf:
            raise OptionsError(f"minutes={self.minutes} is not allowed: choose a number above 0.")
        if self.minutes is not None and self.resume:
            raise OptionsError(
                "minutes and resume were both given: a run that ends at a given time has nothing to resume."
            )
        if self.unreadable not in UNREADABLE:
            raise OptionsError(f"unreadable={self.unreadable!r} is not allowed: choose {' or '.join(UNREADABLE)}.")

    def _check_pixels(self) -> None:
        """Check the pixel size and the grid of the outputs."""
        size = self.resolution
        if size not in ("auto", "native") if isinstance(size, str) else not 0 < size < math.inf:
            raise OptionsError(
                f"resolution={self.resolution} is not allowed: choose auto, native, or metres above 0 such as 0.3."
            )
        if self.grid not in GRIDS:
            raise OptionsError(f"grid={self.grid!r} is not allowed: choose {' or '.join(GRIDS)}.")

    def _check_sides(self) -> None:
        """Check scenes, blocks and batches."""
        for name, least in (("scene_side", CELL32), ("block_side", CELL32), ("batch_size", 1)):
            if getattr(self, name) is not None and getattr(self, name) < least:
                raise OptionsError(f"{name}={getattr(self, name)} is not allowed: choose {least} or more.")
        if not 0 <= self.scene_overlap <= self.scene_side - CELL32 or self.scene_overlap % CELL32:
            raise OptionsError(
                f"scene_overlap={self.scene_overlap} is not allowed with scene_side={self.scene_side}: "
                f"choose a multiple of 32 in 0..{self.scene_side - CELL32}."
            )

    def _check_place(self) -> None:
        """Check bands and bounds."""
        if self.bands is not None and (not self.bands or min(self.bands) < 1):
            raise OptionsError(f"bands={list(self.bands)} is not allowed: give numbers from 1, one per model band.")
        if self.area is not None and not self.area:
            raise OptionsError("The area of interest holds no polygon: give one, or leave it away.")
        if self.bounds is not None:
            if len(self.bounds) != 4 or not all(math.isfinite(value) for value in self.bounds):
                raise OptionsError(f"bounds={self.bounds} is not allowed: give left, bottom, right, top.")
            left, bottom, right, top = self.bounds
            if left >= right or bottom >= top:
                raise OptionsError(
                    f"bounds={self.bounds} hold no area: give left, bottom, right, top with left < right, bottom < top."
                )
