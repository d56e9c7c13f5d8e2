"""The organisation's identity provider (OpenID Connect): the one module that speaks its protocol.

A code from the provider goes in; what the provider says of the person comes out, after its signature, issuer, audience,
time and nonce were examined by the library.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from models.errors import MissingResource, NotSignedIn, SettingsError
from service.settings import Settings

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session
    from joserfc.jwk import KeySet

CALLBACK: Final = "/sign-in/single/callback"
_TIMES_S: Final = (3.05, 8.0)
"""To connect, and between two bytes of an answer: a person waits, and so does a thread of the server."""
_KNOWN_FOR_S: Final = 3600.0
_AWAY_FOR_S: Final = 10.0
"""How long a provider that could not be reached is not asked again: every attempt holds a thread of the server."""
_LEEWAY_S: Final = 60
"""By which the clocks of the two machines may differ."""
# Signatures by a key that only the provider has. With HS256 the client's secret would do, and `none` is no signature.
_ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
_REMEDY: Final = "请重新登录；一直如此时请把这段话告诉管理员"
_WRONG_CLAIM: Final = {
    "iss": "签发者不是所设置的身份系统",
    "aud": "不是签发给本系统的",
    "azp": "不是签发给本系统的",
    "nonce": "不是为这一次登录签发的",
    "at_hash": "与一同给出的访问凭证不符",
    "iat": "签发时间在将来，请核对两台机器的时间",
    "nbf": "还没有生效，请核对两台机器的时间",
}


@dataclass(frozen=True, slots=True)
class Registration:
    """How this service is known to the provider.

    Attributes:
        issuer: address of the provider; its discovery document lies below it.
        client_secret: empty for a client without one, which PKCE alone protects.
        scopes: separated by blanks.
        redirect_uri: to which the provider sends browsers back.
        wanted: claims that are asked for at the userinfo endpoint when the ID token lacks them.
    """

    issuer: str
    client_id: str
    client_secret: str
    scopes: str
    redirect_uri: str
    wanted: tuple[str, ...]


def open_provider(settings: Settings) -> Provider | None:
    """The provider that the settings name; None when people sign in with passwords only. Asks nothing of it yet.

    Raises:
        SettingsError: the file with the client's secret cannot be read.
    """
    if not settings.oidc_issuer:
        return None
    secret = settings.oidc_client_secret.get_secret_value()
    if settings.oidc_client_secret_file is not None:
        try:
            secret = settings.oidc_client_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = f"不能读取 CAISHEN_OIDC_CLIENT_SECRET_FILE“{settings.oidc_client_secret_file}”（{error}）"
            raise SettingsError(reason, "请检查路径和权限") from error
    wanted = [settings.oidc_name_claim, settings.oidc_role_claim.partition(".")[0]]
    if settings.oidc_domains:
        wanted += ["email", "email_verified"]
    return Provider(
        Registration(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=secret,
            scopes=settings.oidc_scopes,
            redirect_uri=settings.public_url + CALLBACK,
            wanted=tuple(name for name in wanted if name),
        )
    )


class Provider:
    """One provider. Its addresses and keys are fetched when they are first needed, and again after an hour.

    Args:
        registration: how this service is known to it.
    """

    def __init__(self, registration: Registration) -> None:
        self._registration: Final = registration
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None
        self._away: tuple[float, MissingResource] | None = None

    @property
    def issuer(self) -> str:
        return self._registration.issuer

    def authorization_address(self, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent to sign in.

        Args:
            state: comes back with the browser.
            nonce: comes back in the ID token.
            verifier: of PKCE; only its SHA-256 is sent.

        Raises:
            MissingResource: the provider cannot be reached or describes itself wrongly.
        """
        metadata = self._described()
        with self._session(metadata) as session:
            address, _ = session.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return str(address)

    def identify(self, code: str, nonce: str, verifier: str, now: datetime) -> dict[str, Any]:
        """What the provider says of the person to whom it gave the code; `sub` names them for ever.

        Args:
            code: from the callback; good for one use.
            nonce: that was sent when the sign-in began.
            verifier: of PKCE, whose digest was sent then.
            now: the time.

        Raises:
            NotSignedIn: the code or the ID token is not valid; says why.
            MissingResource: the provider cannot be reached.
        """
        from authlib.integrations.base_client import OAuthError
        from joserfc.errors import JoseError

        metadata = self._described()
        with self._session(metadata) as session, _reached():
            try:
                token = session.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    allow_redirects=False,
                )
            except OAuthError as error:
                raise _refused(error.error) from error
            try:
                claims = self._examined(token, nonce, now)
            except JoseError as error:
                raise _invalid(error) from error
            subject = claims.get("sub")
            # OpenID Connect Core 2: at most 255 ASCII characters.
            if not isinstance(subject, str) or not 0 < len(subject) <= 255:
                raise NotSignedIn("身份系统没有说明登录的是谁（缺少 sub）", _REMEDY)
            return {**self._more(session, metadata, claims), **claims}

    def leave_address(self, back: str) -> str:
        """Where a person signs out of the provider as well; empty where it offers no such address.

        The provider is not asked for it: anybody may open the page that shows it, any number of times.

        Args:
            back: to which the provider may lead afterwards.
        """
        end = self._metadata[1].get("end_session_endpoint", "") if self._metadata is not None else ""
        if not self._is_safe(end):
            return ""
        asked = urlencode({"client_id": self._registration.client_id, "post_logout_redirect_uri": back})
        return f"{end}{'&' if '?' in end else '?'}{asked}"

    def _examined(self, token: Mapping[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        """The claims of the ID token, which is examined as OpenID Connect Core 3.1.3.7 says."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError
        from joserfc.jws import JWSRegistry

        given = token.get("id_token")
        if not isinstance(given, str):
            raise NotSignedIn("身份系统没有给出登录凭证（id_token）", "请管理员核对在身份系统里的登记")
        registry = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
        try:
            decoded = jwt.decode(given, self._key_set(), registry=registry)
        except InvalidKeyIdError:
            # The provider has changed its keys since they were fetched.
            decoded = jwt.decode(given, self._key_set(again=True), registry=registry)
        known = self._registration
        must = {
            "iss": {"essential": True, "value": known.issuer},
            "aud": {"essential": True, "value": known.client_id},
        }
        parameters = {"nonce": nonce, "client_id": known.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, must, parameters)
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_S)
        return dict(claims)

    def _more(
        self, session: OAuth2Session, metadata: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """What the userinfo endpoint adds; asked only for what is wanted and lacking."""
        endpoint = metadata.get("userinfo_endpoint", "")
        if all(name in claims for name in self._registration.wanted) or not self._is_safe(endpoint):
            return {}
        answer = session.get(endpoint, allow_redirects=False)
        answer.raise_for_status()
        more = answer.json()
        # OpenID Connect Core 5.3.2: an answer about somebody else must not be used.
        if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
            raise NotSignedIn("身份系统的两处回答说的不是同一个人", _REMEDY)
        return more

    def _session(self, metadata: Mapping[str, Any]) -> OAuth2Session:
        from authlib.integrations.requests_client import OAuth2Session

        known = self._registration
        offered = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        return OAuth2Session(
            known.client_id,
            known.client_secret or None,
            token_endpoint_auth_method=basic if known.client_secret else "none",
            scope=known.scopes,
            redirect_uri=known.redirect_uri,
            code_challenge_method="S256",
            default_timeout=_TIMES_S,
        )

    def _described(self) -> dict[str, Any]:
        """The discovery document."""
        if self._metadata is not None and time.monotonic() - self._metadata[0] < _KNOWN_FOR_S:
            return self._metadata[1]
        if self._away is not None and time.monotonic() - self._away[0] < _AWAY_FOR_S:
            raise MissingResource(self._away[1].reason, self._away[1].remedy)
        try:
            metadata = self._fetched(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        except MissingResource as error:
            self._away = (time.monotonic(), error)
            raise
        if metadata.get("issuer") != self.issuer:
            reason = "身份系统自称的地址（issuer）与 CAISHEN_OIDC_ISSUER 不同"
            raise MissingResource(reason, "请管理员照录身份系统给出的 issuer，包括末尾的斜线")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not self._is_safe(metadata.get(name)):
                raise MissingResource(f"身份系统的说明里没有可用的 {name}", "请管理员核对 CAISHEN_OIDC_ISSUER")
        self._metadata, self._keys = (time.monotonic(), metadata), None
        return metadata

    def _key_set(self, *, again: bool = False) -> KeySet:
        from joserfc.jwk import KeySet

        keys = None if again else self._keys
        if keys is None:
            fetched: Any = self._fetched(self._described()["jwks_uri"])
            keys = self._keys = KeySet.import_key_set(fetched)
        return keys

    def _fetched(self, address: str) -> dict[str, Any]:
        import requests

        with _reached():
            answer = requests.get(address, timeout=_TIMES_S, allow_redirects=False)
            answer.raise_for_status()
            content = answer.json() if answer.ok and not answer.is_redirect else None
        if not isinstance(content, dict):
            raise MissingResource("单位的身份系统没有给出应有的说明", "请管理员核对 CAISHEN_OIDC_ISSUER")
        return content

    def _is_safe(self, address: object) -> bool:
        """Whether an address may be used: as well encrypted as the provider itself."""
        scheme = "https://" if self.issuer.startswith("https://") else ("https://", "http://")
        return isinstance(address, str) and address.startswith(scheme)


@contextmanager
def _reached() -> Iterator[None]:
    """Errors of the way to the provider as ours."""
    import requests

    try:
        yield
    except requests.HTTPError as error:
        status = error.response.status_code
        raise MissingResource(f"单位的身份系统回答了错误（{status}）", "请稍后重试，或用本系统的密码登录") from error
    except requests.RequestException as error:
        reason = f"连不上单位的身份系统（{type(error).__name__}）"
        raise MissingResource(reason, "请稍后重试，或用本系统的密码登录；管理员请检查网络") from error
    except ValueError as error:
        raise MissingResource("单位的身份系统的回答无法理解", "请稍后重试，或用本系统的密码登录") from error


def _refused(code: str) -> NotSignedIn:
    if code == "invalid_grant":
        return NotSignedIn("这次登录的代码已用过或已过期", "请重新登录")
    if code in ("invalid_client", "unauthorized_client"):
        return NotSignedIn("身份系统不认本系统（客户端编号或密钥不对）", "请管理员核对 CAISHEN_OIDC_CLIENT_ID 和密钥")
    return NotSignedIn(f"身份系统拒绝了这次登录（{code[:60]}）", _REMEDY)


def _invalid(error: Exception) -> NotSignedIn:
    from joserfc.errors import BadSignatureError, ClaimError, ExpiredTokenError, UnsupportedAlgorithmError

    why = "格式不对"
    if isinstance(error, ExpiredTokenError):
        why = "已过期，请核对两台机器的时间"
    elif isinstance(error, ClaimError):
        why = _WRONG_CLAIM.get(error.claim, f"缺少 {error.claim} 或其内容不对")
    elif isinstance(error, UnsupportedAlgorithmError):
        why = "没有签名，或签名方式不可信"
    elif isinstance(error, BadSignatureError):
        why = "签名不对"
    return NotSignedIn(f"身份系统给出的登录凭证无效：{why}", _REMEDY)
