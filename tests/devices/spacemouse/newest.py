from core.reading import DeviceReading
from devices.reader import Reader


def reading(device: Reader) -> DeviceReading:
    newest = device.read()
    assert newest is not None
    return newest
