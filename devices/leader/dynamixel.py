"""Dynamixel X motors (Koch, GELLO, WidowX, ViperX) through dynamixel-sdk, protocol 2.0."""

from devices.leader.bus import ServoBus

DRIVE_MODE = (10, 1)
REVERSED = 1


class DynamixelBus(ServoBus):
    """Registers are two's complement. Present = actual + offset, counted backwards where Drive_Mode says so."""

    library = "dynamixel_sdk"
    package = "dynamixel-sdk"
    protocol_version = 2.0
    position_register = (132, 4)
    offset_register = (20, 4)
    torque_register = 64

    def _decoded(self, raw: int, register: tuple[int, int]) -> int:
        bits = 8 * register[1]
        return raw - (1 << bits) if raw >> (bits - 1) else raw

    def _ask(self, ids: list[int]) -> int:
        address, length = self.position_register
        result: int = self._packet.syncReadTx(self._port, address, length, ids, len(ids), False)
        return result

    def reversed(self) -> dict[str, bool]:
        """Which motors have the reverse bit of Drive_Mode set."""
        return {name: bool(self._read(name, DRIVE_MODE) & REVERSED) for name in self.motors}
