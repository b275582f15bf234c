"""What the commands that play do, by their names: the same in driving, review and comparison."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from app.playback.player import Player

MOVES: Final[Mapping[str, Callable[[Player], None]]] = {
    "play_pause": Player.toggle,
    "play_back": lambda player: player.shuttle(-1),
    "play_stop": Player.stop,
    "play": lambda player: player.shuttle(+1),
    "play_back_slow": lambda player: player.shuttle(-1, slow=True),
    "play_slow": lambda player: player.shuttle(+1, slow=True),
    "loop": Player.toggle_loop,
    "back": lambda player: player.step(-1),
    "forward": lambda player: player.step(+1),
    "back_10": lambda player: player.step(-10),
    "forward_10": lambda player: player.step(+10),
    "to_start": Player.to_start,
    "to_end": Player.to_end,
    "set_in": Player.set_in,
    "set_out": Player.set_out,
    "go_in": Player.go_in,
    "go_out": Player.go_out,
    "clear_range": Player.clear_range,
    **{f"speed_{digit}": partial(lambda digit, player: player.to_tenth(digit), digit) for digit in range(10)},
}
"""The profile stores keys by these names, so the digits keep the name that they had when they set the speed."""


def acts_on(player: Player) -> dict[str, Callable[[], None]]:
    """The moves of one player."""
    return {name: partial(move, player) for name, move in MOVES.items()}
