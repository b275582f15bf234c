"""The thread that owns the session: commands in, never dropped; newest reading in; events out.

While the session wants steps it is paced at dt / speed, measured from the step before. Verbs are answered
between steps, and, with ``background=True``, while a step is still being imagined on a worker thread; a
result that a verb made obsolete is dropped. Whatever a world or policy raises becomes a Message and PAUSED.
"""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from core.errors import StudioError
from core.events import Event, Message, StatesMoved, Status, Stepped, TreeChanged
from core.reading import DeviceReading
from core.session import Session
from core.step import Step
from core.step_request import StepRequest, StepResult, imagine
from core.verbs import HandBack, Pause, Run, SetDevice, TakeOver, Verb

log = logging.getLogger(__name__)

LOOK_S = 0.25
"""How often an idle runtime looks whether the device or the count on disk changed, seconds."""
FROZEN_LOOK_S = 0.01
"""How often it looks for the first motion while the world is frozen, seconds."""


class _Wake:
    """Put into the queue to end a wait: a step was imagined, or the runtime stops."""


class Runtime:
    """Runs a session. Only ``submit``, ``start`` and ``stop`` may be called from other threads."""

    def __init__(
        self,
        session: Session,
        device_reader: Callable[[], DeviceReading | None],
        emit: Callable[[Event], None],
        *,
        background: bool | None = None,
        why: Callable[[], str] = lambda: "",
    ) -> None:
        """Take over a session; from start() on no other thread may use it.

        Args:
            session: What to run.
            device_reader: The newest reading of the assigned device, None where there is none; returns at once.
            emit: Takes events on the runtime's thread; returns at once.
            background: Imagine on a worker thread; None: where the world is remote.
            why: Says why there is no reading, in words; "" where only that is known.
        """
        self._session, self._read, self._emit, self._why = session, device_reader, emit, why
        remote = session.parts.world.spec.kind == "remote"
        self._pool = ThreadPoolExecutor(1, "imagining") if (remote if background is None else background) else None
        self._queue: queue.SimpleQueue[Verb | _Wake] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._loop, name="runtime")
        self._stopping = threading.Event()
        self._in_flight: tuple[StepRequest, Future[StepResult], float] | None = None
        self._due = 0.0
        self._stepped_at: deque[float] = deque(maxlen=512)
        self._step_ms = 0.0
        self._connected = False
        self._device_trouble = ""
        self._told: tuple[int, bool, int] | None = None

    def start(self) -> None:
        """Begin; the first events are TreeChanged and Status."""
        self._thread.start()

    def submit(self, verb: Verb) -> None:
        """Queue a verb; never dropped, answered in order."""
        self._queue.put(verb)

    def stop(self, timeout: float | None = 10.0) -> None:
        """Carry out what is queued, then end and join. Idempotent.

        Raises:
            TimeoutError: a step took longer than ``timeout`` seconds.
        """
        self._stopping.set()
        self._queue.put(_Wake())
        end = None if timeout is None else time.monotonic() + timeout
        if self._thread.is_alive():
            self._thread.join(timeout)
        busy = self._thread.is_alive()
        if not busy and self._in_flight is not None:  # its thread has ended, so that this one may look
            left = None if end is None else max(0.0, end - time.monotonic())
            busy = bool(wait([self._in_flight[1]], left).not_done)
        if busy:
            raise TimeoutError(f"The runtime did not stop within {timeout} s: the world or the policy is still busy.")
        if self._pool is not None:
            self._pool.shutdown()

    # Everything below runs on the runtime's thread.

    def _loop(self) -> None:
        self._report(tree=True)
        while True:
            verbs = self._wait()
            for verb in verbs:
                self._carry_out(verb)
            if self._stopping.is_set():
                if self._queue.empty():
                    return
                continue
            self._advance()

    def _wait(self) -> list[Verb]:
        """Sleep until a verb comes or something is due; the verbs that came."""
        came: list[Verb | _Wake] = []
        try:
            pause = self._pause()
            came.append(self._queue.get(timeout=pause) if pause > 0 else self._queue.get_nowait())
            while True:
                came.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        return [verb for verb in came if not isinstance(verb, _Wake)]

    def _pause(self) -> float:
        """Seconds that nothing is due."""
        if self._in_flight is not None:
            return 0.0 if self._in_flight[1].done() else LOOK_S
        if not self._session.wants_step:
            return LOOK_S
        return min(LOOK_S, self._due - time.monotonic())

    def _carry_out(self, verb: Verb) -> None:
        revision, wanted = self._session.revision, self._session.wants_step
        try:
            self._session.apply(verb)
        except StudioError as error:
            self._tell(Message("warning", str(error), {"verb": type(verb).__name__}))
        except Exception as error:
            self._internal(error)
        if isinstance(verb, Run | TakeOver | HandBack) or not wanted:
            self._due = time.monotonic()
        if isinstance(verb, Pause):
            self._stepped_at.clear()
        if isinstance(verb, SetDevice):
            self._connected = False
        self._report(tree=self._session.revision != revision)

    def _advance(self) -> None:
        """Finish the step in flight, or begin the next where it is due."""
        if self._in_flight is not None:
            request, future, began = self._in_flight
            if future.done():
                self._in_flight = None
                self._guarded(lambda: self._session.accept(request, future.result()), began)
            return
        if not self._session.wants_step:
            self._look()
            return
        now = time.monotonic()
        if now < self._due:
            self._tell_news()
            return
        reading = self._newest()
        if self._session.phase == "CORRECTING" and reading is None:
            if self._queue.empty():  # else the device is being changed: that verb comes first
                self._lost()
            return
        if self._pool is None:
            self._guarded(lambda: self._session.tick(reading), now)
        else:
            self._guarded(lambda: self._send(self._pool, reading, now), now)
        if self._session.hands.frozen:
            self._tell_news()
        self._schedule(now)

    def _send(self, pool: ThreadPoolExecutor | None, reading: DeviceReading | None, began: float) -> None:
        request = self._session.prepare(reading)
        if request is None or pool is None:
            return
        future = pool.submit(imagine, self._session.parts, request)
        self._in_flight = request, future, began
        future.add_done_callback(lambda _: self._queue.put(_Wake()))

    def _schedule(self, began: float) -> None:
        """The next step is due one period after this one was; a late loop does not hurry to catch up."""
        if self._session.hands.frozen:
            self._due = began + FROZEN_LOOK_S
            return
        period = self._session.parts.world.spec.dt / self._session.settings.speed
        self._due = max(self._due + period, began) if began - self._due < period else began + period

    def _guarded(self, take_step: Callable[[], Step | None], began: float) -> None:
        """Take a step and emit it; an error is reported and pauses the session."""
        revision, frozen, step = self._session.revision, self._session.hands.frozen, None
        try:
            step = take_step()
        except StudioError as error:
            self._session.interrupt()
            log.warning("the session paused: %s", error, exc_info=error)
            self._tell(Message("error", str(error)))
        except Exception as error:
            self._session.interrupt()
            self._internal(error)
        if step is not None:
            now = time.monotonic()
            self._step_ms = (now - began) * 1e3
            self._stepped_at.append(now)
            self._tell_step(step)
        if step is None and self._in_flight is not None:
            return
        if step is not None or self._session.hands.frozen != frozen or not self._session.wants_step:
            self._report(tree=self._session.revision != revision)

    def _internal(self, error: Exception) -> None:
        """A mistake of this program: say so and go on."""
        log.exception("internal error", exc_info=error)
        text = f"Something went wrong inside the application ({type(error).__name__}: {error}). The session is paused."
        self._session.interrupt()
        self._tell(Message("error", text))

    def _newest(self) -> DeviceReading | None:
        """The newest reading of the assigned device; one that raises gives none, and is named once."""
        try:
            reading = self._read()
        except Exception as error:
            reading = None
            self._device_failed(error)
        else:
            self._device_trouble = ""
        if reading is not None and reading.device != self._session.settings.device:
            reading = None
        self._connected = reading is not None
        return reading

    def _device_failed(self, error: Exception) -> None:
        text = f"The device {self._session.settings.device!r} failed ({type(error).__name__}: {error}). Reconnect it."
        if text != self._device_trouble:
            self._device_trouble = text
            log.error("%s", text, exc_info=error)
            self._tell(Message("error", text))

    def _lost(self) -> None:
        """Only the loss of the driving device pauses; it does not drive again until the operator says so."""
        self._session.apply(Pause())
        device = self._session.settings.device
        why = self._why() or f"The device {device!r} gives no readings."
        self._tell(Message("warning", f"{why} Paused; take over again when it is back."))
        self._report(tree=False)

    def _look(self) -> None:
        """While nothing moves, tell of a device that came or went and of steps that reached the disk."""
        self._newest()
        self._tell_news()

    def _tell_news(self) -> None:
        """A status where one of these changed although no step was taken; an unchanged one is not worth a wake-up."""
        if self._told != (self._session.recorded, self._connected, self._session.revision):
            self._report(tree=False)

    def _tell_step(self, step: Step) -> None:
        node = step.node
        assert node.source is not None, "a step led to it"
        told = Stepped(
            branch=step.branch, index=step.index, source=node.source, trust=node.trust, progress=node.progress,
            success=node.success, observation=node.observation, plan=self._session.plan,
        )  # fmt: skip
        self._tell(told)

    def _report(self, *, tree: bool) -> None:
        """The tree where it changed, words, and the newest status."""
        session = self._session
        if tree:
            self._tell(TreeChanged(session.tree, session.head, session.history))
        for step in session.take_copied():
            self._tell_step(step)
        moves = session.take_moves()
        if moves:
            self._tell(StatesMoved(moves))
        for message in session.take_messages():
            self._tell(message)
        self._told = session.recorded, self._connected, session.revision
        self._tell(self._status())

    def _status(self) -> Status:
        session, node, now = self._session, self._session.node, time.monotonic()
        return Status(
            phase=session.phase,
            head=session.head,
            observation=node.observation,
            trust=node.trust,
            progress=node.progress,
            success=node.success,
            driver=node.source,
            device=session.settings.device,
            device_connected=self._connected,
            world_time=node.world_time,
            rate_hz=float(sum(now - at <= 1.0 for at in self._stepped_at)),
            step_ms=self._step_ms,
            speed=session.settings.speed,
            freeze_on_idle=session.settings.freeze_on_idle,
            frozen=session.hands.frozen,
            idle=session.hands.idle,
            clutch=session.hands.clutch,
            limit_hits=session.hands.limit_hits,
            recorded=session.recorded,
            shown_at=now,
            target=node.control_state.target,
        )

    def _tell(self, event: Event) -> None:
        try:
            self._emit(event)
        except Exception:
            log.exception("a listener failed on %s", type(event).__name__)
