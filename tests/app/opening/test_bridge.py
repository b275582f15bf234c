import threading
from dataclasses import replace

from pytestqt.qtbot import QtBot

from app.opening.bridge import Bridge
from core.events import Message, Stepped
from tests.app.fakes import OBSERVATION, STATUS


def test_the_newest_status_wins_and_messages_arrive_complete_and_in_order(qtbot: QtBot) -> None:
    bridge = Bridge()
    shown: list[int] = []
    words: list[str] = []
    threads: set[str] = set()
    bridge.status.connect(lambda status: (shown.append(status.recorded), threads.add(threading.current_thread().name)))
    bridge.message.connect(lambda message: words.append(message.text))

    def work() -> None:
        for i in range(2000):
            bridge.emit(replace(STATUS, recorded=i))
            if i % 10 == 0:
                bridge.emit(Message("info", str(i)))

    worker = threading.Thread(target=work)
    worker.start()
    qtbot.waitUntil(lambda: not worker.is_alive() and bool(shown) and shown[-1] == 1999, timeout=5000)
    assert words == [str(i) for i in range(0, 2000, 10)]
    assert len(shown) < 2000
    assert shown == sorted(shown)
    assert threads == {threading.main_thread().name}


def test_a_status_after_a_pause_is_delivered_without_another_event(qtbot: QtBot) -> None:
    bridge = Bridge()
    with qtbot.waitSignal(bridge.status, timeout=2000):
        bridge.emit(STATUS)
    with qtbot.waitSignal(bridge.status, timeout=2000):
        bridge.emit(STATUS)


def test_a_step_arrives_together_with_the_status_that_shows_its_frame(qtbot: QtBot) -> None:
    bridge = Bridge()
    heard: list[str] = []
    bridge.stepped.connect(lambda _: heard.append("step"))
    bridge.status.connect(lambda _: heard.append("status"))
    bridge.emit(Stepped(0, 0, "policy", 0.9, 0.5, False, OBSERVATION))
    qtbot.wait(60)
    assert heard == []
    with qtbot.waitSignal(bridge.status, timeout=2000):
        bridge.emit(STATUS)
    assert heard == ["step", "status"]
