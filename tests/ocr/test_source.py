"""Files of every kind become pages; bad ones are refused with a reason; the reading process is kept within bounds."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from models.errors import (
    DamagedInput,
    EncryptedInput,
    InputError,
    InputTimeout,
    InputTooLarge,
    UnsupportedFormat,
)
from ocr.child import TaskFailure
from ocr.sandbox import MAX_TASKS, Sandbox
from ocr.source import (
    DEFAULT_LIMITS,
    FailedPage,
    ImagePage,
    Limits,
    TextPage,
    count_pages,
    file_sha256,
    inspect,
    read_pages,
    render_page,
    sandbox_for,
)

# Longer than anything takes, on any machine: only what hangs for good lasts so long.
PATIENCE_S = 300.0
GREY = np.full((300, 200), 255, np.uint8)
GREY[40:60, 30:150] = 0


@pytest.fixture(scope="module")
def child() -> Iterator[Sandbox]:
    with sandbox_for() as sandbox:
        yield sandbox


def save(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)  # type: ignore[arg-type]
    return path


def picture(path: Path, child: Sandbox) -> ImagePage:
    (page,) = read_pages(path, sandbox=child)
    assert isinstance(page, ImagePage)
    assert page.page.source == "ocr"
    return page


def blank_pdf(path: Path, n_pages: int, **options: object) -> Path:
    with pikepdf.new() as document:
        for _ in range(n_pages):
            document.add_blank_page(page_size=(300, 400))
        document.save(path, **options)  # type: ignore[arg-type]
    return path


# Pictures


@pytest.mark.parametrize(
    ("name", "image", "options"),
    [
        ("grey.png", Image.fromarray(GREY), {}),
        ("bilevel.png", Image.fromarray(GREY).convert("1"), {}),
        ("palette.png", Image.fromarray(GREY).convert("RGB").convert("P"), {}),
        ("clear.png", Image.merge("LA", [Image.fromarray(np.zeros_like(GREY)), Image.fromarray(255 - GREY)]), {}),
        ("deep.png", Image.fromarray(GREY.astype(np.uint16) * 257), {}),
        ("deep.tif", Image.fromarray(GREY.astype(np.uint16) * 257), {}),
        ("cmyk.jpg", Image.fromarray(GREY).convert("CMYK"), {"quality": 95}),
        ("grey.jpg", Image.fromarray(GREY), {"quality": 95}),
        ("packed.tif", Image.fromarray(GREY), {"compression": "tiff_lzw"}),
        ("fax.tif", Image.fromarray(GREY).convert("1"), {"compression": "group4"}),
    ],
)
def test_every_kind_of_picture_is_read_as_black_on_white(
    tmp_path: Path, child: Sandbox, name: str, image: Image.Image, options: dict[str, object]
) -> None:
    read = picture(save(tmp_path / name, image, dpi=(200, 200), **options), child)
    assert read.image.shape == (300, 200)
    assert np.abs(read.image.astype(int) - GREY).mean() < 2
    assert read.dpi == pytest.approx(200, abs=0.1)
    assert (read.page.width_pt, read.page.height_pt) == pytest.approx((72, 108), abs=0.1)


def test_colour_stays_and_faint_tints_become_grey(tmp_path: Path, child: Sandbox) -> None:
    seal = np.stack([GREY] * 3, axis=2)
    assert picture(save(tmp_path / "a.png", Image.fromarray(seal)), child).image.ndim == 2
    seal[200:260, 50:110] = (255, 120, 120)
    read = picture(save(tmp_path / "b.png", Image.fromarray(seal)), child)
    assert (read.image == seal).all()


@pytest.mark.parametrize("dpi", [None, (1, 1), (72, 72), (96, 96), (9999, 9999), (200, 20)])
def test_a_picture_without_a_credible_resolution_is_a4_high(
    tmp_path: Path, child: Sandbox, dpi: tuple[int, int] | None
) -> None:
    options = {"dpi": dpi} if dpi else {}
    read = picture(save(tmp_path / "a.png", Image.fromarray(GREY), **options), child)
    assert read.page.height_pt == pytest.approx(841.89, abs=0.01)
    assert read.page.width_pt == pytest.approx(841.89 * 200 / 300, abs=0.01)
    assert read.dpi == pytest.approx(300 / 11.693, abs=0.01)


def test_fax_pixels_are_made_square(tmp_path: Path, child: Sandbox) -> None:
    read = picture(save(tmp_path / "a.tif", Image.fromarray(GREY), dpi=(204, 102)), child)
    assert (read.page.width_pt, read.page.height_pt) == pytest.approx((70.6, 211.8), abs=0.1)
    assert read.image.shape == (600, 200)
    assert read.dpi == pytest.approx(204, abs=0.5)


def test_pixels_times_72_over_dpi_are_points_after_reduction(tmp_path: Path, child: Sandbox) -> None:
    large = Image.fromarray(GREY).resize((2000, 3000))
    read = picture(save(tmp_path / "a.png", large, dpi=(600, 600)), child)
    assert read.dpi == pytest.approx(200, abs=0.5)
    assert read.image.shape[0] * 72 / read.dpi == pytest.approx(read.page.height_pt, abs=0.2)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_shown_as_its_exif_data_says(tmp_path: Path, child: Sandbox, orientation: int) -> None:
    stored = {
        1: GREY, 2: GREY[:, ::-1], 3: GREY[::-1, ::-1], 4: GREY[::-1], 5: GREY.T,
        6: np.rot90(GREY), 7: GREY[::-1, ::-1].T, 8: np.rot90(GREY, -1),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(np.ascontiguousarray(stored))
    read = picture(save(tmp_path / "a.jpg", image, exif=exif, quality=95), child)
    assert read.image.shape == GREY.shape
    assert np.abs(read.image.astype(int) - GREY).mean() < 3


def test_every_frame_of_a_tiff_is_a_page_of_its_own_size(tmp_path: Path, child: Sandbox) -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(GREY.T.copy()), Image.fromarray(GREY).convert("RGB")]
    path = save(tmp_path / "a.tif", frames[0], save_all=True, append_images=frames[1:], dpi=(200, 200))
    pages = list(read_pages(path, sandbox=child))
    assert [page.page.index for page in pages] == [0, 1, 2]
    assert [page.image.shape for page in pages if isinstance(page, ImagePage)] == [(300, 200), (200, 300), (300, 200)]
    assert count_pages(path, sandbox=child) == 3


def test_the_content_counts_and_not_the_name(tmp_path: Path, child: Sandbox) -> None:
    picture(save(tmp_path / "scan.pdf", Image.fromarray(GREY), format="PNG"), child)
    path = blank_pdf(tmp_path / "a.pdf", 1)
    shifted = tmp_path / "disclosure.jpg"
    shifted.write_bytes(b"\0" * 500 + path.read_bytes())
    (page,) = read_pages(shifted, sandbox=child)
    assert isinstance(page, TextPage)


def test_a_folder_of_pictures_is_one_document_in_the_order_of_its_numbers(tmp_path: Path, child: Sandbox) -> None:
    for number in (1, 2, 10):
        save(tmp_path / f"第{number}页.png", Image.fromarray(np.full((100, 50 + number), 255, np.uint8)))
    (tmp_path / "notes.txt").write_text("not a page")
    pages = list(read_pages(tmp_path, sandbox=child))
    assert [page.image.shape[1] for page in pages if isinstance(page, ImagePage)] == [51, 52, 60]


def test_a_damaged_picture_keeps_its_place_and_the_others_are_read(tmp_path: Path, child: Sandbox) -> None:
    for number in (1, 2, 3):
        save(tmp_path / f"{number}.png", Image.fromarray(GREY))
    whole = (tmp_path / "2.png").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"GIF89a"):
        (tmp_path / "2.png").write_bytes(damaged)
        pages = list(read_pages(tmp_path, sandbox=child))
        assert [type(page) for page in pages] == [ImagePage, FailedPage, ImagePage]
        assert pages[1].page.problem


# PDF


def test_a_scan_is_taken_pixel_by_pixel_between_150_and_300_dpi(tmp_path: Path, child: Sandbox) -> None:
    noise = np.kron(np.random.default_rng(7).integers(0, 2, (80, 60), np.uint8) * 255, np.ones((10, 10), np.uint8))
    for dpi, expected in ((250, 250.0), (600, 200.0), (100, 200.0)):
        path = save(tmp_path / f"{dpi}.pdf", Image.fromarray(noise).convert("1"), resolution=dpi)
        read = picture(path, child)
        assert read.dpi == pytest.approx(expected, abs=0.5)
        assert read.image.shape[1] * 72 / read.dpi == pytest.approx(read.page.width_pt, abs=0.2)
        if dpi == expected:
            assert (read.image == noise).all()


def test_a_huge_page_is_rendered_coarser(tmp_path: Path, child: Sandbox) -> None:
    path = save(tmp_path / "a.pdf", Image.fromarray(GREY), resolution=1)
    read = picture(path, child)
    assert read.image.size <= DEFAULT_LIMITS.max_render_pixels * 1.01
    assert read.dpi < 200


def test_pages_come_in_order_and_so_do_their_sizes(tmp_path: Path, child: Sandbox) -> None:
    with pikepdf.new() as document:
        for n in range(20):
            document.add_blank_page(page_size=(100 + n, 200))
        document.save(tmp_path / "a.pdf")
    pages = list(read_pages(tmp_path / "a.pdf", sandbox=child))
    assert [page.page.width_pt for page in pages] == [100 + n for n in range(20)]
    assert [size.width_pt for size in inspect(tmp_path / "a.pdf", sandbox=child)] == [100 + n for n in range(20)]


def test_a_picture_for_people_is_turned_as_the_page_is(tmp_path: Path, child: Sandbox) -> None:
    path = save(tmp_path / "a.png", Image.fromarray(np.rot90(GREY, -1).copy()), dpi=(200, 200))
    assert (render_page(path, 0, 200, rotation_deg=90, sandbox=child) == GREY).all()


# Refusals


def refusal(path: Path, limits: Limits = DEFAULT_LIMITS) -> InputError:
    with pytest.raises(InputError) as caught:
        list(read_pages(path, limits))
    assert path.name in caught.value.reason
    assert caught.value.remedy
    return caught.value


def test_files_that_cannot_be_read_are_refused_with_reason_and_remedy(tmp_path: Path) -> None:
    empty, words = tmp_path / "空.pdf", tmp_path / "words.pdf"
    empty.touch()
    words.write_text("财政" * 100)
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    locked = blank_pdf(tmp_path / "locked.pdf", 1, encryption=pikepdf.Encryption(user="u", owner="o"))
    assert type(refusal(empty)) is DamagedInput
    assert type(refusal(words)) is UnsupportedFormat
    assert type(refusal(tmp_path / "missing.pdf")) is DamagedInput
    assert type(refusal(tmp_path / "folder")) is UnsupportedFormat
    assert type(refusal(tmp_path / "broken.pdf")) is DamagedInput
    assert type(refusal(locked)) is EncryptedInput
    assert type(refusal(blank_pdf(tmp_path / "none.pdf", 0))) is DamagedInput


def test_an_owner_password_does_not_keep_a_reader_out(tmp_path: Path, child: Sandbox) -> None:
    path = blank_pdf(tmp_path / "a.pdf", 1, encryption=pikepdf.Encryption(owner="o"))
    assert len(list(read_pages(path, sandbox=child))) == 1


def test_limits_are_kept_before_anything_is_decoded(tmp_path: Path) -> None:
    path = blank_pdf(tmp_path / "a.pdf", 6)
    assert "6 页" in refusal(path, replace(DEFAULT_LIMITS, max_pages=5)).reason
    assert type(refusal(path, replace(DEFAULT_LIMITS, max_bytes=100))) is InputTooLarge
    large = save(tmp_path / "a.png", Image.fromarray(GREY))
    assert "200×300 像素" in refusal(large, replace(DEFAULT_LIMITS, max_pixels=59_999)).reason
    frames = [Image.fromarray(GREY)] * 4
    many = save(tmp_path / "a.tif", frames[0], save_all=True, append_images=frames[1:])
    assert type(refusal(many, replace(DEFAULT_LIMITS, max_pages=3))) is InputTooLarge


def test_a_large_jpeg_is_decoded_smaller_instead_of_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jpg", Image.fromarray(GREY).resize((2000, 3000)))
    (page,) = read_pages(path, replace(DEFAULT_LIMITS, max_pixels=500_000))
    assert isinstance(page, ImagePage)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_truncated_picture_is_refused(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (300, 200), np.uint8)
    path = save(tmp_path / f"a.{suffix}", Image.fromarray(noise))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert type(refusal(path)) is DamagedInput


def test_a_truncated_pdf_is_mended_or_refused(tmp_path: Path, child: Sandbox) -> None:
    whole = blank_pdf(tmp_path / "a.pdf", 5).read_bytes()
    for length in range(50, len(whole), 150):
        path = tmp_path / f"{length}.pdf"
        path.write_bytes(whole[:length])
        with contextlib.suppress(DamagedInput):
            assert list(read_pages(path, sandbox=child))


def test_a_document_without_time_is_given_up(tmp_path: Path) -> None:
    class Hanging(Sandbox):
        """A child that hangs on every page: a fast one may have read it before anybody looks at the clock."""

        def submit(self, target: str, *arguments: object) -> None:
            hangs = target.endswith(":read_page")
            super().submit(*(("time:sleep", 600) if hangs else (target, *arguments)))

    path = blank_pdf(tmp_path / "a.pdf", 50)
    limits = replace(DEFAULT_LIMITS, page_timeout_s=0.0)
    with Hanging(limits.memory_bytes, cpu_s=60.0) as sandbox, pytest.raises(InputTimeout):
        list(read_pages(path, limits, sandbox=sandbox))


# Names and digests


def test_digests_follow_the_bytes_and_in_folders_the_names(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "1.png").write_bytes(b"abc")
    first = file_sha256(tmp_path / "one")
    assert file_sha256(tmp_path / "one" / "1.png").startswith("ba7816bf")
    (tmp_path / "one" / "1.png").rename(tmp_path / "one" / "2.png")
    assert file_sha256(tmp_path / "one") != first
    with pytest.raises(DamagedInput):
        file_sha256(tmp_path / "missing")


# The child process


def test_a_hang_a_crash_and_a_full_memory_end_one_task_only() -> None:
    with Sandbox(1 << 30, cpu_s=20) as sandbox:
        for target, argument, timeout_s, kind in (
            ("time:sleep", 600, 0.1, "timeout"),
            ("os:_exit", 1, PATIENCE_S, "crash"),
            ("builtins:bytearray", 4 << 30, PATIENCE_S, "memory"),
            ("builtins:int", "words", PATIENCE_S, "error"),
        ):
            with pytest.raises(TaskFailure) as caught:
                sandbox.call(target, argument, timeout_s=timeout_s)
            assert caught.value.kind == kind
            assert sandbox.call("builtins:len", "four", timeout_s=PATIENCE_S) == 4


def test_a_task_without_end_is_ended_by_its_own_clock() -> None:
    with Sandbox(1 << 30, cpu_s=1) as sandbox:
        with pytest.raises(TaskFailure) as caught:
            sandbox.call("builtins:sum", range(10**12), timeout_s=PATIENCE_S)
        assert caught.value.kind == "timeout"


def test_the_child_writes_no_files(tmp_path: Path) -> None:
    path = tmp_path / "new"
    path.touch()
    with Sandbox(1 << 30, cpu_s=20) as sandbox:
        with pytest.raises(TaskFailure) as wrote:
            sandbox.call("pathlib:Path.write_text", path, "words", timeout_s=PATIENCE_S)
        with pytest.raises(TaskFailure) as copied:
            sandbox.call("shutil:copyfile", __file__, str(path), timeout_s=PATIENCE_S)
    assert (wrote.value.kind, copied.value.kind) == ("error", "error")
    assert path.stat().st_size == 0


def test_a_worn_child_is_replaced_between_pages(tmp_path: Path) -> None:
    path = blank_pdf(tmp_path / "a.pdf", MAX_TASKS + 20)
    with sandbox_for() as sandbox:
        seen = [sandbox.process_id for _ in read_pages(path, sandbox=sandbox)]
    assert len(seen) == MAX_TASKS + 20
    assert len(set(seen)) == 2


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    path = blank_pdf(tmp_path / "a.pdf", 2)
    with sandbox_for() as sandbox:
        assert len(list(read_pages(path, sandbox=sandbox))) == 2
        blank_pdf(path, 3)
        assert len(list(read_pages(path, sandbox=sandbox))) == 3


def test_an_abandoned_reading_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    path = blank_pdf(tmp_path / "a.pdf", 3)
    with sandbox_for() as sandbox:
        pages = read_pages(path, sandbox=sandbox)
        next(pages)
        pages.close()
        # The answers to the pages that were asked for and never taken do not reach the next reader.
        assert [page.page.index for page in read_pages(path, sandbox=sandbox)] == [0, 1, 2]


def test_the_child_dies_with_its_parent() -> None:
    program = (
        "import os, sys; from ocr.sandbox import Sandbox\n"
        "box = Sandbox(1 << 30, 60); box.call('os:getpid', timeout_s=300); box.submit('time:sleep', 600)\n"
        "print(box.process_id, flush=True); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert ends(int(parent.stdout)), "the child outlived its parent"


def ends(process_id: int) -> bool:
    """Whether a process ends by itself; one that does not is killed."""
    last = time.monotonic() + PATIENCE_S
    while is_alive(process_id):
        if time.monotonic() > last:
            os.kill(process_id, signal.SIGKILL)
            return False
        time.sleep(0.05)
    return True


def is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
