"""The page of a model card, after the usual template.

Reference: Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019), section 4: details, intended use, factors,
metrics, evaluation data, training data, analyses, caveats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from training.cards.measure import SAMPLES, STUDIED
from training.cards.record import Record, graphs_name
from training.cards.texts import Texts
from uhrs_qgis_plugin.engine.bundle import Bundle

_PRECISIONS = {"float": "in floating point", "int8": "in 8 bits"}


def card(bundle: Bundle, texts: Texts, record: Record, command: str) -> str:
    """The card in Markdown.

    Args:
        bundle: The model.
        texts: What people wrote.
        record: What was measured of its graphs.
        command: The command that writes it, for the reader.
    """
    parts: list[list[str]] = [
        [f"# Model card: {bundle.name}"],
        [texts.summary],
        [f"Written by `{command}`; the texts are in the `.card.yaml` beside the model, the figures in `.card.json`."],
        _details(bundle, texts),
        ["## Intended use", "", texts.intended_use],
        ["## Data", "", texts.data],
        [f"Validation: {texts.validation}"],
        [f"Test: {texts.test}"],
        ["## Recipe", "", "```sh", *texts.recipe.strip().splitlines(), "```", "", texts.recipe_note],
        _measured(bundle, record),
        _calibration(bundle, record),
        _uncertainty(record),
        *(_table(kind, title, rows, texts) for kind, tables in record.tables.items() for title, rows in tables.items()),
        _pictures(texts),
        ["## Limits", "", *(f"- {limit}" for limit in texts.limits)],
        ["## Licence", "", f"{texts.licence} for the weights. The makers of the data are named above."],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _details(bundle: Bundle, texts: Texts) -> list[str]:
    """What it is, in a table."""
    classes = ", ".join(entry.name for entry in bundle.classes)
    size = "unknown" if bundle.resolution_m is None else f"{bundle.resolution_m:g} m"
    fit = "no statistics" if bundle.imagery is None else f"statistics of {bundle.imagery.windows:,} windows"
    rows = {
        "Version": f"{texts.version}; graphs {graphs_name(bundle.graphs_sha256)}",
        "Task": f"semantic segmentation: {classes}",
        "Input": f"{len(bundle.bands)} bands ({', '.join(bundle.bands)}), {bundle.data_type}; {texts.imagery}",
        "Pixel size": f"{size} (`raster:spatial_resolution`). {texts.pixel_size}",
        "Network": f"{bundle.architecture}: {texts.network}; {bundle.total_parameters:,} parameters",
        "Graphs": ", ".join(_PRECISIONS[name] for name in bundle.precisions) + _eight_bits(bundle),
        "Training imagery": f"{fit} in the bundle, by which the engine tells how well a raster fits",
        "Hardware, time": texts.hardware,
        "Licence": texts.licence,
    }
    return ["| | |", "|---|---|", *(f"| {name} | {' '.join(text.split())} |" for name, text in rows.items())]


def _eight_bits(bundle: Bundle) -> str:
    """Which streams have 8-bit graphs."""
    streams = " and ".join(sorted(bundle.int8_graphs, reverse=True))
    return f" (streams: {streams})" if streams else ""


def _measured(bundle: Bundle, record: Record) -> list[str]:
    """Scores of each split."""
    classes = [entry.name for entry in bundle.classes]
    lines = [
        "## Measured",
        "",
        "Through the engine, scenes whole, one confusion matrix over all scenes of a split; unlabelled pixels are "
        "ignored. K is the share of patches that are refined at full scale. IoU and accuracy in per cent, with 95 % "
        f"intervals in brackets ({SAMPLES:,} bootstrap samples of squares of the scenes; with few squares they are too "
        "narrow).",
    ]
    for split, found in record.splits.items():
        scenes = found["scenes"]
        shown = ", ".join(scenes) if len(scenes) <= 8 else f"{len(scenes)} scenes"
        lines += ["", f"### {split}", "", f"{shown}; {found['squares']} squares of {found['side']} px."]
        for precision, rows in found["precisions"].items():
            heads = ["mIoU", "accuracy", *classes]
            lines += ["", f"| {_PRECISIONS[precision]} | " + " | ".join(heads) + " |", "|---" * (1 + len(heads)) + "|"]
            for setting, row in rows.items():
                cells = [row["miou"], row["accuracy"], *(row["iou"][name] for name in classes)]
                lines.append(f"| {setting} | " + " | ".join(_cell(cell) for cell in cells) + " |")
        plain = found["precisions"].get("float")
        if plain:
            best = plain["K = 100 %"]["miou"][0]
            kept = [f"{setting} keeps {100 * row['miou'][0] / best:.1f} %" for setting, row in plain.items()][:-1]
            lines += ["", f"Of the mIoU of K = 100 %, {', '.join(kept)}."]
        if "equal" in found:
            equal = ", ".join(f"{share:.2f} % ({setting})" for setting, share in found["equal"].items())
            lines += ["", f"The same labels in both precisions: {equal}."]
    return lines


def _cell(value: Sequence[float] | None) -> str:
    """A value with its interval."""
    return "-" if value is None else f"{value[0]:.2f} ({value[1]:.1f} to {value[2]:.1f})"


def _calibration(bundle: Bundle, record: Record) -> list[str]:
    """What the final uncertainty claims against what is right."""
    lines = ["## Calibration", ""]
    if bundle.calibration:
        warm = bundle.calibration["temperatures"]
        lines.append(
            "The final uncertainty (band 2) is the entropy of probabilities whose logits are divided by "
            f"{warm['low']:.2f} where no patch is selected and by {warm['fused']:.2f} in selected patches. These "
            f"temperatures were fitted on {bundle.calibration['measured_on']}, scenes counting alike "
            "(`training/calibrate_model.py`); classes and U do not depend on them."
        )
    else:
        lines.append("The final uncertainty (band 2) is the entropy of the network's own probabilities.")
    lines += [
        "Expected calibration error (15 bins of confidence) in per cent, without and with the temperatures; scenes "
        "alike: each scene counts as much as any other, else each pixel does.",
        "",
        "| split | K | without | with | scenes alike, without | with |",
        "|---|---|---|---|---|---|",
    ]
    for split, found in record.splits.items():
        for setting, row in found["calibration"].items():
            values = [row[key] for key in ("before", "after", "before_by_scene", "after_by_scene")]
            lines.append(f"| {split} | {setting[4:]} | " + " | ".join(f"{value:.2f}" for value in values) + " |")
    return lines


def _uncertainty(record: Record) -> list[str]:
    """How useful U is."""
    lines: list[str] = []
    for split, found in record.splits.items():
        studied = found.get("uncertainty")
        if studied is None:
            continue
        areas = {name: row["auroc"] for name, row in studied["errors_of_the_low_stream"].items()}
        told = ", ".join(f"{area:.3f} by {name}" for name, area in areas.items() if area is not None)
        lines += ["", f"On {split} (in torch), the low stream's errors are found with an AUROC of {told}."]
        ratios = [f"{100 * ratio:g}" for ratio in STUDIED]
        lines += ["", "| patches chosen by | " + " | ".join(f"mIoU at K = {k} %" for k in ratios) + " |"]
        lines.append("|---" * (1 + len(ratios)) + "|")
        chosen = studied["miou_by_selector"]
        for name, row in chosen.items():
            lines.append(f"| {name} | " + " | ".join(f"{row[k]:.2f}" for k in ratios) + " |")
        shares = [f"{share:.0f} % at K = {k} %" for k in ratios if (share := _realised(chosen, k)) is not None]
        if shares:
            lines += ["", f"Of what an oracle gains over random patches, U realises {', '.join(shares)}."]
    return ["## Usefulness of the uncertainty", *lines] if lines else []


def _realised(chosen: Mapping[str, Mapping[str, float]], ratio: str) -> float | None:
    """Share of the oracle's gain over random, in per cent; None where it gains nothing."""
    whole = chosen["oracle"][ratio] - chosen["random"][ratio]
    return 100 * (chosen["U"][ratio] - chosen["random"][ratio]) / whole if whole > 0 else None


