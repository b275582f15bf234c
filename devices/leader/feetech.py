"""Feetech STS3215 motors (SO-100, SO-101) through feetech-servo-sdk, protocol 0."""

from typing import ClassVar

from devices.leader.bus import ServoBus


def sign_magnitude(raw: int, sign_bit: int) -> int:
    """The number in a sign-magnitude register, for example bit 11 of a homing offset."""
    size = raw & ((1 << sign_bit) - 1)
    return -size if raw >> sign_bit & 1 else size


class FeetechBus(ServoBus):
    """Positions carry their sign in bit 15, homing offsets in bit 11. Present = actual - offset."""

    library = "scservo_sdk"
    package = "feetech-servo-sdk"
    protocol_version = 0
    position_register = (56, 2)
    offset_register = (31, 2)
    torque_register = 40
    _sign_bits: ClassVar[dict[tuple[int, int], int]] = {(56, 2): 15, (31, 2): 11}

    def _decoded(self, raw: int, register: tuple[int, int]) -> int:
        return sign_magnitude(raw, self._sign_bits[register])

    def _ask(self, ids: list[int]) -> int:
        address, length = self.position_register
        result: int = self._packet.syncReadTx(self._port, address, length, ids, len(ids))
        return result
