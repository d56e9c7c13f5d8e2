"""The tables of the product's database, and nothing about how they are asked.

Three owners, and none writes what is another's: the pipeline (documents and their results, replaced whenever a document
is processed again), triage (verdicts, comments, corrections: what people decided, never touched by the pipeline), and
administration (users, sessions, tokens, the audit log).
"""

from service.schema.archive import ExcerptRow, MemoryRow, ObservationRow, SkeletonRow
from service.schema.columns import Base, UtcTime
from service.schema.people import (
    AnsweredRow,
    ApiTokenRow,
    AuditRow,
    IdentityRow,
    InstallationRow,
    InvitationRow,
    SessionRow,
    SignInAttemptRow,
    UserRow,
)
from service.schema.results import FindingRow, FindingTextRow, OutcomeRow, PageRow, SkipRow, TableRow
from service.schema.triage import CommentRow, CorrectionRow, VerdictRow
from service.schema.work import DocumentRow, StageCacheRow, UploadItemRow, UploadRow, WorkerRow

__all__ = [
    "AnsweredRow",
    "ApiTokenRow",
    "AuditRow",
    "Base",
    "CommentRow",
    "CorrectionRow",
    "DocumentRow",
    "ExcerptRow",
    "FindingRow",
    "FindingTextRow",
    "IdentityRow",
    "InstallationRow",
    "InvitationRow",
    "MemoryRow",
    "ObservationRow",
    "OutcomeRow",
    "PageRow",
    "SessionRow",
    "SignInAttemptRow",
    "SkeletonRow",
    "SkipRow",
    "StageCacheRow",
    "TableRow",
    "UploadItemRow",
    "UploadRow",
    "UserRow",
    "UtcTime",
    "VerdictRow",
    "WorkerRow",
]
