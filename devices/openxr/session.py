"""One OpenXR session from its instance to its end: spaces, life cycle, frames. Used by one thread."""

import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from ctypes import POINTER, byref, c_void_p, cast, pointer
from typing import Any, Final

from core.errors import StudioError
from devices.openxr.actions import Actions, located_in
from devices.openxr.hand import LOST, HandInput
from devices.openxr.library import xr
from devices.openxr.picture import Picture, Seen, XrPose
from devices.openxr.profiles import NOTHING_HELD, InUse, extensions

log = logging.getLogger(__name__)

HEADLESS: Final = "XR_MND_headless"
CLOCK: Final = (
    "XR_KHR_win32_convert_performance_counter_time" if sys.platform == "win32" else "XR_KHR_convert_timespec_time"
)
STEREO: Final = xr.ViewConfigurationType.PRIMARY_STEREO
LOSSES: Final = (xr.InstanceLostError, xr.SessionLostError, xr.RuntimeFailureError, xr.SessionLossPending)


class NoSession(StudioError):
    """Why there is none, in words; it is tried again."""


class SessionEnded(StudioError):
    """It was there and ended, in words."""


class XrSession:
    """Open from its making until close()."""

    def __init__(self, picture: Picture | None) -> None:
        """Open it.

        Args:
            picture: what is shown in the headset; None: only the controllers.

        Raises:
            NoSession: no runtime, no headset, or a runtime that cannot do what is asked.
        """
        self.runtime = self.system = ""
        self.state: Any = xr.SessionState.IDLE
        self.running = False
        self.moved = False
        """The origin of the LOCAL space moved since the last look."""
        self.used = NOTHING_HELD
        self._picture: Picture | None = None
        self._instance: Any = None
        self._session: Any = None
        self._binding: Any = None
        try:
            self._open(picture)
        except xr.FormFactorUnavailableError as error:
            self.close()
            raise NoSession(f"{self.runtime} runs, but no headset is connected. Connect it, switch it on.") from error
        except (xr.RuntimeUnavailableError, xr.RuntimeFailureError) as error:
            self.close()
            raise NoSession(
                "The OpenXR runtime does not answer. Start it; it is looked for again by itself."
            ) from error
        except xr.XrException as error:
            self.close()
            words = str(error).strip() or type(error).__name__
            raise NoSession(f"The OpenXR runtime {self.runtime or 'here'} refused: {words}") from error
        except BaseException:
            self.close()
            raise

    @property
    def focused(self) -> bool:
        """Whether the headset is worn and shows us: only then there is input."""
        return self.running and self.state == xr.SessionState.FOCUSED

    @property
    def drawing(self) -> bool:
        """Whether a picture is drawn; else there are no frames and the caller paces itself."""
        return self._picture is not None

    @property
    def busy(self) -> tuple[bool, bool]:
        """Per hand whether it holds something of the picture."""
        return self._picture.busy if self._picture is not None else (False, False)

    # -- life ------------------------------------------------------------------------------------------------------

    def _open(self, picture: Picture | None) -> None:
        offered = frozenset(one.extension_name.decode() for one in xr.enumerate_instance_extension_properties())
        wanted = picture.extensions(offered) if picture is not None else ()
        if not wanted and HEADLESS not in offered:
            raise NoSession(
                "This OpenXR runtime has no controllers-only mode (XR_MND_headless)"
                + (" and cannot show pictures of OpenGL." if picture is not None else "; start with --headset auto.")
            )
        mode = wanted or (HEADLESS,)
        enabled = {*mode, *extensions(offered), *({CLOCK} & offered)}
        self._instance = _instance(sorted(enabled))
        self._clock = CLOCK in enabled
        self.runtime = _name(self._instance)
        system, self.system = _system(self._instance)
        if wanted and picture is not None:
            self._picture = picture
            self._binding = picture.binding(self._instance, system)  # has to stay alive
        following = cast(pointer(self._binding), c_void_p) if self._binding is not None else None
        self._session = xr.create_session(self._instance, xr.SessionCreateInfo(system_id=system, next=following))
        self._actions = Actions(self._instance, frozenset(enabled))
        self._actions.attach(self._session)
        self.space = self._reference(xr.ReferenceSpaceType.LOCAL)
        self._view = self._reference(xr.ReferenceSpaceType.VIEW)
        if self._picture is not None:
            self._picture.begin(self._session, self.space)

    def _reference(self, kind: Any) -> Any:
        return xr.create_reference_space(self._session, xr.ReferenceSpaceCreateInfo(reference_space_type=kind))

    def poll(self) -> None:
        """Take in what happened to the session.

        Raises:
            SessionEnded: it is over; a new one may be possible.
        """
        while True:
            try:
                event = xr.poll_event(self._instance)
            except xr.EventUnavailable:
                return
            kind = xr.StructureType(event.type)
            if kind == xr.StructureType.EVENT_DATA_SESSION_STATE_CHANGED:
                self._follow(cast(byref(event), POINTER(xr.EventDataSessionStateChanged)).contents)
            elif kind == xr.StructureType.EVENT_DATA_INSTANCE_LOSS_PENDING:
                raise SessionEnded(f"{self.runtime} is ending. Start it again; the session goes on where it was.")
            elif kind == xr.StructureType.EVENT_DATA_REFERENCE_SPACE_CHANGE_PENDING:
                self.moved = True
            elif kind == xr.StructureType.EVENT_DATA_INTERACTION_PROFILE_CHANGED:
                self.look_at_profiles()

    def _follow(self, change: Any) -> None:
        self.state = xr.SessionState(change.state)
        if self.state == xr.SessionState.READY:
            xr.begin_session(self._session, xr.SessionBeginInfo(primary_view_configuration_type=STEREO))
            self.running = True
        elif self.state == xr.SessionState.STOPPING:
            self.running = False
            xr.end_session(self._session)
        elif self.state in (xr.SessionState.EXITING, xr.SessionState.LOSS_PENDING):
            self.running = False
            raise SessionEnded(f"{self.runtime} closed the session. Choose the studio in the headset again.")

    def look_at_profiles(self) -> None:
        """Ask which controllers are held."""
        self.used = InUse(self._actions.profile(0), self._actions.profile(1))

    def ask_to_end(self) -> None:
        """Ask the runtime to end the session; poll() then raises SessionEnded."""
        if self.running:
            xr.request_exit_session(self._session)

    def close(self) -> None:
        """End everything; quiet where it is lost already. Idempotent."""
        picture, self._picture = self._picture, None
        session, self._session = self._session, None
        instance, self._instance = self._instance, None
        if picture is not None:
            _quietly(picture.end)
        with suppress(xr.XrException):
            if session is not None:
                xr.destroy_session(session)
        if picture is not None:
            _quietly(picture.close)
        with suppress(xr.XrException):
            if instance is not None:
                xr.destroy_instance(instance)
        self._binding = None

    # -- input -----------------------------------------------------------------------------------------------------

    def now(self, otherwise: int) -> int:
        """The runtime's time now; where it does not tell, `otherwise`."""
        if not self._clock:
            return otherwise
        if sys.platform == "win32":
            from xr.platform import windows

            return int(windows.convert_win32_performance_counter_to_time_khr(self._instance, time.perf_counter_ns()))
        seconds, nanos = divmod(time.clock_gettime_ns(time.CLOCK_MONOTONIC), 1_000_000_000)
        return int(xr.convert_timespec_time_to_time_khr(self._instance, xr.timespec(seconds, nanos)).value)

    def inputs(self, at: int) -> tuple[HandInput, HandInput] | None:
        """Both hands at an XrTime; None without focus."""
        if not self.focused or not self._actions.sync():
            return None
        return self._actions.hand(0, self.space, at), self._actions.hand(1, self.space, at)

    def head(self, at: int) -> XrPose | None:
        """Where the head is at an XrTime."""
        return located_in(self._view, self.space, at)

    def rumble(self, side: int, strength: float, seconds: float) -> None:
        """See Actions.rumble."""
        if self.focused:
            self._actions.rumble(side, strength, seconds)

    # -- frames ----------------------------------------------------------------------------------------------------

    def wait(self) -> Any:
        """Wait for the runtime's next frame; xr.FrameState."""
        return xr.wait_frame(self._session, xr.FrameWaitInfo())

    def begin_frame(self) -> None:
        """Begin to draw."""
        with suppress(xr.FrameDiscarded):  # a success code: the frame before was late
            xr.begin_frame(self._session, xr.FrameBeginInfo())

    def end_frame(self, frame: Any, inputs: tuple[HandInput, HandInput] | None, recentre: bool) -> None:
        """Draw and show, where it is to be seen."""
        at, layers = frame.predicted_display_time, []
        if frame.should_render and self._picture is not None:
            hands = inputs or (LOST, LOST)
            left, right = (self._actions.aim(i, self.space, at) if hands[i].active else None for i in (0, 1))
            layers = self._picture.layers(Seen(self.head(at), (left, right), hands, recentre))
        xr.end_frame(
            self._session,
            xr.FrameEndInfo(
                display_time=at,
                environment_blend_mode=xr.EnvironmentBlendMode.OPAQUE,
                layers=[byref(layer) for layer in layers],
            ),
        )


