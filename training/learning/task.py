"""What happens in a training and a validation step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import lightning as L
import numpy as np
import numpy.typing as npt
import torch
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor

from training.data.arrays import PixelArray
from training.data.crops import Degrade, NumberRange, Photometric, colour_places
from training.errors import SettingsError
from training.evaluation import MEAN, SegmentedScene, class_iou, confusion, mean_iou, mean_over, rule_classes
from training.learning.balance import Alignment
from training.learning.criteria import Criterion, Loss, balanced_weights
from training.learning.losses import Complementer, with_sets, without_borders
from training.learning.objectives import LossSettings, losses_of
from training.learning.optimisation import Recipe, TrainedParts
from training.networks import (
    DEFAULT,
    FUSED_CHANNELS,
    DualStream,
    Initialisation,
    Network,
    Prediction,
    channels_last,
    find_architecture,
    initialise,
    network_settings,
    normalised_alone,
    stored_settings,
)
from training.running import normalised_together, planned_steps, process_mean
from training.weights import begin_with, load_encoders, tell_of_frozen_encoder, tell_where_weights_are
from uhrs_qgis_plugin.engine.grid import Window

# Shares of the steps in which K is 0 and 1 where it is drawn: a uniform draw never gives these two, which users choose
# most. K = 1 comes more often, because only then every patch teaches the high stream.
_NO_PATCHES, _ALL_PATCHES = 0.05, 0.2


@dataclass(frozen=True)
class Shown:
    """The first part of a validation scene at the largest K, for pictures.

    Attributes:
        window: its pixels in the scene.
        truth: (h, w).
        labels: the prediction (h, w).
        uncertainty: U (h', w') of the part; None where the network has none.
    """

    window: Window
    truth: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]
    uncertainty: npt.NDArray[np.float32] | None


def _with_encoders(network: dict[str, Any] | None, encoder: str | None, low: str | None) -> dict[str, Any] | None:
    """The settings of a network with the encoders that have options of their own."""
    named = {"encoder": encoder, "low_encoder": low}
    return {**(network or {}), **{key: name for key, name in named.items() if name is not None}} or None


class SegmentationTask(L.LightningModule):
    """Trains a network with the losses of its architecture and validates it; one that takes a K, at several K.

    Args:
        classes: number of classes; taken from the data.
        class_names: names in the order of the labels; taken from the data.
        class_colours: RRGGBB of each class; taken from the data.
        architecture: "dual_stream", or a network to compare it with, see `ARCHITECTURES`; "smp:NAME" of
            segmentation_models_pytorch, or "torchvision:NAME".
        encoder: short for `network.encoder`: that of a network smp:NAME.
        low_encoder: short for `network.low_encoder`: timm:NAME in place of the ResNet.
        input: bands, data type, mean, std and limits as the data measured them; what `network` says of these wins.
        bands: what the bands are, such as "red"; empty where it is not known. Taken from the data.
        sets: the classes that labels for several stand for, see `with_sets`; taken from the data.
        network: see `Settings`; `classes` is filled in.
        start_from: a bundle or a checkpoint to begin with instead of random weights. Its network is taken over;
            what `network` adds to it starts anew, and so do classifiers where the classes differ. `input` stays that of
            the data, see `begin_with`.
        pretrained_low: a file with weights of ResNet-18 or -50, see `load_encoders`, or of the low encoder of timm.
        pretrained_high: a file with weights of STDC1 or EfficientNet-Lite0, see `load_encoders`.
        pretrained_encoder: a file with weights for the encoder of a network smp:NAME or torchvision:NAME, or "download"
            for the package's own, see `load_library_encoder`; pretrained_low takes "download" for timm's.
        initialisation: of the weights that no file brings: "torch", its defaults, "kaiming", where residual blocks
            begin as nothing too, or "published", see `initialise`. Not with `start_from`.
        train_only: parts of the network that are trained, such as ["detail_head"]; the others keep their weights and
            normalisation statistics. None trains all.
        keep_statistics: all parts are normalised by the statistics that they began with, and keep them: for few labels,
            whose crops are no fair sample. Only with `start_from`.
        ratio: K in training; None draws it anew in every step: 0 or 1 now and then, else uniformly.
        power: exponent of the complementer; 0 turns it off.
        mask: U below which a pixel's weight is 1.
        gate: the low stream's loss above which all weights are 1.
        per_process: where several processes train together, each decides the gate, and normalises the parts that
            `normalised_alone` names, by itself (published); else they share what they see.
        normalise: divide by the sum of weights; False divides every loss by the number of all pixels, ignored ones
            included, and shows the low stream the labels at full scale (published).
        auxiliary_weight: weight of the auxiliary loss.
        estimator_weight: weight of the loss that teaches the estimator the low stream's errors; 0 as published.
        estimator_target: what that loss teaches: "errors", or the "gain", those of them that the final map has right,
            which is what selecting a patch brings; give ratio 1 with it.
        alignment_weight: weight of the loss that makes the features of both streams tell the same, see `Alignment`;
            F2Net takes 0.1.
        balance_weight: weight of the loss that keeps the gradients of both streams equally long, see
            `gradient_imbalance`; F2Net takes 0.1. In one process, and not with 16-mixed precision.
        label_stride: use every n-th row and column of the labels in the final loss.
        losses: the losses that are added up, in every place where an answer is compared with the labels:
            "cross_entropy", "focal", "ohem" (the hardest pixels alone), "dice" and "lovasz".
        class_weights: weight of each class in the first three; "measured" takes the inverse of how often each occurs in
            the training scenes. None weighs all alike.
        label_smoothing: share of a pixel's label that is given to all classes evenly, in the first three.
        focusing: gamma of "focal".
        hardest: share of an image's known pixels that "ohem" counts.
        optimiser: "adamw", "adam" or "sgd" (momentum 0.9).
        lr: highest learning rate.
        encoder_lr: what it is multiplied by for the weights that pretrained_low and pretrained_high bring.
        weight_decay: of the optimiser.
        poly: power of the polynomial decay to `min_lr`.
        min_lr: learning rate at the end.
        warmup: steps of linear warm-up.
        jitter: strength of the colour augmentation, 0 to 1.
        degrade: probability that a crop is blurred, that it gets noise, and that it is compressed as JPEG; 8 bits only.
        ignore_borders: no loss judges pixels that are at most so many pixels from another class: for labels that are a
            little off.
        val_ratios: K at which validation measures mIoU; a network that takes no K is measured once, as K = 1.
        rule: by which `val/score` is averaged over the classes, at the largest K; that of the dataset's published
            numbers, taken from the data.
    """

    def __init__(
        self,
        classes: int,
        class_names: list[str],
        class_colours: list[str],
        architecture: str = DEFAULT,
        encoder: str | None = None,
        low_encoder: str | None = None,
        input: dict[str, Any] | None = None,
        bands: list[str] | None = None,
        sets: list[list[int]] | None = None,
        network: dict[str, Any] | None = None,
        start_from: str | None = None,
        pretrained_low: str | None = None,
        pretrained_high: str | None = None,
        pretrained_encoder: str | None = None,
        initialisation: Initialisation = "torch",
        train_only: list[str] | None = None,
        keep_statistics: bool = False,
        ratio: float | None = None,
        power: float = 1.0,
        mask: float | None = None,
        gate: float | None = None,
        normalise: bool = True,
        per_process: bool = False,
        auxiliary_weight: float = 0.4,
        estimator_weight: float = 0.0,
        estimator_target: Literal["errors", "gain"] = "errors",
        alignment_weight: float = 0.0,
        balance_weight: float = 0.0,
        label_stride: int = 1,
        losses: Sequence[Loss] = ("cross_entropy",),
        class_weights: list[float] | Literal["measured"] | None = None,
        label_smoothing: float = 0.0,
        focusing: float = 2.0,
        hardest: float = 0.25,
        optimiser: Literal["adamw", "adam", "sgd"] = "adamw",
        lr: float = 1e-3,
        encoder_lr: float = 1.0,
        weight_decay: float = 1e-2,
        poly: float = 0.9,
        min_lr: float = 0.0,
        warmup: int = 0,
        jitter: float = 0.5,
        degrade: float = 0.0,
        ignore_borders: int = 0,
        val_ratios: tuple[float, ...] = (0.0, 0.5, 1.0),
        rule: str = MEAN,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        build = find_architecture(architecture)
        network = _with_encoders(network, encoder, low_encoder)
        began: Network
        if start_from is not None:
            if pretrained_low or pretrained_high or pretrained_encoder:
                raise SettingsError(
                    "start_from brings all weights; leave pretrained_low, pretrained_high and pretrained_encoder out"
                )
            began = begin_with(start_from, architecture, class_names, network, input, bands)
        else:
            measured = {key: value for key, value in (input or {}).items() if key != "limits"}
            settings = network_settings(classes, {**measured, **(network or {})})
            began = build(settings)
            initialise(began, initialisation)
            if initialisation == "published":
                tell_where_weights_are(began, pretrained_low, pretrained_high)
        self.brought = load_encoders(began, pretrained_low, pretrained_high, pretrained_encoder)
        # What a checkpoint needs to be rebuilt.
        self.hparams.update(network=stored_settings(began.settings), input=None)
        self.network = channels_last(began.train())
        self.alone = normalised_alone(self.network) if per_process else set()
        if keep_statistics and start_from is None:
            raise SettingsError("keep_statistics needs statistics to keep; give start_from, or leave it out")
        self.parts = TrainedParts(self.network, train_only, keep_statistics)
        tell_of_frozen_encoder(self.network, self.brought, start_from)
        self.objective = losses_of(architecture)
        if estimator_target == "gain" and ratio != 1:
            raise SettingsError(f"estimator_target 'gain' needs every patch in every step; ratio is {ratio}, give 1")
        complementer = Complementer(power, mask, gate, normalise, per_process)
        given = None if class_weights is None or class_weights == "measured" else tuple(class_weights)
        if given is not None and len(given) != classes:
            raise SettingsError(
                f"class_weights has {len(given)} numbers; give one for each of the {classes} classes: "
                f"{', '.join(class_names)}"
            )
        if class_weights == "measured":
            Criterion(tuple(losses), (1.0,))  # refuses losses that take none, before the scenes are counted
        criterion = Criterion(tuple(losses), given, label_smoothing, focusing, hardest)
        self.alignment = _alignment(self.network, alignment_weight, balance_weight, train_only)
        self.loss_settings = LossSettings(
            complementer,
            auxiliary_weight,
            estimator_weight,
            estimator_target,
            label_stride,
            criterion,
            self.alignment,
            alignment_weight,
            balance_weight,
        )
        self.sets = sets or []
        if self.sets and not criterion.is_plain:
            raise SettingsError(
                "Labels that stand for several classes are judged by cross entropy alone; leave losses, class_weights "
                "and label_smoothing out, or the sets in classes.yaml"
            )
        self.recipe = Recipe(optimiser, lr, weight_decay, poly, min_lr, warmup, encoder_lr)
        self.classes, self.class_names, self.ratio = classes, class_names, ratio
        seen = began.settings
        self.photometric = Photometric(
            jitter,
            numbers=NumberRange.of(seen.data_type, seen.mean, seen.std),
            colours=colour_places(bands or [], start_from is not None),
        )
        if degrade and seen.data_type != "uint8":
            raise SettingsError(f"degrade is for 8-bit images, these are {seen.data_type}; leave it out")
        self.degrade, self.ignore_borders = Degrade(degrade), ignore_borders
        self.scored = rule_classes(rule, class_names)
        self.val_ratios = val_ratios if began.takes_ratio else (1.0,)
        names: tuple[float | str, ...] = ("low", *val_ratios) if began.takes_ratio else self.val_ratios
        self.counted: Tensor | None = None  # the confusion matrix of the last validation, at the largest K
        self.confusions = {name: torch.zeros(classes, classes, dtype=torch.int64) for name in names}

    def forward(self, image: Tensor, ratio: float = 1.0) -> Prediction:
        """See `Network`."""
        return cast(Prediction, self.network(image, ratio))

    def draw_ratio(self) -> float:
        """K of this step: the configured one, or a random one that is the same in every process."""
        if self.ratio is not None:
            return self.ratio
        generator = torch.Generator().manual_seed(self.global_step)
        kind, value = torch.rand(2, generator=generator).tolist()
        if kind < _NO_PATCHES:
            return 0.0
        return 1.0 if kind < _NO_PATCHES + _ALL_PATCHES else value

    def setup(self, stage: str) -> None:
        """Measures the weights of the classes, if so asked.

        Raises:
            SettingsError: where gradients of gradients are asked for that there are not.
        """
        if self.loss_settings.balance_weight and (self.trainer.world_size > 1 or self.trainer.precision == "16-mixed"):
            raise SettingsError(
                "balance_weight needs gradients of gradients, which normalisation over several processes does not give "
                "and 16-mixed rounds to 0; leave it out, or train on one device with bf16-mixed or 32 bits"
            )
        if stage == "fit" and self.hparams["class_weights"] == "measured":
            weights = balanced_weights(cast(Any, self.trainer).datamodule.class_pixels())
            shown = ", ".join(f"{name} {weight:.3g}" for name, weight in zip(self.class_names, weights, strict=True))
            rank_zero_info(f"Weights of the classes: {shown}")
            criterion = replace(self.loss_settings.criterion, class_weights=weights)
            self.loss_settings = replace(self.loss_settings, criterion=criterion)

    def on_train_epoch_start(self) -> None:
        """Keeps what is not trained in evaluation mode."""
        self.parts.enter_training_mode()

    def training_step(self, batch: dict[str, Tensor], index: int) -> Tensor:
        """The sum of the losses of a batch.

        Raises:
            SettingsError: when the network cannot be trained with so few images.
        """
        images, least = len(batch["image"]) * normalised_together(self.network), self.network.smallest_batch
        if images < least:
            raise SettingsError(
                f"A step has {images} image, this network needs {least}; give --data.batch_size {least}"
            )
        image = self.photometric(self._numbers(batch["image"]), batch["colour_seed"])
        image = self.degrade(image, batch["colour_seed"]).contiguous(memory_format=torch.channels_last)
        ratio = self.draw_ratio() if self.network.takes_ratio else 1.0
        losses = self.losses(
            self(image, ratio), with_sets(without_borders(batch["mask"].long(), self.ignore_borders), self.sets)
        )
        values = torch.stack(list(losses.values()))
        for name, value in zip(losses, process_mean(values.detach()), strict=True):
            self.log(f"train/{name}", value, prog_bar=name == "final")
        return values.sum()

    def _numbers(self, image: Tensor) -> Tensor:
        """Images as they came to the device -> as the network computes."""
        return image.to(self.network.mean.dtype)

    def losses(self, output: Prediction, mask: Tensor) -> dict[str, Tensor]:
        """The losses of an output by name, each with its weight."""
        return self.objective(self.network, output, mask, self.loss_settings)

    def validation_step(self, batch: dict[str, PixelArray | None], index: int) -> dict[str, Shown] | None:
        """Adds a scene to the confusion matrices: of every K, and of the low stream alone where there is one.

        Returns:
            its first part as "shown", for pictures.
        """
        image, mask, shown = batch["image"], batch["mask"], None
        if image is None or mask is None:
            return None
        scene = SegmentedScene(self.network, image, self.val_ratios)
        for part in scene.parts(mask):
            given = cast(Any, part.truth)
            truth = torch.from_numpy(given).to(self.device)
            for ratio, labels in zip(self.val_ratios, part.labels, strict=True):
                self.confusions[ratio] += confusion(labels, truth, self.classes).cpu()
            if part.low_labels is not None:
                self.confusions["low"] += confusion(part.low_labels, truth, self.classes).cpu()
            if shown is None:
                largest = part.labels[self.val_ratios.index(max(self.val_ratios))]
                shown = Shown(part.window, given, largest.cpu().numpy(), scene.uncertainty_of(part.window))
        return None if shown is None else {"shown": shown}

    def on_validation_epoch_end(self) -> None:
        """Logs mIoU at every K, the low stream's, and at the largest K each class's IoU and the score by the rule."""
        for name, matrix in self.confusions.items():
            total = cast(Tensor, self.all_gather(matrix)).reshape(-1, *matrix.shape).sum(0)
            key = "low" if name == "low" else f"k{100 * float(name):.0f}"
            self.log(f"val/miou_{key}", mean_iou(total), prog_bar=True, rank_zero_only=True)
            if name == max(self.val_ratios):
                self.counted = total.cpu()
                self.log("val/score", mean_over(class_iou(total), self.scored), rank_zero_only=True)
                for label, iou in zip(self.class_names, class_iou(total).tolist(), strict=True):
                    self.log(f"val/iou_{label}", iou, rank_zero_only=True)
            self.confusions[name] = torch.zeros_like(matrix)

    def configure_optimizers(self) -> Any:  # noqa: ANN401 (the dictionary that Lightning documents)
        """The named optimiser with linear warm-up and polynomial decay, stepped every batch."""
        trained = [(name, p) for name, p in self.network.named_parameters() if p.requires_grad]
        if self.alignment is not None:
            trained += list(self.alignment.named_parameters("alignment"))
        optimiser, schedule = self.recipe.build(trained, self.brought, planned_steps(self.trainer))
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def _alignment(
    network: Network, alignment_weight: float, balance_weight: float, train_only: Sequence[str] | None
) -> Alignment | None:
    """What compares the features of both streams, where that has a weight.

    Raises:
        SettingsError: when there are not two streams, or not both are trained.
    """
    if min(alignment_weight, balance_weight) < 0:
        raise SettingsError(f"weights of losses are {alignment_weight} and {balance_weight}; give numbers from 0 on")
    if not alignment_weight and not balance_weight:
        return None
    if not isinstance(network, DualStream):
        raise SettingsError("alignment_weight and balance_weight are for the streams of dual_stream; leave them out")
    both = {"low_reducer", "high_reducer"}
    if train_only is not None and both - set(train_only):
        raise SettingsError(
            f"alignment_weight and balance_weight bring both streams together; train_only is {list(train_only)}, add "
            f"{' and '.join(sorted(both - set(train_only)))}"
        )
    return Alignment(FUSED_CHANNELS, FUSED_CHANNELS) if alignment_weight else None
