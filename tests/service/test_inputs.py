from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from models.errors import SettingsError
from service.inputs import Job, Unreadable, find_documents, plan


def pdf(path: Path, content: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"%PDF-1.7\n" + content.encode())
    return path


def png(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8), 255).save(path)
    return path


def found(source: Path, *, separate: bool = False) -> list[str]:
    out = source / "out"
    return [
        str(item.source if isinstance(item, Unreadable) else item.relative_to(source))
        for item in find_documents([source], separate=separate, leave_out=out)
    ]


def test_a_folder_is_searched_by_content_and_by_name(tmp_path: Path) -> None:
    pdf(tmp_path / "b" / "公开2.pdf")
    pdf(tmp_path / "b" / "公开10.pdf")
    pdf(tmp_path / "没有扩展名")
    (tmp_path / "truncated.pdf").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("x")
    pdf(tmp_path / ".hidden" / "x.pdf")
    pdf(tmp_path / "out" / "earlier.pdf")
    assert found(tmp_path) == ["truncated.pdf", "没有扩展名", "b/公开2.pdf", "b/公开10.pdf"]


def test_a_folder_of_page_images_is_one_document(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        png(tmp_path / "scan" / f"page-{number}.png")
    assert found(tmp_path) == ["scan"]
    assert found(tmp_path, separate=True) == ["scan/page-1.png", "scan/page-2.png", "scan/page-10.png"]


def test_images_beside_a_pdf_are_documents_of_their_own(tmp_path: Path) -> None:
    png(tmp_path / "a.png")
    pdf(tmp_path / "b.pdf")
    assert found(tmp_path) == ["a.png", "b.pdf"]


def test_a_tiff_of_several_pages_is_a_document_of_its_own(tmp_path: Path) -> None:
    page = Image.new("L", (8, 8), 255)
    page.save(tmp_path / "a.tif", save_all=True, append_images=[page])
    png(tmp_path / "b.png")
    assert found(tmp_path) == ["a.tif", "b.png"]


def test_an_empty_folder_and_a_missing_file_are_reported(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    items = list(find_documents([tmp_path / "empty", tmp_path / "no.pdf"], separate=False, leave_out=tmp_path / "out"))
    assert [type(item) for item in items] == [Unreadable, Unreadable]
    assert [item.error.exit_code for item in items if isinstance(item, Unreadable)] == [3, 3]


def test_a_document_given_twice_is_found_once(tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf")
    assert list(find_documents([file, tmp_path], separate=False, leave_out=tmp_path / "out")) == [file]


def test_results_go_to_the_stem_with_a_hash_where_two_would_collide(tmp_path: Path) -> None:
    one, other = pdf(tmp_path / "a" / "公开.pdf", "1"), pdf(tmp_path / "b" / "公开.pdf", "2")
    alone = pdf(tmp_path / "别的.v2.pdf")
    jobs = plan([one, other, alone], tmp_path / "out")
    names = [job.target.name for job in jobs if isinstance(job, Job)]
    assert names[2] == "别的.v2"
    assert names[0] != names[1]
    assert all(name.startswith("公开-") and len(name) == len("公开-") + 8 for name in names[:2])


def test_the_same_bytes_under_the_same_name_are_audited_once(tmp_path: Path) -> None:
    one, other = pdf(tmp_path / "a" / "公开.pdf"), pdf(tmp_path / "b" / "公开.pdf")
    assert len(plan([one, other], tmp_path / "out")) == 1


def test_names_that_no_folder_can_have_are_made_safe(tmp_path: Path) -> None:
    jobs = plan([pdf(tmp_path / ".pdf"), pdf(tmp_path / 'a"b?. .pdf')], tmp_path / "out")
    assert [job.target.name for job in jobs if isinstance(job, Job)] == ["pdf", "a_b_"]


def test_an_output_that_is_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        plan([], pdf(tmp_path / "x"))
