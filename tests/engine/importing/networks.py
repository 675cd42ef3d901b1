"""ONNX files of strangers, as small as they get: one convolution, and whatever makes them difficult."""

from __future__ import annotations

import json

import numpy as np

ELEMENTS = {"float32": 1, "uint8": 2, "uint16": 4, "float16": 10, "float64": 11, "int64": 7}
IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}


def deepness(names=("water", "land", "road", "building"), **changes):
    """Metadata as Deepness' documentation writes them; None removes a key."""
    entries = {
        "model_type": "Segmentor",
        "class_names": {str(number): name for number, name in enumerate(names)},
        "resolution": 30,
        "tiles_size": 128,
        "tiles_overlap": 15,
        **changes,
    }
    return {key: json.dumps(value) for key, value in entries.items() if value is not None}


def weights(channels, bands, kernel=3):
    """Of the convolution: each class likes another tint, whatever the brightness, and its surroundings a little."""
    generator = np.random.default_rng(channels * 100 + bands)
    made = generator.normal(0, 0.2, (channels, bands, kernel, kernel)) / kernel
    tints = generator.normal(0, 4, (channels, bands))
    made[:, :, kernel // 2, kernel // 2] += tints - tints.mean(1, keepdims=True)
    return made.astype(np.float32)


def write_network(
    path,
    bands=3,
    channels=4,
    side=128,
    batch=1,
    layout="NCHW",
    dtype="float32",
    head=None,
    stride=1,
    kernel=3,
    padding=None,
    metadata=None,
    extra_nodes=(),
    outputs=("scores",),
    output_axes=None,
    constants=(),
    input_axes=None,
    opsets=(("", 17),),
    finish=None,
):
    """Write a network; returns its path.

    Args:
        side: None = any height and width.
        batch: None = any.
        head: Operator behind the convolution, such as "Softmax" or "Sigmoid"; None = logits.
        stride: Of an average pooling.
        padding: Of the convolution; None = as wide as keeps the size.
        metadata: Key -> JSON.
        extra_nodes: Further nodes, from tensor "plain" (what the head gives) on.
        outputs: Names.
        output_axes: Of all outputs; None = free ones.
        input_axes: Of the input; None = those that follow.
        finish: Called with the model before it is written.
    """
    from onnx import helper, numpy_helper

    number, rows, cols = (batch or "batch"), (side or "height"), (side or "width")
    axes = (number, bands, rows, cols) if layout == "NCHW" else (number, rows, cols, bands)
    nodes, last = [], "picture"

    def add(kind, *others, **attributes):
        nonlocal last
        made = f"t{len(nodes)}"
        nodes.append(helper.make_node(kind, [last, *others], [made], **attributes))
        last = made

    if dtype != "float32":
        add("Cast", to=1)
    if layout == "NHWC":
        add("Transpose", perm=[0, 3, 1, 2])
    pad = kernel // 2 if padding is None else padding
    add("Conv", "weights", pads=[pad] * 4, kernel_shape=[kernel, kernel])
    if stride > 1:
        add("AveragePool", kernel_shape=[stride, stride], strides=[stride, stride])
    if head:
        add(head, **({"axis": 1} if "Softmax" in head else {}))
    if layout == "NHWC":
        add("Transpose", perm=[0, 2, 3, 1])
    given = dtype if dtype.startswith("float") else "float32"
    if given != "float32":
        add("Cast", to=ELEMENTS[given])
    first = "plain" if extra_nodes else outputs[0]
    add("Identity")
    nodes[-1].output[0] = first
    nodes += [helper.make_node(*node[:3], **(node[3] if len(node) > 3 else {})) for node in extra_nodes]
    kind = ELEMENTS[given]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("picture", ELEMENTS[dtype], list(input_axes or axes))],
        [helper.make_tensor_value_info(name, kind, output_axes or [None] * 4) for name in outputs],
        [numpy_helper.from_array(weights(channels, bands, kernel), "weights"), *constants],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(*entry) for entry in opsets], ir_version=8)
    for key, value in (metadata or {}).items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    if finish is not None:
        finish(model)
    path.write_bytes(model.SerializeToString())
    return path
