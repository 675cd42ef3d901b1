"""The page that `run.py` writes: only what was measured, and what is missing and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from training.benchmarking import load_published

RATIOS = (1.0, 0.75, 0.5)
SIZES = {"deepglobe": 2448, "inria": 5000, "urur": 5120}
PUBLISHED_FPS, TIMES = 10.9, 10  # at 5000 x 5000, K = 1; what we want to be faster by
GOAL_MPX = 300  # million pixels a second from file to files
LEAST_EQUAL = 0.999  # share of labels that a device promises
PRECISIONS = {
    "plugin": "as the plugin runs it",
    "float": "32 bits throughout",
    "tf32": "TF32 in convolutions (the plugin's choice)",
    "half": "half precision, all graphs",
    "half_high": "half precision, high stream alone",
    "int8_processor": "8 bits, on the processor",
}
NETWORKS = {"ours": "ours", "published": "published network"}
WORDS = {"reader": "reading the raster", "network": "the network", "writer": "writing", "main thread": "laying patches and scenes out"}  # fmt: skip
CHOICES = """\
- **TF32** is the reduced precision that the engine uses: convolutions on tensor cores with the range of 32 bits and the mantissa of
  half precision, without a second set of graphs.
- **Graphs in half precision** are not used. They agree with the processor on fewer labels, and they made runs slower although each
  graph alone is faster once it is warm ("The graphs of the plugin"). A run has many shapes (scenes and blocks at edges, batches of
  1, 2, 4 ... patches), cuDNN prepares each convolution anew for each of them, and the converted graphs change to 32 bits and back
  around every operator that has no kernel in half precision (Resize is one). Which of the two costs more was not measured.
- **High features stay on the card** between the high stream and the fusion; only those that later blocks need come back, and all of a
  block where the card's memory is too short to fuse it at once. With several cards they go through the processor's memory: any card
  may fuse a block.
- **Page-locked (pinned) buffers** are not used: onnxruntime's Python functions offer none for CUDA. What still travels is 3 bytes a
  pixel up and 1 byte down.
- **TensorRT** is not used: its cache tells engines apart by the names in a graph and not by the weights, so a model could be
  answered by the engine of another, and it builds engines for minutes.
