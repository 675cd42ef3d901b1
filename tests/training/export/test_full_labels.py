"""Labels at full scale: interpolation only where corners disagree gives what interpolating everything gives."""

import io
import warnings

import onnxruntime as ort
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from training.export.full_labels import full_scale_labels


def _oracle(logits):
    size = (8 * logits.shape[-2], 8 * logits.shape[-1])
    return F.interpolate(logits, size, mode="bilinear", align_corners=False).argmax(1).to(torch.uint8)


def _logits(shape, smooth, seed=0):
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn((*shape[:2], shape[2] // smooth + 2, shape[3] // smooth + 2), generator=generator)
    return F.interpolate(coarse, shape[2:], mode="bicubic")


@pytest.mark.parametrize("smooth", [1, 3, 9])
@pytest.mark.parametrize("shape", [(1, 2, 1, 1), (2, 5, 3, 1), (1, 5, 20, 33), (3, 19, 12, 8), (1, 250, 6, 7)])
def test_labels_are_those_of_interpolating_everything(shape, smooth):
    logits = _logits(shape, smooth)
    assert torch.equal(full_scale_labels(logits), _oracle(logits))


def test_one_class_everywhere_needs_no_interpolation():
    logits = torch.zeros(1, 3, 4, 5)
    logits[:, 2] = 1
    assert torch.equal(full_scale_labels(logits), torch.full((1, 32, 40), 2, dtype=torch.uint8))


def test_exported_graph_takes_every_size():
    class Graph(nn.Module):
        def forward(self, logits):
            return full_scale_labels(logits)

    file = io.BytesIO()
    axes = {"logits": {0: "n", 2: "h", 3: "w"}, "labels": {0: "n", 1: "rows", 2: "cols"}}
    names = {"input_names": ["logits"], "output_names": ["labels"], "dynamic_axes": axes}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(Graph(), (_logits((1, 4, 6, 10), 3),), file, **names, opset_version=17, dynamo=False)
    session = ort.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    for shape in ((1, 4, 6, 10), (2, 4, 3, 1), (1, 4, 40, 24)):
        logits = _logits(shape, 3, seed=shape[2])
        labels = session.run(None, {"logits": logits.numpy()})[0]
        assert torch.equal(torch.from_numpy(labels), _oracle(logits))
