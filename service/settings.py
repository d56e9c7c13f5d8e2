"""What an installation may decide: environment variables `CAISHEN_…` in, one frozen record of checked settings out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.errors import SettingsError
from service.auth.roles import ROLES, Role

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX: Final = "CAISHEN_"
_MIB: Final = 1 << 20
_GIB: Final = 1 << 30


class Settings(BaseSettings):
    """Settings of one installation; every field is read from the variable `CAISHEN_` + its name in capitals.

    Sizes are bytes, times are seconds.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data_dir: Annotated[Path, Field(description="数据目录：数据库、原件和锁文件都在其中；不能放在网络盘上")] = Path(
        "caishen-data"
    )
    database_url: Annotated[
        str, Field(description="PostgreSQL 地址（postgresql://用户:密码@主机/库）；留空则用数据目录里的 SQLite")
    ] = ""
    blob_url: Annotated[str, Field(description="对象存储地址（s3://桶/前缀）；留空则存在数据目录里")] = ""
    s3_endpoint: Annotated[str, Field(description="S3 兼容存储的服务地址；留空则为亚马逊")] = ""
    s3_region: Annotated[str, Field(description="对象存储的区域")] = "us-east-1"
    s3_access_key: Annotated[str, Field(description="对象存储的访问密钥标识")] = ""
    s3_secret_key: Annotated[SecretStr, Field(description="对象存储的访问密钥")] = SecretStr("")

    host: Annotated[str, Field(description="网页服务监听的地址")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="网页服务监听的端口；0 为任选一个")] = 8765
    workers: Annotated[int, Field(ge=0, le=64, description="caishen serve 自带的处理进程数；0 为只开网页服务")] = 1

    max_upload_bytes: Annotated[int, Field(ge=_MIB, description="一个上传文件的大小上限")] = 512 * _MIB
    max_pages: Annotated[int, Field(ge=1, description="一份文件的页数上限")] = 2000
    max_zip_members: Annotated[int, Field(ge=1, description="一个压缩包里的文件数上限")] = 5000
    max_zip_depth: Annotated[int, Field(ge=1, description="压缩包里文件夹的层数上限")] = 16
    max_zip_ratio: Annotated[int, Field(ge=2, description="压缩包里单个文件解压后与压缩大小之比的上限")] = 200
    max_zip_bytes: Annotated[int, Field(ge=_MIB, description="压缩包解压后的总大小上限")] = 4 * _GIB
    disk_floor_bytes: Annotated[int, Field(ge=0, description="数据盘至少留出的空间，低于它不再接收上传")] = 2 * _GIB

    rules_file: Annotated[
        Path | None, Field(description="规则的设置文件（caishen rules validate 可核对）；留空则用随附的规则")
    ] = None

    max_attempts: Annotated[int, Field(ge=1, le=10, description="一份文件处理失败几次后不再重试")] = 3
    retry_after_s: Annotated[float, Field(ge=0, description="第一次重试前等待的时间，以后每次加倍")] = 10.0
    poll_s: Annotated[float, Field(gt=0, le=10, description="处理进程查看新任务的间隔")] = 0.3
    heartbeat_s: Annotated[float, Field(gt=0, description="处理进程报告自己还在工作的间隔")] = 5.0
    dead_after_s: Annotated[float, Field(gt=0, description="多久没有报告就认为处理进程已经中断")] = 60.0
    documents_at_once: Annotated[int, Field(ge=1, le=64, description="一个处理进程同时处理的文件数")] = 2
    keep_jobs_days: Annotated[int, Field(ge=1, description="已结束任务的记录保留的天数（不影响结果）")] = 14

    public_url: Annotated[
        str, Field(description="用户访问本服务的网址，例如 https://caishen.example；https 网址使登录只在加密连接上有效")
    ] = ""
    audit_key: Annotated[
        SecretStr, Field(description="操作日志的校验密钥；留空则存在数据目录的 audit.key 里。多台机器必须用同一个")
    ] = SecretStr("")
    trusted_proxies: Annotated[
        str, Field(description="反向代理的地址，用逗号分开；只有它们转来的 X-Forwarded-For 才被采信")
    ] = ""
    session_idle_s: Annotated[float, Field(ge=60, description="多久没有操作就退出登录")] = 2 * 3600.0
    session_longest_s: Annotated[float, Field(ge=60, description="登录最长保持的时间")] = 12 * 3600.0
    lock_after_failures: Annotated[int, Field(ge=2, le=100, description="连续几次密码不对就暂停登录")] = 5
    lock_s: Annotated[float, Field(ge=1, description="暂停登录的时间")] = 900.0
    rate_requests: Annotated[str, Field(description="每个用户的请求次数上限；留空为不限")] = "1200/minute"
    rate_uploads: Annotated[str, Field(description="每个用户的上传次数上限；留空为不限")] = "600/minute"
    rate_sign_ins: Annotated[str, Field(description="每个地址的登录次数上限；留空为不限")] = "20/minute"
    max_streams: Annotated[int, Field(ge=1, description="每个用户同时打开的进度连接数上限")] = 8

    oidc_issuer: Annotated[
        str, Field(description="单位身份系统（OpenID Connect）的 issuer 地址，照录其末尾有没有斜线；留空则只用密码登录")
    ] = ""
    oidc_client_id: Annotated[str, Field(description="在身份系统登记的客户端编号")] = ""
    oidc_client_secret: Annotated[
        SecretStr, Field(description="在身份系统登记的客户端密钥；没有密钥的客户端留空，只靠 PKCE")
    ] = SecretStr("")
    oidc_client_secret_file: Annotated[Path | None, Field(description="写着客户端密钥的文件，代替上一项")] = None
    oidc_scopes: Annotated[str, Field(description="向身份系统要的范围，用空格分开")] = "openid profile email"
    oidc_name_claim: Annotated[str, Field(description="身份系统的哪一项用作新账号的用户名")] = "name"
    oidc_role_claim: Annotated[
        str, Field(description="身份系统的哪一项决定角色，例如 groups 或 realm_access.roles；留空则由管理员给出")
    ] = ""
    oidc_roles: Annotated[
        str,
        Field(description="该项的哪个值是哪个角色：值=角色，用逗号分开，例如 审计一处=auditor"),
    ] = ""
    oidc_default_role: Annotated[
        Literal["", Role], Field(description="身份系统没有给出角色的人的角色；留空则不能进入，等管理员启用")
    ] = ""
    oidc_domains: Annotated[
        str, Field(description="只让邮箱属于这些域名、且身份系统已核实邮箱的人登录，用逗号分开；留空为不限")
    ] = ""

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: str) -> str:
        if url and not url.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
            raise ValueError("只支持 PostgreSQL 地址（postgresql://…）；使用 SQLite 时请留空")
        return url

    @field_validator("blob_url")
    @classmethod
    def _is_s3(cls, url: str) -> str:
        if url and not url.removeprefix("s3://").strip("/"):
            raise ValueError("缺少桶的名字")
        if url and not url.startswith("s3://"):
            raise ValueError("只支持 s3://桶/前缀；使用本机磁盘时请留空")
        return url

    @field_validator("rate_requests", "rate_uploads", "rate_sign_ins")
    @classmethod
    def _is_rate(cls, rate: str) -> str:
        from limits import parse

        try:
            if rate:
                parse(rate)
        except ValueError as error:
            raise ValueError("应写作“次数/时间”，例如 120/minute") from error
        return rate

    @field_validator("public_url")
    @classmethod
    def _is_web_address(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("应以 http:// 或 https:// 开头")
        return url.rstrip("/")

    @field_validator("oidc_issuer")
    @classmethod
    def _is_provider(cls, url: str) -> str:
        parts = urlsplit(url)
        is_here = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
        if url and not (parts.hostname and (parts.scheme == "https" or is_here)):
            raise ValueError("应以 https:// 开头（只有本机的身份系统可以用 http://）")
        return url

    @field_validator("oidc_roles")
    @classmethod
    def _are_roles(cls, text: str) -> str:
        for pair in filter(None, (part.strip() for part in text.split(","))):
            value, _, role = pair.rpartition("=")
            if not value.strip() or role.strip() not in ROLES:
                raise ValueError(f"应写作 值=角色，用逗号分开；角色为 {'、'.join(ROLES)}")
        return text

    @model_validator(mode="after")
    def _is_registered(self) -> Settings:
        needed = {"OIDC_CLIENT_ID": self.oidc_client_id, "PUBLIC_URL": self.public_url}
        lacking = [PREFIX + name for name, value in needed.items() if not value]
        if self.oidc_issuer and lacking:
            raise ValueError(f"设置了 {PREFIX}OIDC_ISSUER，还须设置 {'、'.join(lacking)}")
        if self.oidc_issuer and "openid" not in self.oidc_scopes.split():
            raise ValueError(f"{PREFIX}OIDC_SCOPES 须含有 openid")
        if self.oidc_role_claim and not self.oidc_role_of:
            raise ValueError(f"设置了 {PREFIX}OIDC_ROLE_CLAIM，还须用 {PREFIX}OIDC_ROLES 写明哪个值是哪个角色")
        return self

    @property
    def oidc_role_of(self) -> dict[str, Role]:
        """Value of the claim → role."""
        pairs = (pair.rpartition("=") for pair in self.oidc_roles.split(",") if pair.strip())
        named: dict[str, Role] = {role: role for role in ROLES}
        return {value.strip(): named[role.strip()] for value, _, role in pairs}

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the service by https."""
        return self.public_url.startswith("https://")

    @property
    def root(self) -> Path:
        """The data directory, absolute."""
        return self.data_dir.expanduser().absolute()

    @property
    def uses_sqlite(self) -> bool:
        return not self.database_url


def load_settings(**given: object) -> Settings:
    """The settings of the environment; `given` (from the command line) goes before it.

    Raises:
        SettingsError: a value makes no sense; names the variable.
    """
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "；".join(_in_chinese(problem) for problem in error.errors())
        raise SettingsError(f"设置不对：{problems}", "请改正环境变量或命令行选项后再启动") from error


_MESSAGES: Final = {
    "greater_than_equal": "不能小于 {ge}",
    "greater_than": "必须大于 {gt}",
    "less_than_equal": "不能大于 {le}",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_parsing": "应为数字",
    "bool_parsing": "应为 true 或 false",
}


def _in_chinese(problem: ErrorDetails) -> str:
    name = PREFIX + "_".join(str(part) for part in problem["loc"]).upper()
    if problem["type"] == "value_error":
        text = str(problem["ctx"]["error"])
        # What concerns several settings names them itself.
        return f"{name} {text}" if problem["loc"] else text
    if problem["type"] == "literal_error":
        text = f"应为 {problem['ctx']['expected']} 之一"
    else:
        text = _MESSAGES.get(problem["type"], "的值无效").format(**problem.get("ctx", {}))
    # A secret may stand in any of these; the value is not repeated.
    return f"{name} {text}"
