"""Answers that are none: each is one error with a sentence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tracing_starter_kit.kit import cli
from tracing_starter_kit.traces import web


@pytest.fixture
def url() -> Iterator[str]:
    """A server that breaks off in the middle of its only answer."""
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


def test_an_answer_that_is_cut_off_is_no_answer(url: str) -> None:
    assert not web.answers(url)


def test_what_was_wrong_with_an_answer_is_said(url: str) -> None:
    with pytest.raises(web.WebError, match="does not answer as it should: Incomplete"):
        web.get_json(url)


@pytest.mark.parametrize("trace_id", ["abc def", "é", "a/b?c", "a\n"])
def test_an_id_that_is_none_is_one_sentence(
    trace_id: str,
    unused_port: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VIEWER_PORT", str(unused_port))

    assert cli.main(["trace", trace_id]) == 1
    assert "does not answer" in capsys.readouterr().err
