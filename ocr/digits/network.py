"""The number-reading network in PyTorch: a small convolutional network for CTC. Needed for training alone."""

from __future__ import annotations

import torch  # type: ignore[import-not-found, unused-ignore]
from torch import Tensor, nn  # type: ignore[import-not-found, unused-ignore]

from ocr.digits.alphabet import CLASSES


class _Layer(nn.Sequential):  # type: ignore[misc, unused-ignore]
    """Convolution, normalisation, rectifier."""

    def __init__(self, inside: int, outside: int, size: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> None:
        padding = (size[0] // 2 if size[0] == 3 else 0, size[1] // 2)
        super().__init__(
            nn.Conv2d(inside, outside, size, stride, padding, bias=False), nn.BatchNorm2d(outside), nn.ReLU()
        )


class _Residual(nn.Module):  # type: ignore[misc, unused-ignore]
    """One convolution added to what it was given; along the line it may look at every second or fourth step."""

    def __init__(self, width: int, size: tuple[int, int], dilation: int = 1) -> None:
        super().__init__()
        padding = (size[0] // 2, dilation)
        self.convolution = nn.Conv2d(width, width, size, padding=padding, dilation=(1, dilation), bias=False)
        self.normalisation = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.normalisation(self.convolution(x)))


class NumberReader(nn.Module):  # type: ignore[misc, unused-ignore]
    """Grey lines in, log odds of `CLASSES` at every fourth pixel out; sees 100 pixels to either side at most."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _Layer(1, 16, (3, 3), (2, 2)),
            _Layer(16, 32, (3, 3), (2, 1)),
            _Layer(32, 48, (3, 3), (1, 2)),
            _Residual(48, (3, 3)),
            _Layer(48, 64, (3, 3), (2, 1)),
            _Residual(64, (3, 3)),
            _Layer(64, 128, (4, 1)),
            _Residual(128, (1, 3)),
            _Residual(128, (1, 3), 2),
            _Residual(128, (1, 3), 4),
        )
        self.head = nn.Conv2d(128, len(CLASSES), 1)

    def forward(self, grey: Tensor) -> Tensor:
        """Log odds.

        Args:
            grey: lines x 32 x width, 0 black to 255 white.

        Returns:
            lines x width / 4 x classes, before the softmax.
        """
        x = self.layers((255 - grey[:, None].float()) / 255)
        return self.head(x)[:, :, 0].transpose(1, 2)


class Exported(nn.Module):  # type: ignore[misc, unused-ignore]
    """The network as it is shipped: 8-bit grey in, probabilities out."""

    def __init__(self, network: NumberReader) -> None:
        super().__init__()
        self.network = network

    def forward(self, grey: Tensor) -> Tensor:
        """Adds the softmax.

        Args:
            grey: lines x 32 x width, uint8.

        Returns:
            float32, lines x width / 4 x classes.
        """
        return torch.softmax(self.network(grey), dim=2)