def _places(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| K | IoU, % | squares |"
    yield "|---|---|---|"
    for row in rows:
        low, high = row["interval"]
        yield f"| {100 * row['K']:g} % | {row['iou']:.1f} ({low:.1f} to {high:.1f}) | {row['squares']} |"


def _looks(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    settings = [key for key in rows[0] if key.startswith("K = ")]
    yield "| look | " + " | ".join(f"mIoU, {name}" for name in settings) + " |"
    yield "|---" * (1 + len(settings)) + "|"
    for row in rows:
        yield f"| {row['look']} | " + " | ".join(f"{row[name]:.1f}" for name in settings) + " |"


def _pixel_sizes(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| pixel of the raster, of the model's | overviews | read | mIoU |"
    yield "|---|---|---|---|"
    for row in rows:
        read = "at the model's pixel size" if row["resolution"] == "auto" else "at its own pixels"
        yield f"| {row['pixel']:g} | {row['overviews']} | {read} | {row['miou']:.2f} |"


_ROWS: dict[str, tuple[str, Callable[[Sequence[Mapping[str, Any]]], Iterator[str]]]] = {
    "places": ("Rasters as they come", _places),
    "looks": ("Other looks", _looks),
    "pixel_sizes": ("Other pixel sizes", _pixel_sizes),
}


def _table(kind: str, title: str, rows: Sequence[Mapping[str, Any]], texts: Texts) -> list[str]:
    """Rows that a script of benchmarks/ wrote."""
    heading, draw = _ROWS[kind]
    above = [texts.tables[kind], ""] if kind in texts.tables else []
    return [f"## {heading}: {title}", "", *above, *draw(rows)]


def _pictures(texts: Texts) -> list[str]:
    """Pictures of docs/pictures."""
    lines: list[str] = []
    for name, caption in texts.pictures.items():
        lines += ["", f"![{caption.split('.')[0]}](../../docs/pictures/{name})", "", f"*{caption}*"]
    return ["## Where it errs", *lines] if lines else []
