"""Look and materials of the synthetic scenes: what may vary, and which class every material belongs to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from training.errors import SettingsError

CLASSES = ("water", "land", "road", "building", "vegetation")
WATER, LAND, ROAD, BUILDING, VEGETATION = range(5)


class Material(IntEnum):
    """What a pixel is made of. The label of a pixel is a function of its material alone."""

    SAND = 0
    SOIL = 1
    YARD = 2
    TRACK = 3
    ASPHALT = 4
    STREET = 5
    PATH = 6
    PARKING = 7
    MARK = 8
    CAR_WHITE = 9
    CAR_DARK = 10
    CAR_RED = 11
    CAR_BLUE = 12
    LAKE = 13
    POOL = 14
    CANAL = 15
    GRASS = 16
    FAIRWAY = 17
    CROP = 18
    HEDGE = 19
    TREE = 20
    PALM = 21
    ROOF_WHITE = 22
    ROOF_BEIGE = 23
    ROOF_SAND = 24
    ROOF_RED = 25
    ROOF_GREY = 26
    ROOF_BROWN = 27
    ROOF_METAL = 28


# red, green, blue (0..255); class; strength of the fine grain, of the medium mottle, of the broad mottle
_TABLE: dict[Material, tuple[tuple[int, int, int], int, tuple[float, float, float]]] = {
    Material.SAND: ((206, 190, 163), LAND, (0.07, 0.10, 0.22)),
    Material.SOIL: ((168, 148, 120), LAND, (0.10, 0.20, 0.18)),
    Material.YARD: ((176, 166, 150), LAND, (0.08, 0.14, 0.14)),
    Material.TRACK: ((224, 212, 190), LAND, (0.06, 0.08, 0.10)),
    Material.ASPHALT: ((84, 81, 79), ROAD, (0.06, 0.08, 0.22)),
    Material.STREET: ((112, 106, 100), ROAD, (0.07, 0.10, 0.24)),
    Material.PATH: ((178, 170, 158), ROAD, (0.06, 0.08, 0.14)),
    Material.PARKING: ((122, 114, 105), ROAD, (0.06, 0.10, 0.20)),
    Material.MARK: ((196, 194, 186), ROAD, (0.04, 0.10, 0.10)),
    Material.CAR_WHITE: ((226, 227, 228), ROAD, (0.03, 0.0, 0.0)),
    Material.CAR_DARK: ((46, 46, 50), ROAD, (0.03, 0.0, 0.0)),
    Material.CAR_RED: ((150, 50, 42), ROAD, (0.03, 0.0, 0.0)),
    Material.CAR_BLUE: ((60, 84, 128), ROAD, (0.03, 0.0, 0.0)),
    Material.LAKE: ((46, 84, 80), WATER, (0.04, 0.06, 0.20)),
    Material.POOL: ((86, 186, 196), WATER, (0.03, 0.06, 0.05)),
    Material.CANAL: ((58, 104, 104), WATER, (0.04, 0.08, 0.20)),
    Material.GRASS: ((96, 106, 70), VEGETATION, (0.10, 0.18, 0.24)),
    Material.FAIRWAY: ((88, 106, 62), VEGETATION, (0.05, 0.08, 0.16)),
    Material.CROP: ((80, 94, 56), VEGETATION, (0.10, 0.14, 0.20)),
    Material.HEDGE: ((62, 78, 44), VEGETATION, (0.16, 0.22, 0.15)),
    Material.TREE: ((62, 80, 46), VEGETATION, (0.22, 0.24, 0.15)),
    Material.PALM: ((76, 92, 56), VEGETATION, (0.16, 0.12, 0.10)),
    Material.ROOF_WHITE: ((226, 224, 219), BUILDING, (0.03, 0.05, 0.04)),
    Material.ROOF_BEIGE: ((208, 192, 166), BUILDING, (0.04, 0.08, 0.05)),
    Material.ROOF_SAND: ((184, 166, 142), BUILDING, (0.04, 0.08, 0.05)),
    Material.ROOF_RED: ((158, 94, 70), BUILDING, (0.07, 0.10, 0.05)),
    Material.ROOF_GREY: ((146, 146, 146), BUILDING, (0.05, 0.10, 0.05)),
    Material.ROOF_BROWN: ((128, 110, 94), BUILDING, (0.06, 0.10, 0.05)),
    Material.ROOF_METAL: ((188, 198, 208), BUILDING, (0.03, 0.06, 0.05)),
}
CLASS_OF = np.array([_TABLE[m][1] for m in Material], dtype=np.uint8)
COLOUR_OF = np.array([_TABLE[m][0] for m in Material], dtype=np.float32)
TEXTURE_OF = np.array([_TABLE[m][2] for m in Material], dtype=np.float32)


@dataclass(frozen=True)
class Style:
    """Everything about a scene's look that varies from seed to seed.

    Attributes:
        sun_azimuth_deg: direction the light comes from, degrees clockwise from north.
        shadow_length: shadow length over object height, 0.2..3.
        warmth: -1 (bluish) .. 1 (yellowish) shift of the whole palette.
        sand_tone: brightness of bare ground, 0.7..1.2.
        green_tone: brightness of vegetation, 0.6..1.4.
        building_density: 0.5..1, share of the lots that are built up.
        resolution_scale: 0.5..2, size of everything: 2 shows it twice as large.
        haze: 0..0.4, weight of the bright veil.
        contrast: 0.7..1.3 about middle grey.
        noise: 0..12, standard deviation of the sensor noise in grey levels.
    """

    sun_azimuth_deg: float = 140.0
    shadow_length: float = 0.9
    warmth: float = 0.0
    sand_tone: float = 1.0
    green_tone: float = 1.0
    building_density: float = 0.9
    resolution_scale: float = 1.0
    haze: float = 0.05
    contrast: float = 1.0
    noise: float = 3.0

    def __post_init__(self) -> None:
        """Refuse a value outside its range, so that a scene is never silently empty or black.

        Raises:
            SettingsError: a field is outside the range in the class docstring.
        """
        bounds = {
            "sun_azimuth_deg": (-720.0, 720.0),
            "shadow_length": (0.2, 3.0),
            "warmth": (-1.0, 1.0),
            "sand_tone": (0.7, 1.2),
            "green_tone": (0.6, 1.4),
            "building_density": (0.5, 1.0),
            "resolution_scale": (0.5, 2.0),
            "haze": (0.0, 0.4),
            "contrast": (0.7, 1.3),
            "noise": (0.0, 12.0),
        }
        for name, (low, high) in bounds.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(f"Style {name}={value} is outside {low}..{high}. Choose a value inside.")

    @classmethod
    def from_seed(cls, seed: int) -> Style:
        """Draw a style; the same seed gives the same style on every platform."""
        draw = np.random.default_rng([seed & 0xFFFFFFFF, 7]).random(10)
        return cls(
            sun_azimuth_deg=float(95 + 130 * draw[0]),
            shadow_length=float(0.5 + 0.9 * draw[1]),
            warmth=float(-0.7 + 1.4 * draw[2]),
            sand_tone=float(0.82 + 0.3 * draw[3]),
            green_tone=float(0.8 + 0.4 * draw[4]),
            building_density=float(0.82 + 0.18 * draw[5]),
            resolution_scale=float(0.75 + 0.4 * draw[6]),
            haze=float(0.14 * draw[7]),
            contrast=float(0.9 + 0.22 * draw[8]),
            noise=float(1.5 + 3.5 * draw[9]),
        )

    def shadow_vector(self) -> tuple[float, float]:
        """Shadow of an object of height 1: (rows down, columns right)."""
        angle = math.radians(self.sun_azimuth_deg)
        return self.shadow_length * math.cos(angle), -self.shadow_length * math.sin(angle)

    def palette(self) -> npt.NDArray[np.float32]:
        """Colour of every material (M, 3) float32, 0..255, in this style."""
        colours = COLOUR_OF.copy()
        bare, green = CLASS_OF == LAND, CLASS_OF == VEGETATION
        colours[bare] *= np.float32(self.sand_tone)
        colours[green] *= np.float32(self.green_tone)
        shift = np.array([1 + 0.05 * self.warmth, 1.0, 1 - 0.12 * self.warmth], dtype=np.float32)
        return np.asarray(np.minimum(colours * shift, 250), dtype=np.float32)
