"""Trains the restoring network on made-up pages and writes it as ONNX.

    python -m ocr.clean.restorer.train --steps 60000 --checkpoint run.pt --out restorer.onnx

PyTorch and onnx are needed for this alone. A run can be stopped at any time and goes on from its checkpoint. The
weights written are the running mean over the last thousand steps or so.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.clean.restorer.fonts import Faces, find_faces
from ocr.clean.restorer.scans import Pair, make_pair
from ocr.training import Plan, add_arguments, train

PAGE_PX = 704
PATCH_PX = 128
PATCHES_PER_PAGE = 20
PLAIN_SHARE = 0.15
"""Share of the patches without a mark that are kept: enough to learn to leave them alone."""

SHUFFLED = 400
"""Patches waiting to be drawn from, so that a batch is not of one page."""

PLAN = Plan(warm_up_steps=300, mean_decay=0.999, weight_decay=1e-4, most_gradient=1.0)
MASK_WEIGHT = 0.03

VALIDATION_SEED = 20_000_000
VALIDATION_PAGES = 24

Batch = NDArray[np.uint8]


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line and trains."""
    given = _parser().parse_args(arguments)
    import torch  # type: ignore[import-not-found, unused-ignore]

    from ocr.clean.restorer.network import Restorer

    faces = find_faces(given.fonts)
    print(f"{len(faces.chinese)} Chinese faces, {len(faces.digits)} with digits", flush=True)  # noqa: T201

    def batches(step: int) -> Iterable[Any]:
        stream = _stream(torch, faces, given.seed + step)
        loader: Iterable[Any] = torch.utils.data.DataLoader(
            stream, batch_size=given.batch, num_workers=given.makers, prefetch_factor=6
        )
        return loader

    mean = train(
        given,
        PLAN,
        make=Restorer,
        batches=batches,
        loss=lambda network, batch: _loss(torch, network, batch),
        saved=lambda mean: _judge(torch, mean, faces),
    )
    export(torch, mean, given.out)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ocr.clean.restorer.train", description=__doc__)
    # A night on two cores.
    add_arguments(parser, name="restorer", steps=60_000, batch=8, rate=2e-3, threads=2)
    parser.add_argument("--makers", type=int, default=1, help="processes that make pages (default %(default)s)")
    parser.add_argument("--fonts", type=Path, action="append", default=[], help="another folder of fonts")
    return parser


def patches(faces: Faces, seed: int) -> Iterator[Batch]:
    """Patches without end: 3 x side x side each, marked, plain and mark."""
    random = np.random.default_rng(seed)
    waiting: list[Batch] = []
    while True:
        waiting += _cut(random, make_pair(random, faces, PAGE_PX))
        while len(waiting) > SHUFFLED:
            yield waiting.pop(int(random.integers(len(waiting))))


def _cut(random: np.random.Generator, pair: Pair) -> Iterator[Batch]:
    layers = np.stack([pair.marked, pair.plain, pair.mark])
    for y, x in random.integers(0, PAGE_PX - PATCH_PX + 1, (PATCHES_PER_PAGE, 2)):
        patch = layers[:, y : y + PATCH_PX, x : x + PATCH_PX]
        if patch[2].any() or random.random() < PLAIN_SHARE:
            if random.random() < 0.1:  # strokes in every direction; text stays upright most of the time
                patch = patch.swapaxes(1, 2)
            yield np.ascontiguousarray(patch)


def _stream(torch: Any, faces: Faces, seed: int) -> Any:
    class Stream(torch.utils.data.IterableDataset):  # type: ignore[misc, unused-ignore]
        def __iter__(self) -> Iterator[Batch]:
            worker = torch.utils.data.get_worker_info()
            torch.set_num_threads(1)
            return patches(faces, seed * 1000 + (worker.id if worker else 0))

    return Stream()


def _loss(torch: Any, network: Any, batch: Any) -> Any:
    """Mean absolute error, heavier on ink, on marks and most on ink under marks; and the mark's cross entropy."""
    from ocr.clean.restorer.network import DEALT

    layers = batch.float() / 255
    marked, plain, mark = layers[:, 0:1], layers[:, 1:2], layers[:, 2:3]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        change, odds = network(marked.contiguous(memory_format=torch.channels_last))
    wrong = torch.sqrt((marked + change.float() - plain) ** 2 + 1e-5)
    ink = 1 - plain
    near = torch.nn.functional.max_pool2d(mark, 5, 1, 2)
    weight = 1 + 2 * ink + 3 * near + 6 * near * ink
    covered = torch.nn.functional.avg_pool2d(mark, DEALT)
    mask = torch.nn.functional.binary_cross_entropy_with_logits(odds.float(), covered)
    return (wrong * weight).mean() + MASK_WEIGHT * mask


def _judge(torch: Any, network: Any, faces: Faces) -> str:
    """Error on pages never trained on: grey levels where marks lie, before and after, and the same elsewhere."""
    random = np.random.default_rng(VALIDATION_SEED)
    sums = np.zeros(6)
    for _ in range(VALIDATION_PAGES):
        pair = make_pair(random, faces, PAGE_PX // 2)
        with torch.no_grad():
            grey = torch.from_numpy(pair.marked)[None, None].float() / 255
            change, odds = network(grey.contiguous(memory_format=torch.channels_last))
        restored = np.clip(pair.marked + 255 * change[0, 0].numpy(), 0, 255)
        there = pair.mark > 0
        found = (odds[0, 0].numpy() > 0).repeat(4, 0).repeat(4, 1)
        before, after = np.abs(pair.marked - pair.plain.astype(np.float64)), np.abs(restored - pair.plain)
        sums += (
            before[there].sum(),
            after[there].sum(),
            after[~there].sum(),
            there.sum(),
            (~there).sum(),
            found[there].sum(),
        )
    marks, rest = max(sums[3], 1), max(sums[4], 1)
    return (
        f"marks {sums[0] / marks:.1f} -> {sums[1] / marks:.2f} levels, elsewhere {sums[2] / rest:.3f}, "
        f"found {sums[5] / marks:.1%}"
    )


def export(torch: Any, network: Any, path: Path) -> None:
    """Writes the network as ONNX, for any number of tiles of any size."""
    from ocr.clean.restorer.network import Exported

    shipped = Exported(copy.deepcopy(network).to(memory_format=torch.contiguous_format)).eval()
    free = {0: "tiles", 1: "height", 2: "width"}
    torch.onnx.export(
        shipped,
        (torch.zeros((1, 64, 64), dtype=torch.uint8),),
        str(path),
        dynamo=False,
        opset_version=17,
        input_names=["grey"],
        output_names=["change", "mark"],
        dynamic_axes={"grey": free, "change": free, "mark": free},
    )


if __name__ == "__main__":
    sys.exit(main())
