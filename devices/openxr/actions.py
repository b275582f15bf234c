"""The action set of both hands: created once, attached once, read at every look."""

from contextlib import suppress
from typing import Any, Final

import numpy as np

from devices.openxr.hand import HandInput
from devices.openxr.kind import SIDES
from devices.openxr.library import xr
from devices.openxr.profiles import PREFIX, PROFILES, Profile

GRIP, AIM, HAPTIC = "grip_pose", "aim_pose", "haptic"
FLOATS: Final = ("squeeze", "trigger")
VECTORS: Final = ("stick", "pad")
BOOLEANS: Final = ("primary", "secondary", "menu", "stick_click", "pad_click")
NANOSECONDS: Final = 1_000_000_000
TRACKED: Final = (
    xr.SpaceLocationFlags.POSITION_VALID_BIT
    | xr.SpaceLocationFlags.ORIENTATION_VALID_BIT
    | xr.SpaceLocationFlags.POSITION_TRACKED_BIT
    | xr.SpaceLocationFlags.ORIENTATION_TRACKED_BIT
)
"""Without the last two a runtime guesses where the hand may be: good for a picture of it, not for an arm."""


class Actions:
    """Of one session."""

    def __init__(self, instance: Any, enabled: frozenset[str]) -> None:
        """Create the actions and suggest bindings for every profile that the runtime knows.

        Args:
            instance: xr.Instance.
            enabled: its extensions.
        """
        self._instance = instance
        self.set = xr.create_action_set(
            instance, xr.ActionSetCreateInfo(action_set_name="hands", localized_action_set_name="Hands")
        )
        self._sides = [xr.string_to_path(instance, f"/user/hand/{side}") for side in SIDES]
        kinds = dict.fromkeys(FLOATS, xr.ActionType.FLOAT_INPUT)
        kinds |= dict.fromkeys(VECTORS, xr.ActionType.VECTOR2F_INPUT)
        kinds |= dict.fromkeys(BOOLEANS, xr.ActionType.BOOLEAN_INPUT)
        kinds |= {GRIP: xr.ActionType.POSE_INPUT, AIM: xr.ActionType.POSE_INPUT}
        kinds[HAPTIC] = xr.ActionType.VIBRATION_OUTPUT
        self._actions = {name: self._action(name, kind) for name, kind in kinds.items()}
        for profile in PROFILES:
            if not profile.extension or profile.extension in enabled:
                self._suggest(profile)
        self._session: Any = None
        self._grips: list[Any] = []
        self._aims: list[Any] = []

    def attach(self, session: Any) -> None:
        """Attach them to a session, haptics included: once is all that OpenXR allows."""
        self._session = session
        xr.attach_session_action_sets(session, xr.SessionActionSetsAttachInfo(action_sets=[self.set]))
        for name, spaces in ((GRIP, self._grips), (AIM, self._aims)):
            spaces += [
                xr.create_action_space(
                    session, xr.ActionSpaceCreateInfo(action=self._actions[name], subaction_path=side)
                )
                for side in self._sides
            ]

    def sync(self) -> bool:
        """Take the newest input; False where the session does not have the focus and gets none."""
        try:
            xr.sync_actions(self._session, xr.ActionsSyncInfo(active_action_sets=[xr.ActiveActionSet(self.set)]))
        except xr.SessionNotFocused:  # a success code, raised all the same
            return False
        return True

    def hand(self, side: int, base: Any, at: int) -> HandInput:
        """The inputs of hand 0 (left) or 1 (right) at an XrTime, in a base space."""
        path, pressed, active = self._sides[side], set(), False
        floats = {name: self._float(name, path) for name in FLOATS}
        vectors = {name: self._vector(name, path) for name in VECTORS}
        for name in BOOLEANS:
            state = xr.get_action_state_boolean(self._session, self._get(name, path))
            if state.is_active and state.current_state:
                pressed.add(name)
        if xr.get_action_state_pose(self._session, self._get(GRIP, path)).is_active:
            active = True
        located = located_in(self._grips[side], base, at) if active else None
        return HandInput(
            active,
            None if located is None else located[0],
            None if located is None else located[1],
            floats["squeeze"],
            floats["trigger"],
            vectors["stick"],
            vectors["pad"],
            frozenset(pressed),
        )

    def aim(self, side: int, base: Any, at: int) -> "Located | None":
        """Where a hand points: position and orientation in a base space, -Z ahead; None while it is not tracked."""
        return located_in(self._aims[side], base, at)

    def profile(self, side: int) -> str:
        """The interaction profile that a hand has now, "/interaction_profiles/..."; "" for none."""
        state = xr.get_current_interaction_profile(self._session, self._sides[side])
        return "" if not state.interaction_profile else xr.path_to_string(self._instance, state.interaction_profile)

    def rumble(self, side: int, strength: float, seconds: float) -> None:
        """Rumble one hand at 0..1 for a while; 0 stops it."""
        info = xr.HapticActionInfo(action=self._actions[HAPTIC], subaction_path=self._sides[side])
        if strength <= 0.0 or seconds <= 0.0:
            xr.stop_haptic_feedback(self._session, info)
            return
        pulse = xr.HapticVibration(duration=int(seconds * NANOSECONDS), frequency=0.0, amplitude=min(1.0, strength))
        xr.apply_haptic_feedback(self._session, info, pulse)

    def _action(self, name: str, kind: Any) -> Any:
        words = name.replace("_", " ").capitalize()
        info = xr.ActionCreateInfo(
            action_name=name, action_type=kind, subaction_paths=self._sides, localized_action_name=words
        )
        return xr.create_action(self.set, info)

    def _suggest(self, profile: Profile) -> None:
        found = []
        for side in SIDES:
            inputs = {name: f"input/{part}" for name, part in profile.side(side).items()}
            inputs |= {GRIP: "input/grip/pose", AIM: "input/aim/pose", HAPTIC: "output/haptic"}
            for name, part in inputs.items():
                path = xr.string_to_path(self._instance, f"/user/hand/{side}/{part}")
                found.append(xr.ActionSuggestedBinding(self._actions[name], path))
        where = xr.string_to_path(self._instance, PREFIX + profile.path)
        with suppress(xr.PathUnsupportedError):  # a runtime that never heard of these controllers
            xr.suggest_interaction_profile_bindings(
                self._instance,
                xr.InteractionProfileSuggestedBinding(interaction_profile=where, suggested_bindings=found),
            )

    def _get(self, name: str, path: Any) -> Any:
        return xr.ActionStateGetInfo(action=self._actions[name], subaction_path=path)

    def _float(self, name: str, path: Any) -> float:
        state = xr.get_action_state_float(self._session, self._get(name, path))
        return float(state.current_state) if state.is_active else 0.0

    def _vector(self, name: str, path: Any) -> tuple[float, float]:
        state = xr.get_action_state_vector2f(self._session, self._get(name, path))
        return (float(state.current_state.x), float(state.current_state.y)) if state.is_active else (0.0, 0.0)


Located = tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]
"""Position (3,) metres and orientation (4,) quaternion xyzw, OpenXR axes."""


def located_in(space: Any, base: Any, at: int) -> Located | None:
    """Where a space is in another one at an XrTime; None while it is not tracked."""
    location = xr.locate_space(space, base, at)
    if location.location_flags & TRACKED != TRACKED:
        return None
    p, q = location.pose.position, location.pose.orientation
    turn = np.array([q.x, q.y, q.z, q.w], np.float64)
    length = float(np.linalg.norm(turn))
    return (np.array([p.x, p.y, p.z], np.float64), turn / length) if length > 0.5 else None
