"""A fictional organisation's identity provider on loopback: OpenID Connect over HTTP, with tokens signed by RSA."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "caishen", "s3cret of the client"
PERSON = {"sub": "u-001", "name": "王敏", "email": "wm@fz.example", "email_verified": True, "groups": ["审计一处"]}


@cache
def new_key(name: str, number: int = 1) -> RSAKey:
    """A key of this name; made once, as that takes long."""
    return RSAKey.generate_key(2048, {"kid": name})


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class IdentityProvider:
    """What the provider knows; a test changes it to make it say something else.

    Attributes:
        person: claims of whoever signs in.
        changes: of the ID token; None takes a claim out.
        algorithm: of the ID token; `none` leaves it unsigned, `HS256` signs with the public key as a secret.
        signing_key: in the place of the one that is published.
        hidden: claims that only the userinfo endpoint gives.
        asks: shows a page with a link instead of sending the browser back at once.
        codes: that were given out and not yet used, with what was asked.
        asked: paths, in order.
    """

    address: str = ""
    person: dict[str, Any] = field(default_factory=lambda: dict(PERSON))
    changes: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    hidden: tuple[str, ...] = ()
    asks: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: new_key("one"))
    signing_key: RSAKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def authorize(self, query: dict[str, str]) -> str:
        """What the person's browser is sent back to after signing in."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The answer of the token endpoint."""
        user, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if (user, password) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        query = self.codes.pop(form["code"], None)
        verifier = _encoded(hashlib.sha256(form["code_verifier"].encode()).digest())
        if query is None or verifier != query["code_challenge"] or form["redirect_uri"] != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        told = {name: value for name, value in self.person.items() if name not in self.hidden}
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": query["nonce"],
            **told,
            **self.changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": self._id_token(claims)}

    def _id_token(self, claims: dict[str, Any]) -> str:
        if self.algorithm == "RS256":
            key = self.signing_key or self.key
            return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
        # By hand, because the library does not stoop to it.
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": self.algorithm}, claims))
        public = self.key.as_pem(private=False)
        mac = hmac.new(public, signed.encode(), "sha256").digest() if self.algorithm == "HS256" else b""
        return f"{signed}.{_encoded(mac)}"

    def document(self, path: str) -> dict[str, Any] | None:
        """What a GET answers."""
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "userinfo_endpoint": f"{self.address}/userinfo",
                "end_session_endpoint": f"{self.address}/leave",
                **self.metadata,
            }
        return {"/keys": {"keys": [self.key.as_dict(private=False)]}, "/userinfo": self.person}.get(path)


@contextmanager
def identity_provider(host: str = "127.0.0.1") -> Iterator[IdentityProvider]:
    """A provider that runs while the block does.

    Args:
        host: as its address names it; with `localhost` it is another site than one on 127.0.0.1.
    """
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            if parts.path == "/authorize":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                back = provider.authorize(query)
                body = f'<title>认证</title><a href="{escape(back)}">我是王敏</a>'.encode() if provider.asks else b""
                self.send_response(200 if provider.asks else 302)
                self.send_header("location", back)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return
            found = provider.document(parts.path)
            self._answer(200 if found is not None else 404, found or {})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(*provider.token(form, self.headers.get("authorization", "")))

        def _answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so by the class above
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
