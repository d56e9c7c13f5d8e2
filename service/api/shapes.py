"""The JSON that the interface gives: documents, pages, tables and uploads, described for those who call it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from models.errors import CaishenError
from service.records import DocumentRecord, PageRecord, TableRecord, UploadItemRecord, UploadRecord

T = TypeVar("T")


class Shape(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Listing(Shape, Generic[T]):
    """A part of a list."""

    items: list[T]
    next: Annotated[
        str, Field(description="下一段的翻页标记，作为参数 cursor 传回；空为没有更多", examples=["WzEsMl0"])
    ]


class ProblemOut(Shape):
    """A problem (RFC 9457)."""

    type: Annotated[str, Field(examples=["urn:caishen:error:not-found"])]
    title: Annotated[str, Field(description="发生了什么", examples=["没有编号为 7 的文件"])]
    status: Annotated[int, Field(examples=[404])]
    detail: Annotated[str, Field(description="发生了什么、怎么办")]
    code: Annotated[str, Field(description="固定的错误代码，供程序判断", examples=["not-found"])]
    remedy: Annotated[str, Field(description="怎么办", examples=["请从文件列表重新打开"])]
    request_id: Annotated[str, Field(description="请求编号，反馈问题时请附上")] = ""


class Failure(Shape):
    """Why a document was not audited."""

    code: Annotated[str, Field(description="错误代码", examples=["encrypted"])]
    message: Annotated[str, Field(description="原因和办法", examples=["文件需要密码才能打开。请去掉密码后重新上传。"])]


class FindingCounts(Shape):
    """Findings by severity."""

    error: int
    warning: int
    hint: int


class DocumentOut(Shape):
    """One document."""

    id: Annotated[int, Field(description="文件编号", examples=[17])]
    name: Annotated[str, Field(description="上传时的文件名", examples=["澄川市水务局2026年部门预算.pdf"])]
    sha256: Annotated[str, Field(description="原件的 SHA-256")]
    media: Annotated[
        str,
        Field(description="格式：pdf、png、jpeg、tiff、images（一个文件夹的页面图片）", examples=["pdf"]),
    ]
    size: Annotated[int, Field(description="字节数", examples=[1843200])]
    state: Annotated[
        str,
        Field(
            description="queued 排队中、working 处理中、done 已完成、failed 文件无法读取、"
            "quarantined 处理多次失败、cancelled 已取消",
            examples=["working"],
        ),
    ]
    stage: Annotated[str, Field(description="正在进行的步骤：pages、facts、findings；没有时为空", examples=["pages"])]
    pages_done: Annotated[int, Field(description="已读取的页数", examples=[12])]
    n_pages: Annotated[int, Field(description="总页数；还不知道时为 0", examples=[48])]
    kind: Annotated[str, Field(description="文种：预算公开、决算公开、其他；还不知道时为空", examples=["预算公开"])]
    year: Annotated[int | None, Field(description="年度", examples=[2026])]
    entity: Annotated[str, Field(description="单位", examples=["澄川市水务局"])]
    n_tables: int
    findings: Annotated[FindingCounts, Field(description="各级问题数")]
    n_checks: Annotated[int, Field(description="完成的检查数")]
    n_skipped: Annotated[int, Field(description="未能进行的检查数；未检查不等于正确")]
    failure: Annotated[Failure | None, Field(description="没有完成的原因")]
    created: datetime
    started: datetime | None
    finished: datetime | None

    @classmethod
    def of(cls, record: DocumentRecord) -> DocumentOut:
        """A document's record as it is shown outside."""
        plain = {name: getattr(record, name) for name in cls.model_fields if hasattr(record, name)}
        failure = Failure(code=record.failure_code, message=record.failure_message) if record.failure_code else None
        counts = FindingCounts(error=record.n_errors, warning=record.n_warnings, hint=record.n_hints)
        return cls(**plain, findings=counts, failure=failure)


