"""A lock on a file, which dies with the process that holds it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

__all__ = ["FileLock"]


class FileLock:
    """A lock on one file: shared by many, or held by one alone.

    The file stays where it is while anybody might wait for it; who holds it alone may write
    into it, and may remove it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def take_alone(self) -> bool:
        """Return whether the lock could be taken alone, at once."""
        while True:
            file = self._file if self._file is not None else self._open()
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if self._file is None:
                    os.close(file)
                return False
            if self._is_current(file):
                self._file = file
                return True
            # Its last holder removed the file between our opening and our locking it.
            os.close(file)
            self._file = None

    def take_shared(self) -> None:
        """Take the lock together with others, waiting for whoever holds it alone."""
        while self._file is None:
            file = self._open()
            fcntl.flock(file, fcntl.LOCK_SH)
            if self._is_current(file):
                self._file = file
            else:
                os.close(file)

    def release(self, *, remove: bool = False) -> None:
        """Give the lock back, and remove the file where it is held alone and not needed any
        more."""
        if self._file is None:
            return
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = None

    def read(self) -> str:
        """Return what the lock's holder wrote into the file, if anything."""
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def write(self, text: str) -> None:
        """Write into the file that is held alone, for others to read."""
        assert self._file is not None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text.encode(), 0)

    def _open(self) -> int:
        return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def _is_current(self, file: int) -> bool:
        try:
            return os.path.samestat(os.fstat(file), self.path.stat())
        except FileNotFoundError:
            return False
