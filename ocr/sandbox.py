"""The child process that decodes untrusted files: limited in memory, CPU time and file size."""

from __future__ import annotations

from ocr.child import Child, Job

# Memory that leaks in the decoding libraries goes with the process: 300 pages are done in about ten seconds.
MAX_TASKS = 300


class Sandbox(Child):
    """A child that may decode and nothing else; it starts in 0.3 s.

    Args:
        memory_bytes: address space of the child.
        cpu_s: CPU seconds for one task.
    """

    def __init__(self, memory_bytes: int, cpu_s: float) -> None:
        super().__init__(Job("ocr.decode", max_tasks=MAX_TASKS, memory_bytes=memory_bytes, cpu_s=cpu_s))
