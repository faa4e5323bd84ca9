"""The journal: durable, in order, and never stopped by what a crash leaves behind."""

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
    """The first segment, which the tests damage."""
    return folder / "000000000001.journal"


@pytest.fixture
def left_behind(tmp_path: Path) -> Path:
    """A journal with three records that nobody has read."""
    with open_journal(tmp_path) as journal:
        for body in (b"one", b"two", b"three"):
            append(journal, "traces", 1, body).result()
    return tmp_path


def test_records_come_in_the_order_in_which_they_went(tmp_path: Path) -> None:
    sent = [b"%d" % number for number in range(100)]
    with open_journal(tmp_path) as journal:
        for body in sent:
            append(journal, "logs", 1, body)
        append(journal, "logs", 1, b"last").result()

        assert bodies(journal) == [*sent, b"last"]


def test_a_read_takes_about_as_much_as_it_is_told(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        for _ in range(10):
            append(journal, "traces", 1, b"x" * 100).result()

        assert [len(bodies(journal, 250)) for _ in range(4)] == [3, 3, 3, 1]


def test_what_was_left_behind_is_read_by_the_next_run(left_behind: Path) -> None:
    with open_journal(left_behind) as journal:
        append(journal, "traces", 1, b"four").result()

        assert (journal.pending_items, journal.pending_bytes) == (4, 15)
        assert bodies(journal) == [b"one", b"two", b"three", b"four"]


def test_what_the_database_has_is_not_read_again(left_behind: Path) -> None:
    with open_journal(left_behind) as journal:
        first = journal.read(1)[0]

    with open_journal(left_behind, start=first.end) as journal:
        assert bodies(journal) == [b"two", b"three"]


def test_segments_go_once_the_database_has_them(left_behind: Path) -> None:
    with open_journal(left_behind) as journal:
        append(journal, "traces", 1, b"four").result()
        journal.release(journal.read(ALL))

        assert journal.pending_items == 0
    assert not segment(left_behind).exists()


@pytest.mark.parametrize("cut", range(1, HEADER.size + len(b"three")))
def test_a_torn_record_at_the_end_is_passed_over(left_behind: Path, cut: int) -> None:
    file = segment(left_behind)
    file.write_bytes(file.read_bytes()[:-cut])

    with open_journal(left_behind) as journal:
        append(journal, "traces", 1, b"four").result()

        assert bodies(journal) == [b"one", b"two", b"four"]
    assert not list(left_behind.glob("*.damaged"))


def test_damage_is_kept_and_named_and_ends_only_its_segment(
    left_behind: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = segment(left_behind)
    content = file.read_bytes()
    file.write_bytes(content.replace(b"two", b"tWo"))

    with open_journal(left_behind) as journal:
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


def test_a_request_in_parts_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    with open_journal(tmp_path, max_pending=10) as journal:
        append(journal, "logs", 1, b"x").result()
        with pytest.raises(QueueFullError):
            journal.append("logs", [(1, b"yyy"), (1, b"z" * 8)])
        for durable in journal.append("logs", [(1, b"yyy"), (1, b"zzz")]):
            durable.result()

        assert bodies(journal) == [b"x", b"yyy", b"zzz"]


@pytest.mark.parametrize("flipped", range(HEADER.size))
@pytest.mark.parametrize("bit", [1, 1 << 7])
def test_a_damaged_header_is_kept_and_named(
    left_behind: Path, caplog: pytest.LogCaptureFixture, flipped: int, bit: int
) -> None:
    """Also where it says a length that the file does not have."""
    file = segment(left_behind)
    content = bytearray(file.read_bytes())
    content[HEADER.size + len(b"one") + flipped] ^= bit
    file.write_bytes(content)

    with open_journal(left_behind) as journal:
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


def test_a_closed_journal_takes_nothing(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        pass

    with pytest.raises(QueueFullError, match="being stopped"):
        append(journal, "traces", 1, b"x")


def test_many_requests_share_one_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go_on, calls = threading.Event(), threading.Event(), []

    def slow_sync(_: int) -> None:
        calls.append(1)
        entered.set()
        go_on.wait(10)

    with open_journal(tmp_path) as journal, monkeypatch.context() as patched:
        patched.setattr(segment_writer, "_sync", slow_sync)
        first = append(journal, "traces", 1, b"0")
        entered.wait(10)
        others = [append(journal, "traces", 1, b"%d" % n) for n in range(1, 50)]
        assert not first.done()
        go_on.set()
        for future in (first, *others):
            future.result(10)

        assert len(calls) == 2


def failing_once() -> Callable[..., None]:
    """A disk that is full for one call."""
    failures = [OSError(errno.ENOSPC, "No space left on device")]

    def call(*_: object) -> None:
        if failures:
            raise failures.pop()

    return call


def test_a_full_disk_is_told_to_the_sender_and_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_journal(tmp_path) as journal, monkeypatch.context() as patched:
        patched.setattr(segment_writer, "_sync", failing_once())
        with pytest.raises(StoreError, match="No space left"):
            append(journal, "traces", 1, b"lost, and its sender knows").result()
        append(journal, "traces", 1, b"next").result()

        assert journal.pending_items == 1
        assert bodies(journal) == [b"next"]
    with open_journal(tmp_path) as journal:
        assert bodies(journal) == [b"next"]


def test_a_journal_that_cannot_begin_a_segment_goes_on_when_it_can(
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


def test_a_commit_that_was_not_noted_is_not_stored_twice(data: Path) -> None:
    """As if the process had ended between the commit and the journal's release."""
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


def test_a_request_that_cannot_be_stored_is_set_aside_alone(
    store: Store, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = [new_span(name=f"{n}") for n in range(2)]
    store.submit("traces", traces(good[0]).SerializeToString(), items=1)
    store.submit("traces", b"\xff no protobuf", items=1)
    store.submit("traces", traces(good[1]).SerializeToString(), items=1).result()

    assert rows(store, "SELECT name FROM spans ORDER BY name") == [("0",), ("1",)]
    (kept,) = (data / "refused").iterdir()
    assert kept.read_bytes() == b"\xff no protobuf"
    assert str(kept) in caplog.text
