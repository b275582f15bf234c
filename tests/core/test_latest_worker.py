import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.latest_worker import LatestWorker

PATIENCE_S = 10.0


class Gate:
    """A handler that notes what it handles and can be held."""

    def __init__(self) -> None:
        self.handled: list[int] = []
        self.begun, self.go = threading.Semaphore(0), threading.Event()
        self.go.set()

    def __call__(self, value: int) -> None:
        self.handled.append(value)
        self.begun.release()
        assert self.go.wait(PATIENCE_S)

    def wait(self) -> None:
        assert self.begun.acquire(timeout=PATIENCE_S)


@contextmanager
def running(worker: "LatestWorker[int]") -> Iterator["LatestWorker[int]"]:
    try:
        yield worker
    finally:
        worker.stop()


def test_a_request_that_was_not_begun_is_replaced_by_the_next() -> None:
    gate = Gate()
    with running(LatestWorker("reader", gate)) as worker:
        gate.go.clear()
        worker.request(1)
        gate.wait()
        for value in (2, 3, 4):
            worker.request(value)
        gate.go.set()
        gate.wait()
    assert gate.handled == [1, 4]


def test_the_thread_starts_with_the_first_request_and_has_its_name() -> None:
    names: list[str] = []
    done = threading.Event()

    def handle(value: int) -> None:
        names.append(threading.current_thread().name)
        done.set()

    worker = LatestWorker("frame reader", handle)
    assert "frame reader" not in [thread.name for thread in threading.enumerate()]
    with running(worker):
        worker.request(1)
        assert done.wait(PATIENCE_S)
    assert names == ["frame reader"]
    assert "frame reader" not in [thread.name for thread in threading.enumerate()]


def test_a_thread_without_work_ends_and_the_next_request_starts_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.latest_worker.LINGER_S", 0.0)
    threads: list[threading.Thread] = []
    done = threading.Event()

    def handle(value: int) -> None:
        threads.append(threading.current_thread())
        done.set()

    with running(LatestWorker("reader", handle)) as worker:
        worker.request(1)
        assert done.wait(PATIENCE_S)
        threads[0].join(PATIENCE_S)
        assert not threads[0].is_alive()
        done.clear()
        worker.request(2)
        assert done.wait(PATIENCE_S)
    assert threads[0] is not threads[1]


@pytest.mark.parametrize("replace", [lambda worker: worker.request(2), lambda worker: worker.cancel()])
def test_a_handler_sees_that_its_request_was_replaced_or_cancelled(replace: object) -> None:
    seen: list[bool] = []
    begun, replaced, over = threading.Event(), threading.Event(), threading.Event()

    def handle(value: int) -> None:
        if value == 1:
            seen.append(worker.superseded)
            begun.set()
            assert replaced.wait(PATIENCE_S)
            seen.append(worker.superseded)
            over.set()

    worker = LatestWorker("reader", handle)
    with running(worker):
        worker.request(1)
        assert begun.wait(PATIENCE_S)
        replace(worker)  # type: ignore[operator]
        replaced.set()
        assert over.wait(PATIENCE_S)
    assert seen == [False, True]


def test_a_cancelled_request_is_not_handled_and_the_thread_goes_on() -> None:
    gate = Gate()
    with running(LatestWorker("reader", gate)) as worker:
        gate.go.clear()
        worker.request(1)
        gate.wait()
        worker.request(2)
        worker.cancel()
        gate.go.set()
        worker.request(3)
        gate.wait()
    assert gate.handled == [1, 3]


def test_an_error_is_logged_with_the_name_and_the_thread_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    done = threading.Event()

    def handle(value: int) -> None:
        if value == 1:
            done.set()
            raise ValueError("torn")
        done.set()

    with caplog.at_level(logging.ERROR), running(LatestWorker("painter", handle)) as worker:
        for value in (1, 2):
            done.clear()
            worker.request(value)
            assert done.wait(PATIENCE_S)
    assert "painter failed" in caplog.text
    assert "torn" in caplog.text


def test_stop_without_waiting_returns_while_a_request_is_handled() -> None:
    gate = Gate()
    worker = LatestWorker("reader", gate)
    gate.go.clear()
    worker.request(1)
    gate.wait()
    worker.request(2)
    worker.stop(wait=False)
    assert "reader" in [thread.name for thread in threading.enumerate()]
    gate.go.set()
    worker.stop()
    worker.request(3)
    assert gate.handled == [1]
    assert "reader" not in [thread.name for thread in threading.enumerate()]


def test_stop_may_finish_the_request_that_waits_without_its_pause() -> None:
    gate = Gate()
    worker = LatestWorker("writer", gate, settle_s=3600.0)
    worker.request(1)
    worker.request(2)
    worker.stop(finish=True)
    assert gate.handled == [2]


def test_idle_work_is_done_piece_by_piece_between_requests() -> None:
    pieces, handled, empty = [3, 2, 1], list[int](), threading.Event()

    def idle() -> bool:
        if pieces:
            pieces.pop()
            worker.request(len(pieces))
        else:
            empty.set()
        return bool(pieces)

    worker = LatestWorker("reader", handled.append, idle=idle)
    with running(worker):
        worker.wake()
        assert empty.wait(PATIENCE_S)
        assert handled == [2, 1, 0], "a request comes before the next piece"
        empty.clear()
        pieces += [1]
        worker.wake()
        assert empty.wait(PATIENCE_S)
    assert handled == [2, 1, 0, 0]


def test_stop_from_its_own_thread_does_not_wait_for_itself() -> None:
    stopped = threading.Event()

    def handle(value: int) -> None:
        worker.stop()
        stopped.set()

    worker = LatestWorker("reader", handle)
    worker.request(1)
    assert stopped.wait(PATIENCE_S)
    worker.stop()
