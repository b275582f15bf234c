"""Dynamixel X motors, protocol 2.0 with CRC: ping, read, write, sync read."""

from collections.abc import Iterator

from benchmarks.emulated.servo_bus import ServoBusEmulator

PING, READ, WRITE, SYNC_READ, STATUS = 1, 2, 3, 0x82, 0x55
HEADER = b"\xff\xff\xfd\x00"
POSITION, OFFSET, DRIVE_MODE, MODEL, TORQUE = 132, 20, 10, 0, 64
XL330 = 1190


def crc16(data: bytes) -> int:
    """CRC-16/BUYPASS, as the protocol's page gives it."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8005) & 0xFFFF if crc & 0x8000 else crc << 1 & 0xFFFF
    return crc


class DynamixelEmulator(ServoBusEmulator):
    def plug_in(self) -> None:
        for registers in self.registers.values():
            registers[MODEL : MODEL + 2] = XL330.to_bytes(2, "little")
            registers[TORQUE] = 1
        super().plug_in()

    def place(self, ticks: dict[int, int]) -> None:
        for motor, value in ticks.items():
            self.registers[motor][POSITION : POSITION + 4] = value.to_bytes(4, "little", signed=True)

    def ticks(self, motor: int) -> int:
        return int.from_bytes(self.registers[motor][POSITION : POSITION + 4], "little", signed=True)

    def hold(self, motor: int, offset: int) -> None:
        self.registers[motor][OFFSET : OFFSET + 4] = offset.to_bytes(4, "little", signed=True)

    def packets(self, buffer: bytearray) -> Iterator[tuple[int, int, bytes]]:
        while len(buffer) >= 10:
            if buffer[:4] != HEADER:
                del buffer[0]
                continue
            size = int.from_bytes(buffer[5:7], "little") + 7
            if len(buffer) < size:
                return
            packet = bytes(buffer[:size])
            del buffer[:size]
            assert crc16(packet[:-2]) == int.from_bytes(packet[-2:], "little"), "the SDK sent a torn packet"
            yield packet[4], packet[7], packet[8:-2]

    def answers(self, motor: int, instruction: int, parameters: bytes) -> Iterator[tuple[int, bytes]]:
        if instruction == SYNC_READ:
            self.frames += 1
            address, length = (int.from_bytes(parameters[at : at + 2], "little") for at in (0, 2))
            for one in parameters[4:]:
                if one in self.registers:
                    yield one, self.status(one, bytes(self.registers[one][address : address + length]))
        elif motor in self.registers:
            data = b""
            if instruction == PING:
                data = bytes(self.registers[motor][MODEL : MODEL + 2]) + b"\x2e"
            elif instruction == READ:
                address, length = (int.from_bytes(parameters[at : at + 2], "little") for at in (0, 2))
                data = bytes(self.registers[motor][address : address + length])
            elif instruction == WRITE:
                address, data_in = int.from_bytes(parameters[:2], "little"), parameters[2:]
                self.registers[motor][address : address + len(data_in)] = data_in
                self.written.append((motor, address, data_in))
            yield motor, self.status(motor, data)

    @staticmethod
    def status(motor: int, data: bytes) -> bytes:
        body = HEADER + bytes([motor]) + (len(data) + 4).to_bytes(2, "little") + bytes([STATUS, 0]) + data
        return body + crc16(body).to_bytes(2, "little")
