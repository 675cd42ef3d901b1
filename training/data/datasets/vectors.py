"""Labels drawn as polygons (GeoPackage, GeoJSON, Shapefile and more), brought onto an image's pixels.

In `classes.yaml`:

    vector:
      attribute: type            # the field that tells the class; its values are names or values of classes, or those
                                 # that a class lists under `attribute: [building, shed]`
      background: background     # class, or name of a `partial` entry, of what lies in no polygon; else that is ignored
      area: judged               # layer or file of polygons outside which nothing was labelled; without: all of it
      layer: labels              # where a file holds several
      ignore: [unclear]          # values of the attribute that count as unlabelled
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.warp import transform, transform_bounds

from training.data.arrays import FIRST_SET, IGNORE, PolygonLabels, Rings
from training.errors import DatasetError
from uhrs_qgis_plugin.engine.areas import rings_of_wkb
from uhrs_qgis_plugin.engine.raster import RasterInfo

VECTOR_ENDINGS = (".gpkg", ".geojson", ".json", ".shp", ".fgb")
_EDGE = 32.0  # pixels: longer edges are cut before they are reprojected, as straight lines become curves
_MOST_CUTS = 1000  # of an edge
_MARGIN = 0.01  # of the image's sides: polygons so near are read too, as bounds in another CRS are estimates


@dataclass(frozen=True)
class VectorRule:
    """What classes.yaml says of polygons.

    Attributes:
        labels: Value of the attribute, as text -> label.
        attribute: The field that tells the class.
        layer: Of files with several; "" is the only one.
        area: Layer or file of the area that was judged; "" is the image's extent.
        rest: Label of what lies in no polygon.
    """

    labels: Mapping[str, int] = field(default_factory=dict)
    attribute: str = "class"
    layer: str = ""
    area: str = ""
    rest: int = IGNORE


def vector_rule(
    content: Mapping[str, Any], names: Sequence[str], values: Sequence[int], sets: Sequence[str] = ()
) -> VectorRule:
    """Read the part of classes.yaml that is about polygons.

    Args:
        content: Of the file.
        names: Of the classes.
        values: Of the classes in masks.
        sets: Names of what stands for several classes, which may be the background.

    Raises:
        ValueError: An entry has no meaning.
    """
    told = dict(content.get("vector") or {})
    unknown = set(told) - {"attribute", "layer", "area", "background", "ignore"}
    if unknown:
        raise ValueError(
            f"'vector' has no {sorted(unknown)[0]!r}; attribute, layer, area, background, ignore are known"
        )
    labels: dict[str, int] = {}
    for label, (entry, name, value) in enumerate(zip(content["classes"], names, values, strict=True)):
        listed = entry.get("attribute", [name, value])
        for one in listed if isinstance(listed, list) else [listed]:
            if labels.setdefault(_text(one), label) != label:
                raise ValueError(f"the attribute {one!r} stands for two classes")
    labels.update({_text(value): IGNORE for value in told.get("ignore") or []})
    background = told.get("background")
    if background is not None and background not in (*names, *sets):
        raise ValueError(f"background is {background!r}, which is no class")
    if background in sets:
        rest = FIRST_SET + sets.index(background)
    else:
        rest = IGNORE if background is None else names.index(background)
    texts = {key: str(told.get(key) or "") for key in ("layer", "area")}
    return VectorRule(labels, str(told.get("attribute") or "class"), texts["layer"], texts["area"], rest)


def polygon_labels(path: Path, image: RasterInfo, rule: VectorRule, root: Path) -> tuple[PolygonLabels, list[str]]:
    """The labels of an image from polygons, and what people should know about them.

    Args:
        path: The file of polygons.
        image: The image.
        rule: What classes.yaml says.
        root: Where a file of the judged area is looked for.

    Raises:
        DatasetError: They cannot be read, are no polygons, or have attributes that classes.yaml does not explain.
    """
    if not image.has_transform or not image.crs_wkt:
        raise DatasetError(
            f"'{image.path}' has no georeference, so polygons of '{path}' cannot be placed on it; georeference it, or "
            "label it with a mask"
        )
    layers = _layers(path)
    layer = _layer(path, layers, rule)
    shapes, texts = _read(path, layer, rule.attribute, image)
    unknown = sorted({text for text in texts if text not in rule.labels})
    if unknown:
        raise DatasetError(
            f"'{path}' has polygons with {rule.attribute} {', '.join(map(repr, unknown[:5]))}, which classes.yaml does "
            "not explain; list these values under 'attribute' of a class, or under 'ignore' of 'vector'"
        )
    area = None
    if rule.area:
        inside = rule.area in layers
        area_path = path if inside else _area_file(path, rule.area, root)
        area = _read(area_path, rule.area if inside else _layers(area_path)[0], "", image)[0]
    notes = []
    if area is not None and not area:
        notes.append(f"no area of '{rule.area}' lies on '{image.path}': nothing of it is labelled")
    elif not shapes:
        rest = "ignored" if rule.rest == IGNORE else "background"
        notes.append(f"no polygon of '{path}' lies on '{image.path}': all of it is {rest}")
    labels = [rule.labels[text] for text in texts]
    return PolygonLabels(shapes, labels, (image.height, image.width), rule.rest, area), notes


def _layers(path: Path) -> list[str]:
    """The layers of a file that may hold polygons."""
    pyogrio = _pyogrio()
    try:
        found = [(str(name), str(kind)) for name, kind in pyogrio.list_layers(path)]
    except (RuntimeError, ValueError) as error:
        raise DatasetError(
            f"Cannot read polygons from '{path}': {_line(error)}. Check that the file is complete"
        ) from error
    layers = [name for name, kind in found if "Polygon" in kind or kind in ("Unknown", "GeometryCollection", "Surface")]
    if not layers:
        raise DatasetError(f"'{path}' holds no layer of polygons, but {found}; labels must be polygons")
    return layers


def _layer(path: Path, layers: list[str], rule: VectorRule) -> str:
    """The layer of labels."""
    if rule.layer:
        if rule.layer not in layers:
            raise DatasetError(f"'{path}' has no layer '{rule.layer}', but {', '.join(layers)}; correct classes.yaml")
        return rule.layer
    rest = [name for name in layers if name != rule.area]
    if len(rest) != 1:
        raise DatasetError(
            f"'{path}' has the layers {', '.join(layers)}; name that of the labels in classes.yaml "
            "(vector: {layer: NAME})"
        )
    return rest[0]


def _area_file(path: Path, name: str, root: Path) -> Path:
    """The file of the judged area: beside the labels, or in the folder of the dataset."""
    for folder in (path.parent, root):
        if (folder / name).is_file():
            return folder / name
    raise DatasetError(
        f"The area '{name}' of classes.yaml is neither a layer of '{path}' nor a file beside it or in '{root}'; "
        "correct it"
    )


def _read(path: Path, layer: str, attribute: str, image: RasterInfo) -> tuple[list[Rings], list[str]]:
    """Polygons near an image in its pixels, and their attributes."""
    pyogrio = _pyogrio()
    try:
        told = pyogrio.read_info(path, layer=layer)
        fields = [str(name) for name in told["fields"]]
        if attribute and attribute not in fields:
            raise DatasetError(
                f"'{path}' has no attribute '{attribute}', but {', '.join(fields) or 'none'}; name the one that "
                "tells the class in classes.yaml (vector: {attribute: NAME})"
            )
        if not told["crs"]:
            raise DatasetError(f"'{path}' has no CRS, so its polygons have no place; give it one (ogr2ogr -a_srs ...)")
        crs, target = CRS.from_user_input(told["crs"]), CRS.from_wkt(image.crs_wkt)
        columns = [attribute] if attribute else []
        _, numbers, geometries, data = pyogrio.raw.read(
            path, layer=layer, columns=columns, force_2d=True, bbox=_bounds(image, target, crs), return_fids=True
        )
    except (RuntimeError, ValueError, RasterioError) as error:
        raise DatasetError(
            f"Cannot read polygons from '{path}': {_line(error)}. Check that the file is complete"
        ) from error
    values = data[0] if columns else [None] * len(geometries)
    shapes, texts = [], []
    for number, geometry, value in zip(numbers, geometries, values, strict=True):
        if geometry is None:
            continue
        try:
            shape = rings_of_wkb(bytes(geometry))
        except ValueError as error:
            raise DatasetError(f"Feature {number} of '{path}' is no polygon ({error}); remove or convert it") from error
        shapes.append(shape)
        texts.append(_text(value))
    return _on_pixels(shapes, crs, target, image, path), texts


def _bounds(image: RasterInfo, target: CRS, crs: CRS) -> tuple[float, float, float, float] | None:
    """The image's bounds in the CRS of polygons; None where they cannot be told, so that all are read."""
    x, x_col, x_row, y, y_col, y_row = image.transform
    corners = np.array([(0, 0), (image.width, 0), (0, image.height), (image.width, image.height)])
    places = np.array([x, y]) + corners @ np.array([[x_col, y_col], [x_row, y_row]])
    (left, bottom), (right, top) = places.min(0), places.max(0)
    try:
        left, bottom, right, top = transform_bounds(target, crs, left, bottom, right, top, densify_pts=21)
    except RasterioError:
        return None
    if not np.isfinite([left, bottom, right, top]).all() or left >= right:  # beyond 180 degrees
        return None
    across, up = _MARGIN * (right - left), _MARGIN * (top - bottom)
    return left - across, bottom - up, right + across, top + up


