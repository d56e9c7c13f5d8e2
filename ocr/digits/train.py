"""Trains the number-reading network on made-up lines and writes it as ONNX.

    python -m ocr.digits.shards --out shards --count 110
    python -m ocr.digits.train --shards shards --checkpoint run.pt --out digits.onnx

PyTorch and onnx are needed for this alone. A run can be stopped at any time and goes on from its checkpoint. The
weights written are the running mean over the last thousand steps or so.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.digits.strips import LOOK, STEP_PX, WIDTHS_PX
from ocr.training import Plan, add_arguments, train

PLAN = Plan(warm_up_steps=200, mean_decay=0.998, weight_decay=1e-3, most_gradient=2.0)

Grey = NDArray[np.uint8]
Line = tuple[Grey, NDArray[np.int64]]
Batch = tuple[Grey, NDArray[np.int64], NDArray[np.int64]]
"""Strips of one width, their labels one after the other, and how many each has."""


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(prog="python -m ocr.digits.train", description=__doc__)
    parser.add_argument("--shards", type=Path, required=True, help="folder written by ocr.digits.shards")
    add_arguments(parser, name="digits", steps=16_000, batch=64, rate=3e-3, threads=1)
    given = parser.parse_args(arguments)
    import torch  # type: ignore[import-not-found, unused-ignore]

    from ocr.digits.network import NumberReader

    pool = _Pool(given.shards)

    def saved(mean: Any) -> str:
        export(torch, mean, given.out)
        pool.look()
        return ""

    train(
        given,
        PLAN,
        make=NumberReader,
        batches=lambda step: pool.batches(given.batch, np.random.default_rng((given.seed, step))),
        loss=lambda network, batch: _loss(torch, network, *batch),
        saved=saved,
    )
    return 0


def load_shard(path: Path) -> list[Line]:
    """(strip, labels) of every line in a file of `ocr.digits.shards`."""
    with np.load(path) as file:
        strips = np.split(file["pixels"], np.cumsum(file["widths"])[:-1], axis=1)
        labels = np.split(file["labels"], np.cumsum(file["lengths"])[:-1])
    return list(zip(strips, labels, strict=True))


class _Pool:
    """The lines of all files there are so far, dealt out in batches of one width."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[Path] = set()
        self._lines: dict[int, list[Line]] = {width: [] for width in WIDTHS_PX}
        self.look()

    def look(self) -> None:
        """Takes in the files that are new."""
        for path in sorted(set(self._folder.glob("*.npz")) - self._known):
            self._known.add(path)
            for pixels, labels in load_shard(path):
                steps = 1 + len(labels) + int((labels[1:] == labels[:-1]).sum())
                if labels.size and pixels.shape[1] >= STEP_PX * steps:
                    width = next(width for width in WIDTHS_PX if width >= pixels.shape[1])
                    self._lines[width].append((np.ascontiguousarray(pixels), labels))

    def batches(self, size: int, random: np.random.Generator) -> Iterator[Batch]:
        """Batches without end, of each width as often as lines of it are there."""
        while True:
            yield self._batch(size, random)

    def _batch(self, size: int, random: np.random.Generator) -> Batch:
        counts = np.array([len(lines) for lines in self._lines.values()], dtype=np.float64)
        width = int(random.choice(np.array(WIDTHS_PX), p=counts / counts.sum()))
        lines = self._lines[width]
        chosen = [lines[i] for i in random.integers(0, len(lines), size)]
        pixels = np.full((size, LOOK.height, width), 255, np.uint8)
        for row, (strip, _) in enumerate(chosen):
            _lay(pixels[row], strip, random)
        labels = [labels for _, labels in chosen]
        return pixels, np.concatenate(labels), np.array([len(some) for some in labels])


def _lay(place: Grey, strip: Grey, random: np.random.Generator) -> None:
    """Puts a strip in its place, a little changed: moved, squeezed, paler or darker, noisier."""
    width = strip.shape[1]
    if random.random() < 0.5:
        width = min(round(width * random.uniform(0.93, 1.06)), place.shape[1])
        tall = random.uniform(0.93, 1.07)
        shift = (1 - tall) * LOOK.height / 2 + random.normal(0, 0.5)
        matrix = np.array([[width / strip.shape[1], random.normal(0, 0.02), 0.0], [0.0, tall, shift]])
        strip = np.asarray(
            cv2.warpAffine(strip, matrix, (width, LOOK.height), borderMode=cv2.BORDER_REPLICATE), np.uint8
        )
    if random.random() < 0.3:
        gamma = random.uniform(0.7, 1.4)
        grey = np.linspace(0, 1, 256) ** gamma * 255 + random.normal(0, 8)
        strip = np.clip(grey, 0, 255).astype(np.uint8)[strip]
    if random.random() < 0.15:
        noise = random.normal(0, random.uniform(2, 14), strip.shape)
        strip = np.clip(strip + noise, 0, 255).astype(np.uint8)
    left = int(random.integers(0, min(place.shape[1] - width, STEP_PX) + 1))
    place[:, left : left + width] = strip


def _loss(torch: Any, network: Any, pixels: Grey, labels: NDArray[np.int64], lengths: NDArray[np.int64]) -> Any:
    """CTC, a share of each line's length."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        odds = network(torch.from_numpy(pixels)).float()
    logarithms = torch.log_softmax(odds, dim=2).transpose(0, 1)
    steps = torch.full((len(pixels),), odds.shape[1], dtype=torch.long)
    return torch.nn.functional.ctc_loss(
        logarithms, torch.from_numpy(labels), steps, torch.from_numpy(lengths), zero_infinity=True
    )


def export(torch: Any, network: Any, path: Path) -> None:
    """Writes the network as ONNX, for any number of lines of any width."""
    from ocr.digits.network import Exported

    shipped = Exported(copy.deepcopy(network).to(memory_format=torch.contiguous_format)).eval()
    torch.onnx.export(
        shipped,
        (torch.zeros((1, LOOK.height, 64), dtype=torch.uint8),),
        str(path),
        dynamo=False,
        opset_version=17,
        input_names=["grey"],
        output_names=["probability"],
        dynamic_axes={"grey": {0: "lines", 2: "width"}, "probability": {0: "lines", 1: "steps"}},
    )


if __name__ == "__main__":
    sys.exit(main())
