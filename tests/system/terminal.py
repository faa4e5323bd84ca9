"""A pseudo-terminal that tests type into and read from."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.system.demo import await_
from tracing_starter_kit.kit.settings import ROOT

COLUMNS = 160


class Terminal:
    """A command in the foreground of a pseudo-terminal."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        cwd: Path = ROOT,
    ) -> None:
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (50, COLUMNS))
        # Programs prefer these two to the size of the terminal.
        sizes = {"COLUMNS", "LINES"}
        own = {key: environment[key] for key in environment if key not in sizes}
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=own,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        os.set_blocking(self.master, False)
        self.text = ""

    def read(self) -> str:
        try:
            while chunk := os.read(self.master, 65536):
                self.text += chunk.decode(errors="replace")
        except (BlockingIOError, OSError):
            pass
        return self.text

    def expect(self, pattern: str, within: float = 60) -> str:
        return await_(
            self.read,
            lambda text: re.search(pattern, text) is not None,
            lambda text: f"no {pattern!r} in:\n{text}",
            within,
        )

    def press_ctrl_c(self) -> None:
        """Send INT to the whole foreground group, as a terminal does."""
        os.killpg(self.process.pid, signal.SIGINT)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
