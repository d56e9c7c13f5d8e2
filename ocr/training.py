"""The training loop of our own networks: batches in, weights and checkpoints out. Needed for training alone.

Both networks (`ocr.clean.restorer`, `ocr.digits`) are trained on made-up data until their steps or their hours are
over. A run can be stopped at any time and goes on from its checkpoint.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

LOSSES_SHOWN = 300
"""Losses that the printed mean is taken over: what made-up batches differ by is gone then."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What differs between the networks.

    Attributes:
        warm_up_steps: over which the learning rate rises.
        mean_decay: of the running mean of the weights, which is what is written.
        weight_decay: of AdamW.
        most_gradient: norm that gradients are cut to.
    """

    warm_up_steps: int
    mean_decay: float
    weight_decay: float
    most_gradient: float


def add_arguments(
    parser: argparse.ArgumentParser, *, name: str, steps: int, batch: int, rate: float, threads: int
) -> None:
    """The command line that every training has, with these defaults; `name` of the files that are written."""
    parser.add_argument("--steps", type=int, default=steps, help="steps in all (default %(default)s)")
    parser.add_argument("--hours", type=float, default=10.0, help="the rate also ends with them (default %(default)s)")
    parser.add_argument("--batch", type=int, default=batch, help="examples a step (default %(default)s)")
    parser.add_argument("--rate", type=float, default=rate, help="highest learning rate (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of data and weights (default %(default)s)")
    parser.add_argument("--threads", type=int, default=threads, help="of the network (default %(default)s)")
    parser.add_argument("--save-s", type=float, default=180, help="seconds between checkpoints (default %(default)s)")
    parser.add_argument("--checkpoint", type=Path, default=Path(f"{name}.pt"), help="kept and gone on from")
    parser.add_argument("--out", type=Path, default=Path(f"{name}.onnx"), help="the trained network")


def train(
    given: argparse.Namespace,
    plan: Plan,
    *,
    make: Callable[[], Any],
    batches: Callable[[int], Iterable[Any]],
    loss: Callable[[Any, Any], Any],
    saved: Callable[[Any], str],
) -> Any:
    """Trains until the steps or the hours are over and returns the running mean of the weights as a network.

    Args:
        given: what `add_arguments` parsed.
        plan: how this network is trained.
        make: the network with fresh weights, a torch module.
        batches: batches without end, from the number of steps already taken.
        loss: of a network on a batch.
        saved: told of the mean at every checkpoint; what it returns is printed.
    """
    import torch  # type: ignore[import-not-found, unused-ignore]

    torch.manual_seed(given.seed)
    torch.set_num_threads(given.threads)
    network = make().to(memory_format=torch.channels_last)
    mean = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=given.rate, weight_decay=plan.weight_decay, fused=True)
    step, before_s = 0, 0.0
    if given.checkpoint.exists():
        kept = torch.load(given.checkpoint, weights_only=True)
        network.load_state_dict(kept["network"])
        mean.load_state_dict(kept["mean"])
        optimiser.load_state_dict(kept["optimiser"])
        step, before_s = kept["step"], kept["spent_s"]
    network.train()
    began = last = time.monotonic()
    losses: list[float] = []
    for batch in batches(step):
        spent_s = before_s + time.monotonic() - began
        share = min(max(step / given.steps, spent_s / 3600 / given.hours), 1.0)
        for group in optimiser.param_groups:
            group["lr"] = given.rate * min((step + 1) / plan.warm_up_steps, 0.5 + 0.5 * math.cos(math.pi * share))
        wrong = loss(network, batch)
        optimiser.zero_grad(set_to_none=True)
        wrong.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), plan.most_gradient)
        optimiser.step()
        step += 1
        _follow(torch, mean, network, min(plan.mean_decay, step / (step + 10)))
        losses.append(float(wrong.detach()))
        done = step >= given.steps or share >= 1.0
        if done or time.monotonic() - last > given.save_s:
            last = time.monotonic()
            _keep(torch, given.checkpoint, network, mean, optimiser, step, spent_s)
            pace = (last - began) / len(losses)
            recent = float(np.mean(losses[-LOSSES_SHOWN:]))
            print(f"step {step} loss {recent:.5f} {pace:.3f} s/step {saved(mean)}", flush=True)  # noqa: T201
        if done:
            break
    return mean


def _follow(torch: Any, mean: Any, network: Any, decay: float) -> None:
    with torch.no_grad():
        for slow, fast in zip(mean.state_dict().values(), network.state_dict().values(), strict=True):
            if slow.is_floating_point():
                slow.lerp_(fast, 1 - decay)


def _keep(torch: Any, path: Path, network: Any, mean: Any, optimiser: Any, step: int, spent_s: float) -> None:
    fresh = path.with_suffix(".new")
    state = {"network": network.state_dict(), "mean": mean.state_dict(), "optimiser": optimiser.state_dict()}
    torch.save({**state, "step": step, "spent_s": spent_s}, fresh)
    fresh.replace(path)
