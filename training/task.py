"""What happens in a training and a validation step of the dual-stream network."""

from __future__ import annotations

from typing import Any, Literal, cast

import lightning as L
import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.augment import Photometric
from training.data.scenes import IGNORE
from training.losses import Complementer, error_cross_entropy, known_cross_entropy, weighted_cross_entropy
from training.metrics import class_iou, confusion, mean_iou
from training.networks.dual_stream import DualStream, Output, channels_last
from training.networks.settings import network_settings
from training.start import begin_with

_DEEP_LABEL_STRIDE = 4  # the low stream answers for an image at 1/4 scale, and so do its labels


class DualStreamTask(L.LightningModule):
    """Trains a `DualStream` with the three losses, and validates it at several K.

    Args:
        classes: number of classes; taken from the data.
        class_names: names in the order of the labels; taken from the data.
        class_colours: RRGGBB of each class; taken from the data.
        input: bands, data type, mean and std as the data measured them; what `network` says of these wins.
        network: see `Settings`; `classes` is filled in.
        start_from: a bundle or a checkpoint to begin with instead of random weights. Its network is taken over, so
            `network` must be left out; classifiers start anew where the classes differ.
        ratio: K in training; None draws it anew in every step: 0 or 1 now and then, else uniformly.
        power: exponent of the complementer.
        mask: U below which a pixel's weight is 1.
        gate: the low stream's loss above which all weights are 1.
        normalise: divide by the sum of weights.
        auxiliary_weight: weight of the auxiliary loss.
        estimator_weight: weight of the loss that teaches the estimator the low stream's errors; 0 as published.
        label_stride: use every n-th row and column of the labels in the final loss.
        optimiser: "adamw", "adam" or "sgd" (momentum 0.9).
        lr: highest learning rate.
        weight_decay: of the optimiser.
        poly: power of the polynomial decay to `min_lr`.
        min_lr: learning rate at the end.
        warmup: steps of linear warm-up.
        jitter: strength of the colour augmentation, 0 to 1.
        val_ratios: K at which validation measures mIoU.
    """

    def __init__(
        self,
        classes: int,
        class_names: list[str],
        class_colours: list[str],
        input: dict[str, Any] | None = None,
        network: dict[str, Any] | None = None,
        start_from: str | None = None,
        ratio: float | None = None,
        power: float = 1.0,
        mask: float | None = None,
        gate: float | None = None,
        normalise: bool = True,
        auxiliary_weight: float = 0.4,
        estimator_weight: float = 0.0,
        label_stride: int = 1,
        optimiser: Literal["adamw", "adam", "sgd"] = "adamw",
        lr: float = 1e-3,
        weight_decay: float = 1e-2,
        poly: float = 0.9,
        min_lr: float = 0.0,
        warmup: int = 0,
        jitter: float = 0.5,
        val_ratios: tuple[float, ...] = (0.0, 0.5, 1.0),
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        if start_from is not None:
            began, network = begin_with(start_from, class_names, network)
        else:
            network = {**(input or {}), **(network or {})}
            began = DualStream(network_settings(classes, network))
        self.hparams.update(network=network, input=None)  # what a checkpoint needs to be rebuilt
        self.network = channels_last(began.train())
        self.complementer = Complementer(power, mask, gate, normalise)
        self.photometric = Photometric(jitter)
        names: tuple[float | str, ...] = ("low", *val_ratios)
        self.confusions = {name: torch.zeros(classes, classes) for name in names}

    def forward(self, image: Tensor, ratio: float = 1.0) -> Output:
        """See `DualStream`."""
        return cast(Output, self.network(image, ratio))

    def draw_ratio(self) -> float:
        """K of this step: the configured one, or a random one that is the same in every process."""
        if self.hparams["ratio"] is not None:
            return float(self.hparams["ratio"])
        generator = torch.Generator().manual_seed(self.global_step)
        kind, value = torch.rand(2, generator=generator).tolist()
        return 0.0 if kind < 0.05 else 1.0 if kind < 0.25 else value

    def training_step(self, batch: dict[str, Tensor], index: int) -> Tensor:
        """The sum of the losses of a batch."""
        image = self.photometric(batch["image"]).contiguous(memory_format=torch.channels_last)
        losses = self.losses(self(image, self.draw_ratio()), batch["mask"])
        for name, value in losses.items():
            self.log(f"train/{name}", value.detach(), prog_bar=name == "final")
        return torch.stack(list(losses.values())).sum()

    def losses(self, output: Output, mask: Tensor) -> dict[str, Tensor]:
        """Deep, auxiliary, final and estimator loss of an output, each with its weight."""
        mask = on_canvas(mask, output)
        deep = known_cross_entropy(output.low.logits, mask, _DEEP_LABEL_STRIDE)
        auxiliary = self.network.auxiliary_head(output.low.stages[2])
        weight = self.complementer.weight(output.uncertainty, deep)
        losses = {
            "deep": deep,
            "auxiliary": self.hparams["auxiliary_weight"] * known_cross_entropy(auxiliary, mask, _DEEP_LABEL_STRIDE),
            "final": weighted_cross_entropy(
                output.logits, mask, weight, self.complementer.normalise, self.hparams["label_stride"]
            ),
        }
        if self.hparams["estimator_weight"]:
            error = error_cross_entropy(output.low.residual, output.low.logits, mask, _DEEP_LABEL_STRIDE)
            losses["estimator"] = self.hparams["estimator_weight"] * error
        return losses

    def validation_step(self, batch: dict[str, Tensor], index: int) -> None:
        """Adds a scene to the confusion matrices of every K and of the low stream alone."""
        image = batch["image"].contiguous(memory_format=torch.channels_last)
        for ratio in self.hparams["val_ratios"]:
            output = self(image, ratio)
            self._count(ratio, self.network.full_logits(output), batch["mask"])
        self._count("low", self.network.full_size(output, output.low.logits), batch["mask"])

    def _count(self, ratio: float | str, logits: Tensor, mask: Tensor) -> None:
        counts = confusion(logits.argmax(1), mask, self.hparams["classes"])
        self.confusions[ratio] = self.confusions[ratio].to(counts.device) + counts

    def on_validation_epoch_end(self) -> None:
        """Logs mIoU at every K, the low stream's, and each class's IoU at the largest K."""
        for ratio, matrix in self.confusions.items():
            total = cast(Tensor, self.all_gather(matrix)).reshape(-1, *matrix.shape).sum(0)
            name = "low" if ratio == "low" else f"k{100 * float(ratio):.0f}"
            self.log(f"val/miou_{name}", mean_iou(total), prog_bar=True, rank_zero_only=True)
            if ratio == max(self.hparams["val_ratios"]):
                for label, iou in zip(self.hparams["class_names"], class_iou(total).tolist(), strict=True):
                    self.log(f"val/iou_{label}", iou, rank_zero_only=True)
            self.confusions[ratio] = torch.zeros_like(matrix)

    def configure_optimizers(self) -> Any:  # noqa: ANN401 (the dictionary that Lightning documents)
        """The named optimiser with linear warm-up and polynomial decay, stepped every batch."""
        h = self.hparams
        parameters, lr, decay = self.network.parameters(), h["lr"], h["weight_decay"]
        optimiser: torch.optim.Optimizer
        if h["optimiser"] == "sgd":
            optimiser = torch.optim.SGD(parameters, lr, momentum=0.9, weight_decay=decay)
        else:
            kind = torch.optim.AdamW if h["optimiser"] == "adamw" else torch.optim.Adam
            optimiser = kind(parameters, lr, weight_decay=decay)
        total = int(self.trainer.estimated_stepping_batches)

        def factor(step: int) -> float:
            rise = min(1.0, (step + 1) / (h["warmup"] + 1))
            fall = (1 - min(step, total) / total) ** h["poly"]
            return rise * (fall * (1 - h["min_lr"] / lr) + h["min_lr"] / lr)

        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, factor)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def on_canvas(labels: Tensor, output: Output) -> Tensor:
    """Pad labels (N, H, W) with IGNORE to the canvas that an output's maps cover."""
    grid = output.grid
    below = max(0, grid.rows * grid.patch[0] - labels.shape[-2])
    right = max(0, grid.cols * grid.patch[1] - labels.shape[-1])
    return F.pad(labels, (0, right, 0, below), value=IGNORE) if below or right else labels
