"""A link that signs in whoever holds it, for the demonstration on one's own machine; no other service has one."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.errors import NotFound
from service.auth.secrets import same
from service.deps import SiteDep
from service.web.people import inside, see, with_session


@dataclass(frozen=True, slots=True)
class Entrance:
    """The secret of the link, and who is signed in by it."""

    key: str
    user_id: int

    def router(self) -> APIRouter:
        """The address `/enter?key=…&next=…`."""
        router = APIRouter(include_in_schema=False)

        @router.get("/enter")
        def enter(request: Request, site: SiteDep, key: str = "", next: str = "/") -> Response:  # noqa: A002 - in the address
            if not same(key, self.key):
                raise NotFound("链接无效", "请重新运行 caishen demo")
            return with_session(request, site, self.user_id, see(inside(next)))

        return router
