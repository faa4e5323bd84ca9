"""The journal: durable, in order, and able to start after any crash."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.viewer.conftest import rows, stored_names
from tests.viewer.telemetry import new_span, traces
from tracing_starter_kit.viewer.store import QueueFullError, Store, StoreError
from tracing_starter_kit.viewer.store.database import Database
from tracing_starter_kit.viewer.store.journal import segment_writer
from tracing_starter_kit.viewer.store.journal.journal import Journal
from tracing_starter_kit.viewer.store.journal.segments import (
    HEADER,
    Position,
    Segments,
    Signal,
)

START = Position(0, 0)
ALL = 1 << 30


@contextmanager
def open_journal(
    folder: Path, *, start: Position = START, max_pending: int = ALL
) -> Iterator[Journal]:
    journal = Journal(Segments(folder), start=start, max_pending=max_pending)
    try:
        yield journal
    finally:
        journal.close()


def append(journal: Journal, signal: Signal, items: int, body: bytes) -> Future[None]:
    return journal.append(signal, [(items, body)])[0]


def bodies(journal: Journal, limit: int = ALL) -> list[bytes]:
    return [record.body for record in journal.read(limit)]


def segment(folder: Path) -> Path:
    """The first segment; the tests damage it."""
    return folder / "000000000001.journal"


@pytest.fixture
def old_journal(tmp_path: Path) -> Path:
    """A journal with three unread records, of an earlier run."""
    with open_journal(tmp_path) as journal:
        for body in (b"one", b"two", b"three"):
            append(journal, "traces", 1, body).result()
    return tmp_path


def test_records_are_read_in_the_order_in_which_they_were_appended(
    tmp_path: Path,
) -> None:
    numbers = [b"%d" % number for number in range(100)]
    with open_journal(tmp_path) as journal:
        for body in numbers:
            append(journal, "logs", 1, body)
        append(journal, "logs", 1, b"last").result()

        assert bodies(journal) == [*numbers, b"last"]


def test_a_read_returns_about_as_many_bytes_as_the_limit(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        for _ in range(10):
            append(journal, "traces", 1, b"x" * 100).result()

        assert [len(bodies(journal, 250)) for _ in range(4)] == [3, 3, 3, 1]


def test_the_records_of_an_earlier_run_are_read(old_journal: Path) -> None:
    with open_journal(old_journal) as journal:
        append(journal, "traces", 1, b"four").result()

        assert (journal.pending_items, journal.pending_bytes) == (4, 15)
        assert bodies(journal) == [b"one", b"two", b"three", b"four"]


def test_records_in_the_database_are_not_read_again(old_journal: Path) -> None:
    with open_journal(old_journal) as journal:
        first = journal.read(1)[0]

    with open_journal(old_journal, start=first.end) as journal:
        assert bodies(journal) == [b"two", b"three"]


def test_a_segment_is_removed_once_it_is_in_the_database(old_journal: Path) -> None:
    with open_journal(old_journal) as journal:
        append(journal, "traces", 1, b"four").result()
        journal.release(journal.read(ALL))

        assert journal.pending_items == 0
    assert not segment(old_journal).exists()


@pytest.mark.parametrize("cut", range(1, HEADER.size + len(b"three")))
def test_a_torn_record_at_the_end_is_ignored(old_journal: Path, cut: int) -> None:
    file = segment(old_journal)
    file.write_bytes(file.read_bytes()[:-cut])

    with open_journal(old_journal) as journal:
        append(journal, "traces", 1, b"four").result()

        assert bodies(journal) == [b"one", b"two", b"four"]
    assert not list(old_journal.glob("*.damaged"))


def test_a_damaged_segment_is_copied_and_named_and_the_others_are_read(
    old_journal: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = segment(old_journal)
    content = file.read_bytes()
    file.write_bytes(content.replace(b"two", b"tWo"))

    with open_journal(old_journal) as journal:
        append(journal, "traces", 1, b"four").result()

        assert bodies(journal) == [b"one", b"four"]
    assert file.with_suffix(".damaged").read_bytes() == content.replace(b"two", b"tWo")
    assert "is damaged at byte" in caplog.text


def test_a_full_journal_refuses_until_there_is_room(tmp_path: Path) -> None:
    with open_journal(tmp_path, max_pending=10) as journal:
        append(journal, "traces", 5, b"x" * 8).result()
        with pytest.raises(QueueFullError, match="5 items are waiting"):
            append(journal, "traces", 1, b"yyy")
        journal.release(journal.read(ALL))

        append(journal, "traces", 1, b"yyy").result()

        assert bodies(journal) == [b"yyy"]


def test_a_request_in_parts_is_accepted_as_a_whole_or_not_at_all(
    tmp_path: Path,
) -> None:
    with open_journal(tmp_path, max_pending=10) as journal:
        append(journal, "logs", 1, b"x").result()
        with pytest.raises(QueueFullError):
            journal.append("logs", [(1, b"yyy"), (1, b"z" * 8)])
        for durable in journal.append("logs", [(1, b"yyy"), (1, b"zzz")]):
            durable.result()

        assert bodies(journal) == [b"x", b"yyy", b"zzz"]


@pytest.mark.parametrize("flipped", range(HEADER.size))
@pytest.mark.parametrize("bit", [1, 1 << 7])
def test_a_segment_with_a_damaged_header_is_copied_and_named(
    old_journal: Path, caplog: pytest.LogCaptureFixture, flipped: int, bit: int
) -> None:
    """Also if its length leads behind the end of the file."""
    file = segment(old_journal)
    content = bytearray(file.read_bytes())
    content[HEADER.size + len(b"one") + flipped] ^= bit
    file.write_bytes(content)

    with open_journal(old_journal) as journal:
        append(journal, "traces", 1, b"four").result()

        assert bodies(journal) == [b"one", b"four"]
    assert file.with_suffix(".damaged").read_bytes() == content
    assert "is damaged at byte" in caplog.text


def test_a_request_larger_than_the_queue_passes_when_it_is_alone(
    tmp_path: Path,
) -> None:
    with open_journal(tmp_path, max_pending=10) as journal:
        append(journal, "traces", 1, b"x" * 100).result()

        assert bodies(journal) == [b"x" * 100]


def test_a_closed_journal_accepts_nothing(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        pass

    with pytest.raises(QueueFullError, match="being stopped"):
        append(journal, "traces", 1, b"x")


def test_many_requests_share_one_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, may_return = threading.Event(), threading.Event()
    calls: list[int] = []

    def slow_sync(_: int) -> None:
        calls.append(1)
        entered.set()
        may_return.wait(10)

    with open_journal(tmp_path) as journal, monkeypatch.context() as patched:
        patched.setattr(segment_writer, "_sync", slow_sync)
        first = append(journal, "traces", 1, b"0")
        entered.wait(10)
        others = [append(journal, "traces", 1, b"%d" % n) for n in range(1, 50)]
        assert not first.done()
        may_return.set()
        for future in (first, *others):
            future.result(10)

        assert len(calls) == 2


def failing_once() -> Callable[..., None]:
    """Return a function that fails once, as on a full disk."""
    failures = [OSError(errno.ENOSPC, "No space left on device")]

    def call(*_: object) -> None:
        if failures:
            raise failures.pop()

    return call


def test_a_full_disk_fails_the_request_and_leaves_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_journal(tmp_path) as journal, monkeypatch.context() as patched:
        patched.setattr(segment_writer, "_sync", failing_once())
        with pytest.raises(StoreError, match="No space left"):
            append(journal, "traces", 1, b"refused").result()
        append(journal, "traces", 1, b"next").result()

        assert journal.pending_items == 1
        assert bodies(journal) == [b"next"]
    with open_journal(tmp_path) as journal:
        assert bodies(journal) == [b"next"]


def test_a_journal_that_cannot_begin_a_segment_tries_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_writer, "SEGMENT_BYTES", 10)
    with open_journal(tmp_path) as journal:
        append(journal, "traces", 1, b"one").result()
        with monkeypatch.context() as patched:
            patched.setattr(Segments, "create", failing_once())
            with pytest.raises(StoreError, match="No space left"):
                append(journal, "traces", 1, b"two").result()
        append(journal, "traces", 1, b"three").result()

        assert bodies(journal) == [b"one", b"three"]


def test_a_commit_without_a_saved_position_is_not_stored_twice(data: Path) -> None:
    """As if the process had ended before the position was saved."""
    span = new_span()
    store = Store.open(data)
    store.submit("traces", traces(span).SerializeToString(), items=1).result()
    assert store.flush()
    store.close()
    database = Database.open(data / "spans.duckdb", max_bytes=ALL)
    database.connection.execute('UPDATE progress SET segment = 0, "offset" = 0')
    database.close()

    store = Store.open(data)

    try:
        assert stored_names(store, span.trace_id) == ["work"]
    finally:
        store.close()


def test_an_unstorable_request_is_set_aside_and_the_others_are_stored(
    store: Store, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spans = [new_span(name=f"{n}") for n in range(2)]
    store.submit("traces", traces(spans[0]).SerializeToString(), items=1)
    store.submit("traces", b"\xff not protobuf", items=1)
    store.submit("traces", traces(spans[1]).SerializeToString(), items=1).result()

    assert rows(store, "SELECT name FROM spans ORDER BY name") == [("0",), ("1",)]
    (file,) = (data / "refused").iterdir()
    assert file.read_bytes() == b"\xff not protobuf"
    assert str(file) in caplog.text