def _on_pixels(shapes: list[Rings], crs: CRS, target: CRS, image: RasterInfo, path: Path) -> list[Rings]:
    """Polygons in pixels of the image; long edges get more points where the CRS differs."""
    x, x_col, x_row, y, y_col, y_row = image.transform
    inverse = np.linalg.inv(np.array([[x_col, y_col], [x_row, y_row]]))

    def moved(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if crs != target:
            points = np.stack(transform(crs, target, *points.T)[:2], 1)
        return np.asarray((points - (x, y)) @ inverse)

    if not shapes:
        return []
    rings = [ring for shape in shapes for part in shape for ring in part]
    try:
        if crs != target:
            places = np.split(moved(np.concatenate(rings)), np.cumsum([len(ring) for ring in rings])[:-1])
            rings = [_cut(ring, place) for ring, place in zip(rings, places, strict=True)]
        made = iter(np.split(moved(np.concatenate(rings)), np.cumsum([len(ring) for ring in rings])[:-1]))
    except RasterioError as error:
        raise DatasetError(
            f"The polygons of '{path}' cannot be reprojected to the image's CRS: {_line(error)}"
        ) from error
    placed = [[[next(made) for _ in part] for part in shape] for shape in shapes]
    if not all(np.isfinite(ring).all() for shape in placed for part in shape for ring in part):
        raise DatasetError(
            f"Some polygons of '{path}' cannot be reprojected to the CRS of '{image.path}'; save them in that CRS"
        )
    return placed


def _cut(ring: npt.NDArray[np.float64], pixels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A ring whose edges are at most `_EDGE` pixels long."""
    lengths = np.hypot(*np.diff(pixels, axis=0).T)
    counts = np.clip(np.nan_to_num(np.ceil(lengths / _EDGE), nan=1, posinf=1), 1, _MOST_CUTS).astype(np.int64)
    if counts.max(initial=1) == 1:
        return ring
    start = np.repeat(np.arange(len(counts)), counts)
    along = (np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[start]
    points = ring[start] + (ring[start + 1] - ring[start]) * along[:, None]
    return np.vstack((points, ring[-1:]))


def _text(value: Any) -> str:  # noqa: ANN401 (whatever an attribute holds)
    """An attribute as text: 1.0 is '1', and nothing is ''."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if float(value).is_integer() else ("" if np.isnan(value) else str(float(value)))
    return str(value).strip()


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _pyogrio() -> Any:  # noqa: ANN401 (a module without types)
    """The reader of vector files, which masks alone do not need.

    Raises:
        DatasetError: It is not installed.
    """
    try:
        import pyogrio
        import pyogrio.raw
    except ImportError as error:
        raise DatasetError("Labels in polygons need pyogrio; install it (pip install pyogrio)") from error
    return pyogrio
