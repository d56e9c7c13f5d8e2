"""CP005: the attachment that the text announces is the one that is attached."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.prose import passages
from detect.registry import Example, Outcome, rule
from detect.texts import Words
from detect.wording import row_name
from models.citation import Citation
from models.report import Report

_SEE = re.compile(r"(?:详见|见|参见)附件")
_LIST = r"(?:目录|清单|名单)"
_ANNOUNCED = re.compile(rf"(?P<of>.{{3,20}}?)(?:指导性)?{_LIST}$")
_ATTACHED = re.compile(
    rf"^(?:附件\d{{0,2}}[:：]?)?(?:20\d\d年(?:度)?)?(?P<name>[^，。；：]{{2,30}}{_LIST}[^，。；：]{{0,16}})$"
)


@rule(
    id="CP005",
    name="附件与所称不符",
    severity="warning",
    category="completeness",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            # 十二、其他说明
            # （一）政府购买服务指导性目录
            具体详见附件。
            ---
            2031年集中采购目录及采购限额标准
            """,
        near_miss={"2031年集中采购目录及采购限额标准": "2031年政府购买服务指导性目录"},
        because="附的就是所称的目录",
    ),
)
def other_attachment(report: Report) -> Iterator[Outcome]:
    """A list that a section announces as its attachment is attached where any list is.

    ## 查什么
    以“……目录”“……清单”为题的一节写明“详见附件”，其后附有其他目录或清单，却没有所称的一份。

    ## 为什么要查
    附错了文件，等于没有公开。

    ## 不报的情形
    其后没有附任何目录清单的（可能另行公开）；标题不写明是什么目录的。
    """
    own = list(passages(report.document))
    for index, passage in enumerate(own):
        see = _SEE.search(passage.text)
        announced = _ANNOUNCED.search(row_name(passage.subsection or passage.section))
        if see is None or passage.is_heading or announced is None:
            continue
        attached = [
            (later, found.group("name"))
            for later in own[index + 1 :]
            if not _SEE.search(later.text) and (found := _ATTACHED.match(later.text)) and later.subsection != later.text
        ]
        if not attached:
            continue
        if any(announced.group("of") in row_name(name) for _, name in attached):
            yield Passed(f"{announced.group()}的附件")
            continue
        first, name = attached[0]
        yield conclude(
            other_attachment,
            report.document,
            places=[Words(passage, see.start())],
            key=f"text:{announced.group()}",
            message=f"“{announced.group()}”写明详见附件，文中所附却是《{name}》，没有见到{announced.group()}。",
            others=[Words(first, 0)],
            expected=announced.group(),
            observed=name,
        )
