"""How often one person or one address may ask, in moving windows kept in memory."""

from __future__ import annotations

import time
from typing import Final

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from models.errors import TooManyRequests


class Rates:
    """Counts requests of one kind for one key; each web process counts for itself.

    Args:
        limits: kind → limit in the notation of the library (`120/minute`); an empty limit switches a kind off.

    Raises:
        ValueError: a limit that cannot be understood.
    """

    def __init__(self, limits: dict[str, str]) -> None:
        self._limiter: Final = MovingWindowRateLimiter(MemoryStorage())
        self._limits: Final[dict[str, RateLimitItem]] = {kind: parse(text) for kind, text in limits.items() if text}

    def count(self, kind: str, key: str) -> None:
        """Counts one request.

        Raises:
            TooManyRequests: the limit for this kind and key is used up.
        """
        limit = self._limits.get(kind)
        if limit is None or self._limiter.hit(limit, kind, key):
            return
        window = self._limiter.get_window_stats(limit, kind, key)
        wait_s = max(1, round(window.reset_time - time.time()))
        raise TooManyRequests("请求过于频繁", f"请在 {wait_s} 秒后重试", wait_s)

    def check(self, kind: str, key: str, error: TooManyRequests, *, count: bool = False) -> None:
        """Raises `error` where the limit for this kind and key is used up; counts only if told to."""
        limit = self._limits.get(kind)
        if limit is None:
            return
        if not self._limiter.test(limit, kind, key):
            raise error
        if count:
            self._limiter.hit(limit, kind, key)