class PageOut(Shape):
    """One page."""

    page_number: Annotated[int, Field(description="页码，从 1 起", examples=[3])]
    index: Annotated[int, Field(description="页序，从 0 起，与导出的 document.json 一致", examples=[2])]
    width_pt: Annotated[float, Field(description="宽，点（1/72 英寸）", examples=[595.3])]
    height_pt: Annotated[float, Field(description="高，点", examples=[841.9])]
    rotation_deg: Annotated[int, Field(description="原页顺时针转过的角度")]
    source: Annotated[str, Field(description="text 取自文件内文字，ocr 由图片识别", examples=["ocr"])]
    watermark: Annotated[float, Field(description="清除的水印占页面的比例，0 至 1")]
    problem: Annotated[str, Field(description="未能读取的原因；空为已读取")]

    @classmethod
    def of(cls, record: PageRecord) -> PageOut:
        """A page's record as it is shown outside."""
        plain = {name: getattr(record, name) for name in cls.model_fields if hasattr(record, name)}
        return cls(**plain, page_number=record.index + 1)


class TableOut(Shape):
    """One table without its cells."""

    id: Annotated[str, Field(description="表编号", examples=["t3"])]
    form: Annotated[str, Field(description="法定报表的编号；空为其他表", examples=["b03"])]
    title: Annotated[str, Field(examples=["部门支出总表"])]
    unit: Annotated[str, Field(examples=["万元"])]
    pages: Annotated[list[int], Field(description="所在页的页序，从 0 起")]
    n_rows: int
    n_cols: int
    n_doubtful: Annotated[int, Field(description="识别把握低或被水印压住的单元格数")]

    @classmethod
    def of(cls, record: TableRecord) -> TableOut:
        """A table's record as it is shown outside."""
        plain = {name: getattr(record, name) for name in cls.model_fields if hasattr(record, name)}
        return cls(**plain, id=record.table_id)


class UploadItemOut(Shape):
    """One file of an upload."""

    name: Annotated[str, Field(description="文件名；压缩包内的带文件夹", examples=["水务局/2026年预算.pdf"])]
    document_id: Annotated[int | None, Field(description="收下后的文件编号；拒收时为空", examples=[17])]
    duplicate: Annotated[bool, Field(description="内容与以前收过的文件完全相同，沿用原有结果")]
    state: Annotated[str, Field(description="文件的处理状态；拒收时为空")]
    refusal: Annotated[Failure | None, Field(description="拒收的原因")]

    @classmethod
    def of(cls, record: UploadItemRecord) -> UploadItemOut:
        """A file's record as it is shown outside."""
        refusal = Failure(code=record.code, message=record.message) if record.code else None
        return cls(
            name=record.name,
            document_id=record.document_id,
            duplicate=record.duplicate,
            state=record.state,
            refusal=refusal,
        )


class UploadOut(Shape):
    """One upload: a file, or an archive of files."""

    id: Annotated[str, Field(description="上传编号", examples=["5f0c3b6f2a914f0f8b2d3f0f7a1b9c55"])]
    name: str
    kind: Annotated[str, Field(description="file 单个文件，zip 压缩包")]
    sha256: str
    size: int
    created: datetime
    items: Annotated[list[UploadItemOut], Field(description="其中的文件，逐个说明收下或拒收")]

    @classmethod
    def of(cls, record: UploadRecord, items: tuple[UploadItemRecord, ...]) -> UploadOut:
        """An upload's record as it is shown outside."""
        plain = {name: getattr(record, name) for name in cls.model_fields if hasattr(record, name)}
        return cls(**plain, items=[UploadItemOut.of(item) for item in items])


Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """The errors that an endpoint may answer with, for the description of the interface."""
    meanings = {
        400: "请求不对",
        401: "没有登录",
        403: "没有权限",
        404: "不存在",
        409: "与现有内容冲突",
        413: "超过大小上限",
        415: "格式不支持",
        422: "内容不符合要求",
        429: "过于频繁",
        507: "磁盘空间不足",
    }
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    always = {401, 403, 422, 429}
    return {status: {"description": meanings[status], "content": content} for status in sorted({*statuses, *always})}


def message_of(error: CaishenError) -> str:
    """An error as one sentence or two."""
    return f"{error.reason}。{error.remedy}。"