- **CUDA graphs** are not used: they need one shape for all runs."""


def page(content: dict[str, Any]) -> str:
    """The whole page, Markdown."""
    sections = content["sections"]
    parts: list[tuple[str, Callable[[], str]]] = [
        ("Machine", lambda: _machine(sections.get("facts", {}))),
        ("Does it answer as the processor does?", lambda: _agreement(sections.get("agreement", {}))),
        ("From file to files", lambda: _end_to_end(sections.get("end_to_end", {}))),
        ("Networks by the published protocol", lambda: _protocol(sections)),
        ("The graphs of the plugin", lambda: _graphs(sections.get("graphs", {}))),
        ("Training", lambda: _training(sections.get("training", {}))),
        ("What the engine does with a card", lambda: CHOICES),
        ("What is missing", lambda: _gathered(_missing(sections)) or "Nothing."),
    ]
    text = [
        "# On a graphics card",
        f"Written by `{content['command']}` on {content['date']}, in {content.get('seconds', 0):.0f} s. Device: "
        f"`{content['device']}`." + (" Sizes of `--quick`: **the numbers mean nothing.**" if content["quick"] else ""),
        *([content["note"]] if content.get("note") else []),
    ]
    for title, write in parts:
        try:
            body = write()
        except Exception as error:  # one odd finding must not cost the others
            body = f"This part could not be written: {error!r}."
        text += [f"## {title}", body or "Not measured."]
    return "\n\n".join(text) + "\n"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _machine(facts: dict[str, Any]) -> str:
    card, machine, torch = facts.get("card", {}), facts.get("machine", {}), facts.get("torch", {})
    ort, drivers = facts.get("onnxruntime", {}), facts.get("driver", {})
    rows = [
        ["card", card.get("name") or card.get("missing", "")],
        ["memory of the card, and in use before", f"{card.get('memory.total', '?')}, {card.get('memory.used', '?')}"],
        ["busy before", card.get("utilization.gpu", "?")],
        ["driver", f"{card.get('driver_version', '?')}" + _cuda_of(drivers)],
        ["power limit, PCIe", f"{card.get('power.limit', '?')}, generation {card.get('pcie.link.gen.current', '?')} x{card.get('pcie.link.width.current', '?')}"],
        ["processor", f"{machine.get('processor', '?')}, {machine.get('cores', '?')} cores, load {machine.get('load_before', '?')}"],
        ["memory", f"{machine.get('memory_gib', '?')} GiB"],
        ["Python, numpy", f"{machine.get('python', '?')}, {machine.get('numpy', '?')}"],
        ["onnxruntime", f"{ort.get('version', '?')}, built for CUDA {ort.get('built_for_cuda') or '-'}"],
        ["torch", f"{torch.get('version', '?')}, CUDA {torch.get('cuda') or '-'}, cuDNN {torch.get('cudnn') or '-'}"],
    ]  # fmt: skip
    return _table(["what", "value"], rows) if facts else ""


def _cuda_of(drivers: Any) -> str:
    if not isinstance(drivers, list) or not drivers:
        return ""
    return f", serves CUDA {drivers[0]['cuda'][0]}.{drivers[0]['cuda'][1]}"


def _agreement(found: dict[str, Any]) -> str:
    rows = []
    for key, words in PRECISIONS.items():
        scenes = {name: one for name, one in found.get(key, {}).items() if isinstance(one, dict)}
        if not scenes:
            continue
        equal = {name: one["equal_labels"] for name, one in scenes.items()}
        worst = min(equal, key=lambda name: equal[name])
        rows.append(
            [
                words,
                next(iter(scenes.values()))["device"],
                f"{100 * equal.get('generated', float('nan')):.3f}",
                f"{100 * equal[worst]:.3f}",
                f"{max(one['largest_difference_of_u'] for one in scenes.values()):.3f}",
                f"{max(one['mean_difference_of_u'] for one in scenes.values()):.5f}",
            ]
        )
    if not rows:
        return ""
    head = ["precision", "device", "equal labels, generated scene (%)", "worst scene (%)", "largest difference of U", "mean, worst scene"]  # fmt: skip
    scenes = found.get("scenes", {})
    text = [
        f"Labels and U against the processor in 32 bits, on {len(scenes)} scenes of "
        f"{min(scenes.values(), default=0)} to {max(scenes.values(), default=0)} pixels a side; every second patch is refined. {100 * LEAST_EQUAL:g} % is promised.",
        _table(head, rows),
    ]
    places = found.get("placement", {})
    if places and "missing" not in places:
        text += ["Where the nodes of each graph run, and the time of two runs:", _placement(places)]
    return "\n\n".join(text)


def _placement(places: dict[str, Any]) -> str:
    rows = []
    for graph, providers in places.items():
        for provider, one in sorted(providers.items()):
            kinds = ", ".join(f"{number} {kind}" for kind, number in list(one["kinds"].items())[:6])
            rows.append(
                [f"{graph}, {provider.removesuffix('ExecutionProvider')}", str(one["nodes"]), f"{one['ms']:.2f}", kinds]
            )
    return _table(["graph", "nodes", "ms", "most of them"], rows)


def _end_to_end(found: dict[str, Any]) -> str:
    rows, lines, best = [], [], 0.0
    for name, one in found.items():
        if not isinstance(one, dict) or "mpx_per_s" not in one:
            continue
        stages, card = one["stages"], one.get("card", {})
        is_trial = name.startswith("first")
        title = f"K = 0.5, {found.get('first_side', '?')} pixels a side{name[5:]}" if is_trial else name
        best = max(best, one["mpx_per_s"])
        rows.append(
            [
                title,
                one["device"],
                f"{one['seconds']:.1f}",
                f"**{one['mpx_per_s']:.0f}**",
                *(f"{stages.get(stage, 0):.1f}" for stage in ("check", "coarse", "refine", "publish")),
                f"{card['utilisation_percent']:.0f}" if "utilisation_percent" in card else "-",
                f"{one['peak_memory_mib']:.0f}",
            ]
        )
        for stage, part in one["threads"].items():
            busy = ", ".join(f"{WORDS.get(who, who)} {value:.1f} s" for who, value in sorted(part["busy"].items(), key=lambda pair: -pair[1]))  # fmt: skip
            lines.append(
                f"- {title}, {stage}: bottleneck is **{WORDS.get(part['bottleneck'], part['bottleneck'])}** ({busy})."
            )
    if not rows:
        return ""
    raster = found.get("raster", {})
    head = ["run", "device", "s", "Mpx/s", "check", "coarse", "refine", "publish", "card busy (%)", "memory (MiB)"]
    whole = any(name.startswith("K = ") and "mpx_per_s" in one for name, one in found.items() if isinstance(one, dict))
    goal = f"Goal: {GOAL_MPX} Mpx/s. " + ("Reached." if best >= GOAL_MPX else f"Not reached: {best:.0f} Mpx/s at most.")
    if not whole:
        goal += " The whole raster was not run; what a run pays once (check, kernels) weighs more on smaller ones."
    size = f"{raster.get('side', 0):,} x {raster.get('side', 0):,} pixels, {raster.get('bytes', 0) / 1e9:.1f} GB of tiled DEFLATE"
    return "\n\n".join([f"A generated raster of {size}.", _table(head, rows), goal, "\n".join(lines)])


def _protocol(sections: dict[str, Any]) -> str:
    published = load_published()
    torch_rows = {**sections.get("protocol", {}), **sections.get("compile", {})}
    graphs = sections.get("graphs", {})
    rows, best = [], (0.0, "")
    for size, side in {**SIZES, "tiny": 256}.items():
        methods = {method.name: method for method in published.of(size)}
        for ratio in RATIOS:
            for name, one in _rows_of(torch_rows, graphs, size, ratio):
                reference = methods.get(f"RUE, K = {round(100 * ratio)} %")
                number = reference.number("fps") if reference else None
                if size == "inria" and ratio == 1.0 and one["fps"] > best[0] and "published network" not in name:
                    best = (one["fps"], name)
                rows.append(
                    [
                        f"{one.get('side', side)}, K = {ratio:g}",
                        name,
                        f"{one['fps']:.1f}",
                        f"{number:g}" if number else "-",
                        f"{one['fps'] / number:.1f}" if number else "-",
                        _memory(one.get("memory", {})),
                        f"{reference.number('memory_mb'):.0f}" if reference and reference.number("memory_mb") else "-",
                    ]
                )
    if not rows:
        return ""
    goal = TIMES * PUBLISHED_FPS
    reached = f"{best[1]}: {best[0]:.0f} FPS, {best[0] / PUBLISHED_FPS:.1f} times" if best[1] else "not measured"
    head = ["size", "network and way", "FPS", "published FPS", "times", "memory (MiB)", "published (MB)"]
    text = (
        "Random weights, one image on the device, no reading and no argmax; published: RUE's figure, on a card that is "
        "not stated. onnxruntime runs the plugin's own graphs: all patches, labels at full scale included, without cutting."
    )
    return "\n\n".join(
        [
            text,
            _table(head, rows),
            f"Goal at 5000 x 5000, K = 1: {goal:.0f} FPS, {TIMES} times the published. Best: {reached}.",
        ]
    )


def _rows_of(torch_rows: dict[str, Any], graphs: dict[str, Any], size: str, ratio: float) -> Iterator[tuple[str, Any]]:
    """Name and finding of everything that was measured at a size and K."""
    for key, one in torch_rows.items():
        parts = key.rsplit(", ", 3)
        if isinstance(one, dict) and "fps" in one and parts[-2:] == [size, f"{ratio:g}"]:
            yield f"{NETWORKS.get(parts[0], parts[0])}, torch, {parts[1]}", one
    for precision in ("tf32", "half"):
        for key, one in graphs.get(precision, {}).items():
            parts = key.split(", ")
            if parts[0] == "pass" and parts[1] == size and parts[3] == f"{ratio:g}":
                yield f"plugin's graphs, onnxruntime, {precision}", {**one, "side": int(parts[2])}


def _memory(memory: dict[str, Any]) -> str:
    value = memory.get("allocated_mib") or memory.get("process_mib")
    return f"{value:.0f}" if value else "-"


def _graphs(found: dict[str, Any]) -> str:
    rows = []
    for precision in ("tf32", "half"):
        for key, one in found.get(precision, {}).items():
            if key.startswith("high, "):
                rows.append([f"{key}, on the device", precision, f"{one['ms']:.2f}", f"{one['mpx_per_s']:.0f}"])
        engine = found.get(precision, {}).get("engine")
        for graph in ("low", "high", "fuse", "together") if engine else ():
            rows.append([f"{graph}, as in the engine", precision, "-", f"{engine[f'{graph}_mpx_per_s']:.0f}"])
    if not rows:
        return ""
    return "\n\n".join(
        [
            "As in the engine: pixels come from the processor's memory, labels go back there; 64 patches, a block of 2048.",
            _table(["graph", "precision", "ms", "Mpx/s"], rows),
        ]
    )


def _training(found: dict[str, Any]) -> str:
    rows = []
    for name, one in found.items():
        if isinstance(one, dict) and any(key.startswith("speed/") for key in one):
            logged = ", ".join(
                f"{key.removeprefix('speed/')} {value:.3g}" for key, value in one.items() if key.startswith("speed/")
            )
            rows.append([name, logged])
    if not rows:
        return ""
    side = found.get("data", {}).get("side", "?")
    text = f"The recipes for DeepGlobe on generated JPEG files of {side} pixels a side, the last epoch; waiting is a share of the time."
    return "\n\n".join([text, _table(["recipe", "logged"], rows)])


def _gathered(lines: Iterator[tuple[str, str]]) -> str:
    """One line for each reason, with the places that have it."""
    places: dict[str, list[str]] = {}
    for place, reason in lines:
        places.setdefault(reason, []).append(place)
    return "\n".join(f"- {'; '.join(names)}: {reason}" for reason, names in places.items())


def _missing(found: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Everything that has a reason in the place of numbers: where, and the reason."""
    if not isinstance(found, dict):
        return
    if "missing" in found:
        printed = "".join(f" `{line[:200]}`" for line in found.get("printed", ()))
        yield place, found["missing"] + printed
    for name, one in found.items():
        yield from _missing(one, f"{place}, {name}" if place else name)
