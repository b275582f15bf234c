"""Feetech STS3215 motors, protocol 0: ping, read, write, sync read."""

from collections.abc import Iterator

from benchmarks.emulated.servo_bus import ServoBusEmulator

PING, READ, WRITE, SYNC_READ, BROADCAST = 1, 2, 3, 0x82, 0xFE
POSITION, OFFSET, MODEL = 56, 31, 3


def signed(value: int, bit: int) -> int:
    return -value | 1 << bit if value < 0 else value


class FeetechEmulator(ServoBusEmulator):
    def plug_in(self) -> None:
        for registers in self.registers.values():
            registers[MODEL : MODEL + 2] = (777).to_bytes(2, "little")
            registers[40] = 1  # torque is on until a program turns it off
        super().plug_in()

    def place(self, ticks: dict[int, int]) -> None:
        for motor, value in ticks.items():
            self.registers[motor][POSITION : POSITION + 2] = signed(value, 15).to_bytes(2, "little")

    def ticks(self, motor: int) -> int:
        raw = int.from_bytes(self.registers[motor][POSITION : POSITION + 2], "little")
        return -(raw & 0x7FFF) if raw & 0x8000 else raw

    def hold(self, motor: int, offset: int) -> None:
        self.registers[motor][OFFSET : OFFSET + 2] = signed(offset, 11).to_bytes(2, "little")

    def packets(self, buffer: bytearray) -> Iterator[tuple[int, int, bytes]]:
        while len(buffer) >= 6:
            if buffer[:2] != b"\xff\xff":
                del buffer[0]
                continue
            size = buffer[3] + 4
            if len(buffer) < size:
                return
            packet = bytes(buffer[:size])
            del buffer[:size]
            assert packet[-1] == self.checksum(packet[2:-1]), "the SDK sent a torn packet"
            yield packet[2], packet[4], packet[5:-1]

    def answers(self, motor: int, instruction: int, parameters: bytes) -> Iterator[tuple[int, bytes]]:
        if instruction == SYNC_READ:
            self.frames += 1
            address, length = parameters[0], parameters[1]
            for one in parameters[2:]:
                if one in self.registers:
                    yield one, self.status(one, bytes(self.registers[one][address : address + length]))
        elif motor in self.registers:
            data = b""
            if instruction == READ:
                data = bytes(self.registers[motor][parameters[0] : parameters[0] + parameters[1]])
            elif instruction == WRITE:
                address, data_in = parameters[0], parameters[1:]
                self.registers[motor][address : address + len(data_in)] = data_in
                self.written.append((motor, address, data_in))
            yield motor, self.status(motor, data)

    @staticmethod
    def checksum(body: bytes) -> int:
        return ~sum(body) & 0xFF

    def status(self, motor: int, data: bytes) -> bytes:
        body = bytes([motor, len(data) + 2, 0]) + data
        return b"\xff\xff" + body + bytes([self.checksum(body)])
