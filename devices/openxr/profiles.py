"""What is on which controller: suggested bindings as data, one row per interaction profile of OpenXR.

Every profile fills the same few inputs of a hand, so that one set of buttons means the same on all of them:
squeeze (clutch), trigger (gripper), stick, stick_click, pad, pad_click, primary, secondary, menu. What a controller
lacks stays empty, or is made of something else (see Pad). The runtime may remap all of it to its user's liking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from devices.openxr.kind import Side

Pad = Literal["", "stick", "buttons"]
"""What a trackpad acts as while it is clicked: nothing; a stick at its edges and `secondary` in its middle; or
`secondary` above and `primary` below its middle."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of controllers."""

    path: str
    """Without "/interaction_profiles/"."""
    words: str
    left: Mapping[str, str]
    """Input -> component under /user/hand/left/input/, for example "squeeze" -> "squeeze/value"."""
    right: Mapping[str, str]
    extension: str = ""
    """That a runtime needs to know them; "" for core."""
    engage: float = 0.6
    """Squeeze from which the clutch is held."""
    release: float = 0.4
    """Squeeze below which it is let go."""
    pad: Pad = ""
    gripper_button: bool = False
    """No trigger for the gripper: `menu` opens and closes it."""

    def side(self, side: Side) -> Mapping[str, str]:
        """The components of a hand."""
        return self.left if side == "left" else self.right

    def component(self, button: str) -> str:
        """What a button is on these controllers, "left/x" for "left_primary"; "" where they have none."""
        side: Side = "left" if button.startswith("left_") else "right"
        name = button.removeprefix(f"{side}_")
        way = name.removeprefix("stick_") if name.startswith("stick_") else ""
        inputs = self.side(side)
        if name == "stick" or way:
            base = inputs.get("stick", "") if way or "stick_click" in inputs else ""
            base = base or (inputs.get("pad", "") if self.pad == "stick" and way else "")
            return f"{side}/{base}{'_' + way if way else ''}" if base else ""
        found = inputs.get(name) or (inputs.get("pad", "") if _from_pad(self.pad, name) else "")
        return f"{side}/{found.partition('/')[0]}" if found else ""


def _from_pad(pad: Pad, name: str) -> bool:
    return (pad == "stick" and name == "secondary") or (pad == "buttons" and name in ("primary", "secondary"))


def _inputs(**more: str) -> Mapping[str, str]:
    usual = {"squeeze": "squeeze/value", "trigger": "trigger/value", "stick": "thumbstick",
             "stick_click": "thumbstick/click"}  # fmt: skip
    return MappingProxyType({**usual, **more})


def _touch(path: str, words: str, extension: str = "") -> Profile:
    left = _inputs(primary="x/click", secondary="y/click", menu="menu/click")
    return Profile(path, words, left, _inputs(primary="a/click", secondary="b/click"), extension)


_INDEX: Final = _inputs(squeeze="squeeze/force", primary="a/click", secondary="b/click", menu="trackpad/force")
_WAND: Final = MappingProxyType(
    {"squeeze": "squeeze/click", "trigger": "trigger/value", "pad": "trackpad", "pad_click": "trackpad/click",
     "primary": "menu/click"}
)  # fmt: skip
_WMR: Final = _inputs(squeeze="squeeze/click", menu="menu/click", pad="trackpad", pad_click="trackpad/click")
_SIMPLE: Final = MappingProxyType({"squeeze": "select/click", "menu": "menu/click"})
_HP_LEFT: Final = _inputs(primary="x/click", secondary="y/click", menu="menu/click")
_HP_RIGHT: Final = _inputs(primary="a/click", secondary="b/click", menu="menu/click")

PROFILES: Final[tuple[Profile, ...]] = (
    _touch("oculus/touch_controller", "Touch controllers"),
    _touch("meta/touch_plus_controller", "Touch Plus controllers"),
    _touch("meta/touch_controller_plus", "Touch Plus controllers", "XR_META_touch_controller_plus"),
    _touch("meta/touch_pro_controller", "Touch Pro controllers"),
    _touch("facebook/touch_controller_pro", "Touch Pro controllers", "XR_FB_touch_controller_pro"),
    Profile("valve/index_controller", "Index controllers", _INDEX, _INDEX, engage=0.25, release=0.12),
    Profile("htc/vive_controller", "Vive wands", _WAND, _WAND, pad="stick"),
    _touch("htc/vive_focus3_controller", "Vive Focus 3 controllers", "XR_HTC_vive_focus3_controller_interaction"),
    Profile("microsoft/motion_controller", "Windows Mixed Reality controllers", _WMR, _WMR, pad="buttons"),
    Profile("hp/mixed_reality_controller", "HP Reverb G2 controllers", _HP_LEFT, _HP_RIGHT,
            "XR_EXT_hp_mixed_reality_controller"),
    _touch("bytedance/pico4_controller", "Pico 4 controllers", "XR_BD_controller_interaction"),
    Profile("bytedance/pico_neo3_controller", "Pico Neo3 controllers", _HP_LEFT, _HP_RIGHT,
            "XR_BD_controller_interaction"),
    Profile("khr/simple_controller", "Simple controllers", _SIMPLE, _SIMPLE, gripper_button=True),
)  # fmt: skip
BY_PATH: Final[Mapping[str, Profile]] = MappingProxyType({one.path: one for one in PROFILES})
UNKNOWN: Final = Profile("", "VR controllers", MappingProxyType({}), MappingProxyType({}))
PREFIX: Final = "/interaction_profiles/"


def profile_of(path: str) -> Profile:
    """The profile that a runtime reports as in use; UNKNOWN where it reports none, or one that was not suggested."""
    return BY_PATH.get(path.removeprefix(PREFIX), UNKNOWN)


def extensions(offered: frozenset[str]) -> tuple[str, ...]:
    """Those of the offered extensions that controllers need."""
    return tuple(sorted({one.extension for one in PROFILES} & offered))


@dataclass(frozen=True, slots=True)
class InUse:
    """The interaction profiles that the hands hold now."""

    left: str = ""
    """Path; "" where nothing is held."""
    right: str = ""

    @property
    def path(self) -> str:
        """Of the hand that holds something, the left one first."""
        return self.left or self.right

    @property
    def words(self) -> str:
        """The controllers in words."""
        return profile_of(self.path).words


NOTHING_HELD: Final = InUse()
