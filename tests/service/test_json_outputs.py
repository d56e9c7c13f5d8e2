from __future__ import annotations

import json
from dataclasses import replace

from models.report import Report, SettingsUsed
from service.export.document_json import document_json
from service.export.findings_json import findings_json


def test_document_json_has_exactly_the_keys_of_the_contract(report: Report) -> None:
    content = json.loads(document_json(report))
    assert list(content) == ["document", "pages", "tables", "blocks"]
    assert content["document"] == {
        "sha256": "0f" * 32,
        "name": "澄川市水务局2026年部门预算公开.pdf",
        "kind": "预算公开",
        "year": 2026,
        "entity": "澄川市水务局",
    }
    assert content["pages"][1] == {
        "index": 1,
        "width": 842.0,
        "height": 595.0,
        "rotation": 90,
        "source": "text",
        "watermark": 0.0,
    }
    table = content["tables"][0]
    assert list(table) == ["id", "form", "title", "unit", "pages", "n_rows", "n_cols", "cells"]
    assert (table["form"], content["tables"][1]["form"]) == ("b03", None)
    cell = next(cell for cell in table["cells"] if (cell["row"], cell["col"]) == (2, 2))
    assert cell == {
        "row": 2,
        "col": 2,
        "rowspan": 1,
        "colspan": 1,
        "text": "1,300.50",
        "raw": "1,300.50",
        "number": 1300.5,
        "page": 0,
        "bbox": [240.0, 136.0, 330.0, 154.0],
        "confidence": 0.62,
        "alternatives": [{"text": "1,200.50", "probability": 0.31}],
    }
    assert content["blocks"] == [
        {"page": 1, "bbox": [60, 300, 500, 330], "role": "paragraph", "text": "2026年支出预算1,200.50万元。"}
    ]


def test_findings_json_has_exactly_the_keys_of_the_contract(report: Report) -> None:
    content = json.loads(findings_json(report))
    assert list(content) == ["findings", "skipped", "checks", "settings"]
    assert [finding["rule"] for finding in content["findings"]] == ["AR001", "TX001", "CP001"]
    first = content["findings"][0]
    assert {name: value for name, value in first.items() if name not in ("evidence", "message")} == {
        "key": "AR001:b03:total:total",
        "rule": "AR001",
        "category": "arithmetic",
        "severity": "error",
        "confidence": 0.996,
        "reading": "probable-misread",
        "page": 0,
        "expected": "1,200.50万元",
        "observed": "1,300.50万元",
        "difference": "100.00万元",
        "basis": "《中华人民共和国预算法》第十四条",
    }
    assert first["evidence"][0] == {
        "table": "t1",
        "row": 2,
        "col": 2,
        "page": 0,
        "bbox": [240.0, 136.0, 330.0, 154.0],
        "text": "1,300.50",
    }
    prose = content["findings"][1]["evidence"][0]
    assert (prose["table"], prose["row"], prose["col"]) == (None, None, None)
    assert content["findings"][2]["page"] is None
    assert content["skipped"] == [{"rule": "YR001", "scope": "与上年公开衔接", "reason": "没有提供上年文件"}]
    assert content["checks"] == {"run": 7, "consistent": 5, "failed": 2, "skipped": 1}


def test_checks_that_could_not_be_made_are_not_among_those_that_ran(report: Report) -> None:
    counted_with_skips = tuple(replace(outcome, run=outcome.run + outcome.skipped) for outcome in report.outcomes)
    content = json.loads(findings_json(replace(report, outcomes=counted_with_skips)))
    assert content["checks"]["run"] == content["checks"]["consistent"] + content["checks"]["failed"]


def test_results_say_by_what_settings_they_came(report: Report) -> None:
    assert json.loads(findings_json(report))["settings"] is None
    used = SettingsUsed("本地.toml", "ab12", ("停用 LG007 文字未写完",))
    assert json.loads(findings_json(replace(report, settings=used)))["settings"] == {
        "source": "本地.toml",
        "digest": "ab12",
        "changes": ["停用 LG007 文字未写完"],
    }
