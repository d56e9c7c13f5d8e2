"""The restoring network in PyTorch: a residual U-Net on half-resolution planes. Needed for training alone."""

from __future__ import annotations

import torch  # type: ignore[import-not-found, unused-ignore]
from torch import Tensor, nn  # type: ignore[import-not-found, unused-ignore]
from torch.nn import functional  # type: ignore[import-not-found, unused-ignore]

WIDTHS = (48, 72, 96)
"""Channels at 1/4, 1/8 and 1/16 of the resolution: half a million parameters."""

DEALT = 4
"""The picture is dealt into planes of a quarter of its sides. Twice the planes at half the sides took three times as
long: few channels on many places is what processors are slowest at."""


class _Block(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(torch.relu(self.first(torch.relu(x))))


class Restorer(nn.Module):  # type: ignore[misc, unused-ignore]
    """Grey in; what to add to it, and how surely a mark lies there, out. Skips are added, not stacked."""

    def __init__(self, widths: tuple[int, int, int] = WIDTHS) -> None:
        super().__init__()
        one, two, three = widths
        self.stem = nn.Conv2d(DEALT**2, one, 3, padding=1)
        self.in_one, self.out_one = _Block(one), _Block(one)
        self.in_two, self.out_two = _Block(two), _Block(two)
        self.bottom = _Block(three)
        self.down_two = nn.Conv2d(one, two, 2, 2)
        self.down_three = nn.Conv2d(two, three, 2, 2)
        self.up_two = nn.ConvTranspose2d(three, two, 2, 2)
        self.up_one = nn.ConvTranspose2d(two, one, 2, 2)
        self.head = nn.Conv2d(one, DEALT**2 + 1, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        """Change and mark.

        Args:
            grey: pages x 1 x height x width, 0 black to 1 white.

        Returns:
            What to add to `grey`, of its shape; the log odds that a mark lies in a square of `DEALT` pixels, pages
            x 1 x height / `DEALT` x width / `DEALT`.
        """
        one = self.in_one(self.stem(functional.pixel_unshuffle(1 - grey, DEALT)))
        two = self.in_two(self.down_two(one))
        three = self.bottom(self.down_three(two))
        two = self.out_two(two + self.up_two(three))
        both = self.head(self.out_one(one + self.up_one(two)))
        return functional.pixel_shuffle(both[:, :-1], DEALT), both[:, -1:]


class Exported(nn.Module):  # type: ignore[misc, unused-ignore]
    """The network as it is shipped: 8-bit grey in, levels to add and probability of a mark out."""

    def __init__(self, network: Restorer) -> None:
        super().__init__()
        self.network = network

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        """Adds the conversions.

        Args:
            grey: tiles x height x width, uint8.

        Returns:
            float32: levels to add to `grey`, of its shape; probability of a mark, a quarter of its sides.
        """
        change, mark = self.network(grey[:, None].float() / 255)
        return change[:, 0] * 255, torch.sigmoid(mark[:, 0])
