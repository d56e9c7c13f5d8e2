"""Turns a born-digital PDF into page pictures as an office scanner would; knows pixels only, draws no text of a page.

Every step is seeded: the same PDF, damage and seed give the same pixels.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from examples.typeset import font_path

Pixels = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mark:
    """A watermark: one phrase, tiled and rotated over the whole page.

    Attributes:
        gray: of its ink, 0 black to 255 paper; what is printed under it stays darker.
        angle_deg: counterclockwise.
        pitch_pt: horizontal and vertical distance between two copies, along the rotated axes.
    """

    phrase: str
    gray: int = 200
    angle_deg: float = 30.0
    size_pt: float = 34.0
    pitch_pt: tuple[float, float] = (300.0, 170.0)


@dataclass(frozen=True, slots=True)
class Seal:
    """A stamp with a ring, a star and words along the ring.

    Attributes:
        center_pt: on the page, from the top left.
        radius_pt: half its width.
        strength: how much of the light the ink takes, 0 to 1.
        ink: `gray` is red ink as a scanner without colour sees it.
        flatness: height over width; 1 is round, seals for invoices and contracts are oval with 0.75.
    """

    text: str
    center_pt: tuple[float, float]
    radius_pt: float = 58.0
    angle_deg: float = 0.0
    strength: float = 0.8
    ink: Literal["red", "blue", "gray"] = "red"
    flatness: float = 1.0


#: Share of the red, green and blue light that full stamp ink takes; in gray the mean that luma weights give for red.
_INKS = {"red": (0.12, 0.95, 0.92), "blue": (0.92, 0.75, 0.25), "gray": (0.7, 0.7, 0.7)}


@dataclass(frozen=True, slots=True)
class Damage:
    """What happens to a page between the printer and the file, in this order.

    Attributes:
        paper: gray level of the blank sheet.
        skew_deg: clockwise, about the middle of the page.
        turn_deg: how far the stored picture is turned clockwise: 0, 90, 180 or 270.
        blur_px: standard deviation of a Gaussian, in pixels of the stored picture; 0 leaves the page sharp.
        noise: standard deviation in gray levels.
        jpeg_quality: 1 to 95; 0 stores without loss.
    """

    dpi: int = 200
    paper: int = 252
    mark: Mark | None = None
    seal: Seal | None = None
    skew_deg: float = 0.0
    turn_deg: int = 0
    blur_px: float = 0.0
    noise: float = 0.0
    jpeg_quality: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """One page picture.

    Attributes:
        image: (height, width) gray, or (height, width, 3) RGB where a seal is on it.
        to_px: 3×3, page points of the upright page to pixels of `image`.
        jpeg: the encoded bytes that `image` was decoded from; empty when stored without loss.
    """

    image: Pixels
    dpi: int
    to_px: Matrix
    jpeg: bytes = b""


def degrade(pdf: bytes, damage: Damage | Sequence[Damage], seed: int = 0) -> tuple[Scan, ...]:
    """Rasterises every page of `pdf` and damages it; about 0.2 s a page at 200 dpi.

    Args:
        pdf: any file that pypdfium2 opens.
        damage: one for all pages, or one for each page in order.
        seed: of the noise.

    Raises:
        ValueError: the number of damages is not the number of pages, or a turn is no multiple of 90°.
    """
    document = pypdfium2.PdfDocument(pdf)
    try:
        damages = [damage] * len(document) if isinstance(damage, Damage) else list(damage)
        if len(damages) != len(document):
            raise ValueError(f"{len(damages)} damages for {len(document)} pages")
        scans = []
        for index, each in enumerate(damages):
            page = document[index]
            image = page.render(scale=each.dpi / 72, grayscale=True).to_numpy()
            page.close()
            image = np.ascontiguousarray(image.reshape(image.shape[:2]))
            scans.append(damage_page(image, each, np.random.default_rng((seed, index))))
    finally:
        document.close()
    return tuple(scans)


def damage_page(image: Pixels, damage: Damage, random: np.random.Generator) -> Scan:
    """Damages one clean page picture; `image` (height, width) in gray is left unchanged."""
    if damage.turn_deg not in (0, 90, 180, 270):
        raise ValueError(f"a page is turned by 0, 90, 180 or 270 degrees, not {damage.turn_deg}")
    page = image.astype(np.float32) * (damage.paper / 255)
    if damage.mark:
        page *= _mark_layer(damage.mark, image.shape, damage.dpi) / 255
    if damage.seal:
        layer = _seal_layer(damage.seal, image.shape, damage.dpi)
        page = page * layer[:, :, 0] if damage.seal.ink == "gray" else page[:, :, None] * layer
    page, to_px = _moved(page, damage)
    if damage.blur_px:
        page = cv2.GaussianBlur(page, (0, 0), damage.blur_px)
    if damage.noise:
        page = page + random.normal(0.0, damage.noise, page.shape[:2] + (1,) * (page.ndim - 2)).astype(np.float32)
    done = np.clip(np.rint(page), 0, 255).astype(np.uint8)
    if not damage.jpeg_quality:
        return Scan(done, damage.dpi, to_px)
    buffer = io.BytesIO()
    Image.fromarray(done).save(buffer, "JPEG", quality=damage.jpeg_quality, optimize=True)
    return Scan(np.asarray(Image.open(buffer)), damage.dpi, to_px, buffer.getvalue())


def _moved(page: npt.NDArray[np.float32], damage: Damage) -> tuple[npt.NDArray[np.float32], Matrix]:
    height, width = page.shape[:2]
    scale = damage.dpi / 72
    to_px = np.diag([scale, scale, 1.0])
    if damage.skew_deg:
        # Pixel centres lie at whole numbers for OpenCV and at halves for us: the middle differs by half a pixel.
        turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -damage.skew_deg, 1.0)
        blank = (float(damage.paper),) * 3
        page = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=blank)
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
        to_px = half @ np.vstack([turn, [0, 0, 1]]) @ np.linalg.inv(half) @ to_px
    quarters = {
        0: np.eye(3),
        90: np.array([[0, -1, height], [1, 0, 0], [0, 0, 1.0]]),
        180: np.array([[-1, 0, width], [0, -1, height], [0, 0, 1.0]]),
        270: np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1.0]]),
    }
    page = np.ascontiguousarray(np.rot90(page, -damage.turn_deg // 90))
    return page, quarters[damage.turn_deg] @ to_px


def _mark_layer(mark: Mark, shape: tuple[int, ...], dpi: int) -> npt.NDArray[np.float32]:
    """What light the mark lets through, 0 to 255, (height, width)."""
    scale = dpi / 72
    side = math.ceil(math.hypot(*shape[:2]))
    layer = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(layer)
    font = ImageFont.truetype(str(font_path("sans")), round(mark.size_pt * scale))
    step_x, step_y = (max(1, round(pitch * scale)) for pitch in mark.pitch_pt)
    for number, y in enumerate(range(step_y // 3, side, step_y)):
        for x in range(-step_x // 2 if number % 2 else 0, side, step_x):  # every other line is shifted, as bricks are
            pen.text((x, y), mark.phrase, fill=mark.gray, font=font)
    turned = layer.rotate(mark.angle_deg, Image.Resampling.BILINEAR, fillcolor=255)
    left, top = (side - shape[1]) // 2, (side - shape[0]) // 2
    return np.asarray(turned.crop((left, top, left + shape[1], top + shape[0])), dtype=np.float32)


def _seal_layer(seal: Seal, shape: tuple[int, ...], dpi: int) -> npt.NDArray[np.float32]:
    """What light the seal lets through, 0 to 1, (height, width, 3)."""
    scale = dpi / 72
    radius = seal.radius_pt * scale
    side = round(2.2 * radius)
    middle = side / 2
    ink = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(ink)
    rim = (middle - radius, middle - radius, middle + radius, middle + radius)
    pen.ellipse(rim, outline=255, width=max(1, round(radius * 0.045)))
    star = [
        (middle + r * math.sin(k * math.pi / 5), middle - r * math.cos(k * math.pi / 5))
        for k, r in enumerate((radius * 0.30, radius * 0.115) * 5)
    ]
    pen.polygon(star, fill=255)
    font = ImageFont.truetype(str(font_path("serif")), round(radius * 0.26))
    spread = min(300.0, 32.0 * len(seal.text))
    for number, char in enumerate(seal.text):
        angle = 0.0 if len(seal.text) == 1 else -spread / 2 + spread * number / (len(seal.text) - 1)
        glyph = Image.new("L", (side, side), 0)
        ImageDraw.Draw(glyph).text((middle, middle - radius * 0.77), char, fill=255, font=font, anchor="mm")
        ink.paste(255, mask=glyph.rotate(-angle, Image.Resampling.BILINEAR))
    flat = ink.resize((side, round(side * seal.flatness)), Image.Resampling.BILINEAR)
    ink = Image.new("L", (side, side), 0)
    ink.paste(flat, (0, (side - flat.height) // 2))
    ink = ink.rotate(-seal.angle_deg, Image.Resampling.BILINEAR)
    sheet = Image.new("L", (shape[1], shape[0]), 0)
    sheet.paste(ink, (round(seal.center_pt[0] * scale - middle), round(seal.center_pt[1] * scale - middle)))
    taken = np.asarray(sheet, dtype=np.float32)[:, :, None] / 255 * seal.strength
    return 1 - taken * np.array(_INKS[seal.ink], dtype=np.float32)


def scans_to_pdf(scans: Sequence[Scan]) -> bytes:
    """One full-page picture a page and no text layer; JPEG bytes go in as they are."""
    pdf = pikepdf.new()
    for scan in scans:
        height, width = scan.image.shape[:2]
        box = [0, 0, round(width * 72 / scan.dpi, 2), round(height * 72 / scan.dpi, 2)]
        picture = pikepdf.Stream(pdf, scan.jpeg or scan.image.tobytes())
        picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        picture.Width, picture.Height, picture.BitsPerComponent = width, height, 8
        picture.ColorSpace = pikepdf.Name.DeviceGray if scan.image.ndim == 2 else pikepdf.Name.DeviceRGB
        if scan.jpeg:
            picture.Filter = pikepdf.Name.DCTDecode
        content = pikepdf.Stream(pdf, f"{box[2]} 0 0 {box[3]} 0 0 cm /Scan Do".encode())
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=box,
            Contents=pdf.make_indirect(content),
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=pdf.make_indirect(picture))),
        )
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    buffer = io.BytesIO()
    pdf.save(buffer, deterministic_id=True, compress_streams=True, recompress_flate=False)
    return buffer.getvalue()


def scans_to_tiff(scans: Sequence[Scan]) -> bytes:
    """One multi-page TIFF, compressed without loss."""
    images = [Image.fromarray(scan.image) for scan in scans]
    buffer = io.BytesIO()
    dpi = (scans[0].dpi, scans[0].dpi)
    images[0].save(buffer, "TIFF", save_all=True, append_images=images[1:], compression="tiff_adobe_deflate", dpi=dpi)
    return buffer.getvalue()


def write_pngs(scans: Sequence[Scan], folder: Path) -> tuple[Path, ...]:
    """Writes `page-001.png` and so on into `folder`, which must exist."""
    paths = tuple(folder / f"page-{number:03d}.png" for number in range(1, len(scans) + 1))
    for path, scan in zip(paths, scans, strict=True):
        Image.fromarray(scan.image).save(path, dpi=(scan.dpi, scan.dpi))
    return paths
