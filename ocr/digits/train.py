"""Trains the number-reading network on made-up lines and writes it as ONNX.

    python -m ocr.digits.shards --out shards --count 110
    python -m ocr.digits.train --shards shards --checkpoint run.pt --out digits.onnx

PyTorch and onnx are needed for this alone. A run can be stopped at any time and goes on from its checkpoint. The
weights written are the running mean over the last thousand steps or so.
"""

from __future__ import annotations

import argparse
import copy
import math
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.digits.strips import LOOK, STEP_PX, WIDTHS_PX

WARM_UP_STEPS = 200
MEAN_DECAY = 0.998

Grey = NDArray[np.uint8]
Line = tuple[Grey, NDArray[np.int64]]


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(prog="python -m ocr.digits.train", description=__doc__)
    parser.add_argument("--shards", type=Path, required=True, help="folder written by ocr.digits.shards")
    parser.add_argument("--steps", type=int, default=16_000, help="steps in all (default %(default)s)")
    parser.add_argument("--hours", type=float, default=10.0, help="the rate also ends with them (default %(default)s)")
    parser.add_argument("--batch", type=int, default=64, help="lines a step (default %(default)s)")
    parser.add_argument("--rate", type=float, default=3e-3, help="highest learning rate (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of order and weights (default %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of the network (default %(default)s)")
    parser.add_argument("--save-s", type=float, default=120, help="seconds between checkpoints (default %(default)s)")
    parser.add_argument("--checkpoint", type=Path, default=Path("digits.pt"), help="kept and gone on from")
    parser.add_argument("--out", type=Path, default=Path("digits.onnx"), help="the trained network")
    _train(parser.parse_args(arguments))
    return 0


def load_shard(path: Path) -> list[Line]:
    """(strip, labels) of every line in a file of `ocr.digits.shards`."""
    with np.load(path) as file:
        strips = np.split(file["pixels"], np.cumsum(file["widths"])[:-1], axis=1)
        labels = np.split(file["labels"], np.cumsum(file["lengths"])[:-1])
    return list(zip(strips, labels, strict=True))


class _Pool:
    """The lines of all files there are so far, dealt out in batches of one width."""

    def __init__(self, folder: Path, random: np.random.Generator) -> None:
        self._folder, self._random = folder, random
        self._known: set[Path] = set()
        self._lines: dict[int, list[Line]] = {width: [] for width in WIDTHS_PX}

    def look(self) -> None:
        """Takes in the files that are new."""
        for path in sorted(set(self._folder.glob("*.npz")) - self._known):
            self._known.add(path)
            for pixels, labels in load_shard(path):
                steps = 1 + len(labels) + int((labels[1:] == labels[:-1]).sum())
                if labels.size and pixels.shape[1] >= STEP_PX * steps:
                    width = next(width for width in WIDTHS_PX if width >= pixels.shape[1])
                    self._lines[width].append((np.ascontiguousarray(pixels), labels))

    def batch(self, size: int) -> tuple[Grey, NDArray[np.int64], NDArray[np.int64]]:
        """Strips of one width, their labels one after the other, and how many each has; a width as often as it is."""
        counts = np.array([len(lines) for lines in self._lines.values()], dtype=np.float64)
        width = int(self._random.choice(np.array(WIDTHS_PX), p=counts / counts.sum()))
        lines = self._lines[width]
        chosen = [lines[i] for i in self._random.integers(0, len(lines), size)]
        pixels = np.full((size, LOOK.height, width), 255, np.uint8)
        for row, (strip, _) in enumerate(chosen):
            self._lay(pixels[row], strip)
        labels = [labels for _, labels in chosen]
        return pixels, np.concatenate(labels), np.array([len(some) for some in labels])

    def _lay(self, place: Grey, strip: Grey) -> None:
        """Puts a strip in its place, a little changed: moved, squeezed, paler or darker, noisier."""
        random = self._random
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


def _train(given: argparse.Namespace) -> None:
    import torch  # type: ignore[import-not-found, unused-ignore]

    from ocr.digits.network import NumberReader

    torch.manual_seed(given.seed)
    torch.set_num_threads(given.threads)
    network = NumberReader().to(memory_format=torch.channels_last)
    mean = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=given.rate, weight_decay=1e-3, fused=True)
    step, spent_s = 0, 0.0
    if given.checkpoint.exists():
        kept = torch.load(given.checkpoint, weights_only=True)
        network.load_state_dict(kept["network"])
        mean.load_state_dict(kept["mean"])
        optimiser.load_state_dict(kept["optimiser"])
        step, spent_s = kept["step"], kept["spent_s"]
    pool = _Pool(given.shards, np.random.default_rng((given.seed, step)))
    pool.look()
    network.train()
    began = saved = time.monotonic()
    before_s, first = spent_s, step
    losses: list[float] = []
    while True:
        spent_s = before_s + time.monotonic() - began
        share = min(max(step / given.steps, spent_s / 3600 / given.hours), 1.0)
        rate = given.rate * min((step + 1) / WARM_UP_STEPS, 0.5 + 0.5 * math.cos(math.pi * share))
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = _loss(torch, network, *pool.batch(given.batch))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        step += 1
        decay = min(MEAN_DECAY, step / (step + 10))
        with torch.no_grad():
            for slow, fast in zip(mean.state_dict().values(), network.state_dict().values(), strict=True):
                if slow.is_floating_point():
                    slow.lerp_(fast, 1 - decay)
        losses.append(float(loss.detach()))
        done = step >= given.steps or share >= 1.0
        if done or time.monotonic() - saved > given.save_s:
            saved = time.monotonic()
            _save(torch, given.checkpoint, network, mean, optimiser, step, spent_s)
            export(torch, mean, given.out)
            pace = (saved - began) / (step - first)
            print(f"step {step} loss {np.mean(losses[-300:]):.5f} {pace:.3f} s/step", flush=True)  # noqa: T201
            pool.look()
        if done:
            return


def _loss(torch: Any, network: Any, pixels: Grey, labels: NDArray[np.int64], lengths: NDArray[np.int64]) -> Any:
    """CTC, a share of each line's length."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        odds = network(torch.from_numpy(pixels)).float()
    logarithms = torch.log_softmax(odds, dim=2).transpose(0, 1)
    steps = torch.full((len(pixels),), odds.shape[1], dtype=torch.long)
    return torch.nn.functional.ctc_loss(
        logarithms, torch.from_numpy(labels), steps, torch.from_numpy(lengths), zero_infinity=True
    )


def _save(torch: Any, path: Path, network: Any, mean: Any, optimiser: Any, step: int, spent_s: float) -> None:
    fresh = path.with_suffix(".new")
    state = {"network": network.state_dict(), "mean": mean.state_dict(), "optimiser": optimiser.state_dict()}
    torch.save({**state, "step": step, "spent_s": spent_s}, fresh)
    fresh.replace(path)


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