def _quietly(free: Callable[[], None]) -> None:
    """Free a resource and log errors of any type, since OpenGL raises its own; the rest is freed as well."""
    try:
        free()
    except Exception as error:
        log.warning("the picture of the headset was not taken down: %s", error)


def _instance(enabled: list[str]) -> Any:
    """An instance of OpenXR 1.1, which knows more controllers, else of 1.0."""
    for minor in (1, 0):
        about = xr.ApplicationInfo(application_name="Hi-WM Studio", api_version=xr.Version(1, minor, 0))
        with suppress(xr.ApiVersionUnsupportedError):
            return xr.create_instance(xr.InstanceCreateInfo(application_info=about, enabled_extension_names=enabled))
    raise NoSession("The OpenXR runtime knows neither OpenXR 1.1 nor 1.0.")


def _name(instance: Any) -> str:
    """Of the runtime, without its makers and its version."""
    return str(xr.get_instance_properties(instance).runtime_name.decode(errors="replace").partition("(")[0].strip())


def _system(instance: Any) -> tuple[Any, str]:
    """The headset, and its name. Raises xr.FormFactorUnavailableError where none is connected."""
    system = xr.get_system(instance, xr.SystemGetInfo(form_factor=xr.FormFactor.HEAD_MOUNTED_DISPLAY))
    return system, xr.get_system_properties(instance, system).system_name.decode(errors="replace")


def asked() -> tuple[str, str, str]:
    """Ask the runtime without opening a session, for who only wants to know.

    Returns:
        Name of the runtime, name of the headset ("" for none), and what is in the way, in words.
    """
    try:
        instance = _instance([])
    except (xr.XrException, NoSession) as error:
        return "", "", f"the runtime does not answer ({type(error).__name__}); start it"
    name, headset, words = _name(instance), "", ""
    try:
        headset = _system(instance)[1]
    except xr.XrException:
        words = "no headset is connected; connect it, switch it on"
    xr.destroy_instance(instance)
    return name, headset, words
