"""pyspacemouse, easyhid and libhidapi: imported when first used, called one at a time."""

import functools
import platform
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from core.errors import MissingPackage

HIDAPI: Final = threading.RLock()
"""Held while devices are listed or opened: libhidapi initialises itself and keeps its last error without a lock."""

_MORE: Final = (
    ("SpaceMouseWirelessReceiver", "SpaceMouseWireless", 0xC62F),
    ("SpaceMouseProWirelessCable", "SpaceMouseProWireless", 0xC631),
    ("SpaceMouseModule", "SpaceMouseUSB", 0xC636),
    ("SpaceNavigatorForNotebooks", "SpaceNavigator", 0xC628),
)
"""Products that speak the reports of a model which pyspacemouse knows, and that it does not list itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """One HID interface of a maker of pucks."""

    path: str
    """For hid_open_path, for example "/dev/hidraw3"."""
    usage: tuple[int, int]
    """HID usage page and usage; (0, 0) where an old libhidapi does not know."""
    spec: Any
    """pyspacemouse.DeviceInfo in the convention HID_Z_UP; None for a model that is not known."""
    handle: Any
    """easyhid.HIDDevice, not open."""


def pyspacemouse() -> Any:
    """The library that decodes the reports.

    Raises:
        MissingPackage: it is not installed, or libhidapi is not (on Windows that shows at the import).
    """
    try:
        import pyspacemouse
    except ModuleNotFoundError as error:
        raise MissingPackage(
            f"A SpaceMouse needs the package {error.name!r}, which is not installed. Run `make env`."
        ) from error
    except OSError as error:
        raise MissingPackage(_no_hidapi()) from error
    return pyspacemouse


def listed() -> list[Listed]:
    """Every HID interface of the makers of pucks, once per usage that it declares. Opens nothing.

    Raises:
        MissingPackage: the package or the system library is not installed.
    """
    known = specs()
    import easyhid

    try:
        with HIDAPI:  # by vendor: elsewhere than on Linux, listing a device opens it
            found = [
                one for vendor in sorted({vendor for vendor, _ in known}) for one in easyhid.Enumeration(vendor).find()
            ]
    except AttributeError as error:  # easyhid fell back to the symbols of the program itself
        raise MissingPackage(_no_hidapi()) from error
    return [
        Listed(one.path, (one.usage_page, one.usage), known.get((one.vendor_id, one.product_id)), one) for one in found
    ]


@functools.cache
def specs() -> Mapping[tuple[int, int], Any]:
    """What pyspacemouse knows of each model, by vendor and product, in the convention HID_Z_UP.

    Its default convention, LEGACY, is not a coordinate system: roll and pitch are swapped, yaw has the wrong sign.
    """
    library = pyspacemouse()
    by_name = dict(library.get_device_specs())
    for name, like, product in _MORE:
        by_name.setdefault(name, replace(by_name[like], name=name, product_id=product))
    z_up = library.AxisConvention.HID_Z_UP
    return {(one.vendor_id, one.product_id): library.apply_axis_convention(one, z_up) for one in by_name.values()}


def _no_hidapi() -> str:
    ways = {
        "Windows": "Put the 64-bit hidapi.dll of github.com/libusb/hidapi/releases into .venv\\Scripts",
        "Darwin": "Run `brew install hidapi`",
    }
    way = ways.get(platform.system(), "Run `sudo apt install libhidapi-hidraw0` (Fedora: `sudo dnf install hidapi`)")
    return f"A SpaceMouse needs the system library hidapi, which is not installed. {way}, then start the studio again."
