"""`caishen demo`: the bundled sample, audited before the user's eyes, in a browser or into a folder."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.errors import MissingResource
from service.batch import audit_all
from service.inputs import plan

if TYPE_CHECKING:
    from service.backend import Backend
    from service.console import Console
    from service.settings import Settings
    from service.stages import Stages

SAMPLES: Final = Path(__file__).parent / "sample"
VISITOR: Final = "演示"


def run_demo(out: Path, stages: Stages, console: Console, samples: Path = SAMPLES) -> int:
    """Audits every PDF in `samples` into `out` and returns the exit code.

    Raises:
        MissingResource: the sample is not installed.
    """
    files = _files(samples)
    console.message("样例为虚构单位的公开文件，其中的差错是有意埋入的。")
    return audit_all(plan(files, out), stages, console, out=out)


def serve_demo(settings: Settings, console: Console, samples: Path = SAMPLES) -> None:
    """Serves an installation that holds the sample, on this machine only, until it is ended; nothing is left behind.

    Args:
        settings: the port is taken from them.
        console: is told the address.
        samples: folder of PDFs.

    Raises:
        MissingResource: the sample is not installed.
        SettingsError: the port is taken.
    """
    from service.app import create_app
    from service.auth.secrets import new_secret
    from service.backend import open_backend
    from service.entrance import Entrance
    from service.serve import run_service
    from service.service_commands import WORKER_COMMAND

    files = _files(samples)
    with tempfile.TemporaryDirectory(prefix="caishen-demo-") as folder:
        settings = settings.model_copy(
            update={"data_dir": Path(folder), "host": "127.0.0.1", "public_url": "", "disk_floor_bytes": 0}
        )
        with open_backend(settings) as backend:
            user_id, document_id = load_samples(backend, files)
        entrance = Entrance(new_secret(), user_id)

        def announce(address: str) -> None:
            console.message("样例为虚构单位的公开文件，其中的差错是有意埋入的；处理需要一两分钟。")
            console.message("请在浏览器中打开：")
            console.message(f"  {address}/enter?key={entrance.key}&next=/documents/{document_id}")
            console.message("按 Ctrl+C 结束；演示数据随之删除。不用浏览器时：caishen demo --out 目录")

        run_service(settings, create_app(settings, entrance=entrance), worker_command=WORKER_COMMAND, announce=announce)


def load_samples(backend: Backend, files: list[Path]) -> tuple[int, int]:
    """Makes the visitor and takes in the files; ids of the visitor and of the first document."""
    from service.audit import open_audit_log
    from service.auth.accounts import make_account
    from service.intake import take_in
    from service.store import find_upload

    log = open_audit_log(backend.settings)
    with backend.database.write() as connection:
        user_id = make_account(connection, log, "caishen demo", VISITOR, "administrator", datetime.now(UTC))
    documents = []
    for file in files:
        received = backend.blobs.incoming / file.name
        shutil.copyfile(file, received)
        content = received.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        upload_id = take_in(backend, received, file.name, digest, len(content), user_id)
        with backend.database.read() as connection:
            documents += [item.document_id for item in find_upload(connection, upload_id)[1]]
    assert documents[0] is not None
    return user_id, documents[0]


def _files(samples: Path) -> list[Path]:
    files = sorted(samples.glob("*.pdf"))
    if not files:
        raise MissingResource(f"没有找到样例文件（{samples}）", "请重新安装 caishen")
    return files
