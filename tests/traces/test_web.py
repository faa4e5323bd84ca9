"""HTTP answers that break off: one error with a sentence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tracing_starter_kit.traces import web


@pytest.fixture
def url() -> Iterator[str]:
    """A server that breaks off in the middle of its answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"s')

        thread = threading.Thread(target=answer)
        thread.start()
        yield "http://{}:{}/health".format(*server.getsockname())
        thread.join()


def test_an_answer_that_is_cut_off_does_not_count(url: str) -> None:
    assert not web.answers(url)


def test_the_error_says_how_an_answer_was_wrong(url: str) -> None:
    with pytest.raises(web.WebError, match="does not answer correctly: Incomplete"):
        web.get_json(url)
