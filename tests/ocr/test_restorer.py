"""The restoring network: its tiles, what it leaves alone, what it was trained on, and what it reaches."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from ocr.clean.restorer.fonts import find_faces
from ocr.clean.restorer.restore import (
    MARK_STRIDE_PX,
    TILE_PX,
    WEIGHTS,
    Network,
    _tiles,
    restore,
    sees_mark,
)
from ocr.clean.restorer.scans import make_pair
from ocr.networks import compile_network

DPI = 200.0

pytestmark = pytest.mark.skipif(importlib.util.find_spec("cv2") is None, reason="needs OpenCV")


def lightening(tiles):
    """Takes everything between 100 and 200 for a mark and adds 50 to it."""
    for tile in tiles:
        marked = (tile > 100) & (tile < 200)
        rows = tile.shape[1] // MARK_STRIDE_PX
        squares = marked.reshape(1, rows, MARK_STRIDE_PX, -1, MARK_STRIDE_PX).mean(axis=(2, 4))
        yield [np.full(tile.shape, 50.0, np.float32), squares.astype(np.float32)]


def everywhere(page):
    return np.ones(page.shape, np.bool_)


@pytest.mark.parametrize("length", [1, 623, 624, 625, 1170, 1654, 2339, 3508])
def test_tiles_keep_every_pixel_once(length):
    tiles = list(_tiles(length, TILE_PX[0]))
    kept = np.concatenate([np.arange(part.start, part.stop) for _, part in tiles])
    assert kept.tolist() == list(range(length))
    assert all(start <= part.start and part.stop <= start + TILE_PX[0] for start, part in tiles)


def test_only_the_mark_and_its_surroundings_change():
    page = np.full((1000, 700), 250, np.uint8)
    page[100:140, 100:400] = 150
    page[600:620, 100:400] = 10
    restored = restore(page, DPI, lightening, everywhere(page))
    assert restored.image[120, 200] == 200
    assert restored.image[610, 200] == 10
    assert not restored.mask[500:].any()
    assert np.array_equal(restored.image[~restored.mask], page[~restored.mask])


def test_only_tiles_of_the_region_are_worked_on():
    page = np.full((1300, 700), 150, np.uint8)
    region = np.zeros(page.shape, np.bool_)
    region[50, 50] = True
    seen = []

    def counted(tiles):
        for tile in tiles:
            seen.append(tile.shape)
            yield from lightening([tile])

    assert restore(page, DPI, counted, region).mask.any()
    assert seen == [(1, *TILE_PX)]


def test_a_mark_is_looked_for_where_it_is_suspected_beside_print():
    page = np.full((1300, 1300), 250, np.uint8)
    page[900:940, 900:1000] = 150
    page[1000:1010, 900:1000] = 10
    suspected = np.zeros(page.shape, np.bool_)
    suspected[:60, :60] = True
    assert not sees_mark(page, suspected, lightening, 9)
    suspected[900:940, 900:1000] = True
    assert sees_mark(page, suspected, lightening, 1)


def test_a_page_without_a_mark_comes_back_as_it_was():
    page = np.full((700, 700), 250, np.uint8)
    restored = restore(page, DPI, lightening, everywhere(page))
    assert np.array_equal(restored.image, page)
    assert not restored.mask.any()


def test_a_page_smaller_than_a_tile_is_restored():
    page = np.full((60, 90), 250, np.uint8)
    page[20:40, 20:60] = 150
    assert restore(page, DPI, lightening, everywhere(page)).image[30, 30] == 200


@pytest.fixture(scope="module")
def faces():
    try:
        return find_faces(system=())
    except FileNotFoundError:
        pytest.skip("no Chinese fonts")


def test_made_up_pages_differ_only_where_marks_are(faces):
    random = np.random.default_rng(5)
    marked = 0
    for _ in range(6):
        pair = make_pair(random, faces, 320)
        if pair.mark.any():
            marked += 1
            under = pair.mark > 0
            assert pair.marked[under].mean() < pair.plain[under].mean()
        else:
            assert np.array_equal(pair.marked, pair.plain)
    assert marked


def test_made_up_pages_are_the_same_for_the_same_seed(faces):
    first, second = (make_pair(np.random.default_rng(3), faces, 160) for _ in range(2))
    assert np.array_equal(first.marked, second.marked)


@pytest.fixture(scope="module")
def network() -> Network:
    return compile_network(WEIGHTS, (1, TILE_PX, TILE_PX)).each


def test_the_weights_stay_small():
    assert WEIGHTS.stat().st_size < 3_000_000


def test_the_shipped_network_takes_marks_off(faces, network):
    """Four fifths of what marks darken is taken away; what the model card says is better."""
    random = np.random.default_rng(11)
    before = after = 0.0
    for _ in range(6):
        pair = make_pair(random, faces, 640)
        under = pair.mark > 0
        restored = restore(pair.marked, DPI, network, np.ones(pair.marked.shape, np.bool_)).image
        before += float(np.abs(pair.marked[under].astype(float) - pair.plain[under]).sum())
        after += float(np.abs(restored[under].astype(float) - pair.plain[under]).sum())
    assert after < 0.2 * before


def test_the_shipped_network_leaves_plain_print_alone(faces, network):
    random = np.random.default_rng(12)
    for _ in range(4):
        page = make_pair(random, faces, 640).plain
        restored = restore(page, DPI, network, np.ones(page.shape, np.bool_))
        paled = restored.image.astype(int) - page > 64
        assert restored.mask.mean() < 0.005
        assert paled[page < 128].mean() < 0.01


@pytest.mark.parametrize("module", ["ocr.clean.restorer.train", "ocr.digits.train"])
def test_training_explains_itself_without_pytorch(module: str):
    done = subprocess.run([sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True)
    assert "--checkpoint" in done.stdout
