"""Every error that a user may read names the thing, the cause and the fix.

StudioError                 the base: its text is fit for a user
├── UnknownName             a registry has no such part
├── MissingPackage          a part needs a package that is not installed
├── BadConfig               a setting is missing, of the wrong type or out of range
├── BadAction               an action or reading that cannot be applied (NaN, wrong shape)
├── BadCheckpoint           weights that are missing, torn, of another version or another task
├── BadStore                a session store that is missing, torn, of another version or another task
├── StoreBusy               another program holds the store's writer lock
├── WrongIdentity           a state made by another world or policy
├── PartFailed              a world, policy or task raised or returned something torn
├── IllegalVerb             a verb that the phase or the tree does not allow now
└── DeviceLost              the driving device went away
"""


class StudioError(Exception):
    """An error whose text is fit for a user: the thing, the cause and the fix."""


class UnknownName(StudioError):
    """A registry has no part of this name."""


class MissingPackage(StudioError):
    """A part needs a package that is not installed."""


class BadConfig(StudioError):
    """A setting is missing, of the wrong type or out of range."""


class BadAction(StudioError):
    """An action or a reading cannot be applied: wrong shape, NaN or infinite."""


class BadCheckpoint(StudioError):
    """Weights are missing, torn, of another version or of another task."""


class BadStore(StudioError):
    """A session store is missing, torn, of another version or of another task."""


class StoreBusy(BadStore):
    """Another program holds the writer lock of a session store."""


class WrongIdentity(StudioError):
    """A state was made by another world or policy than the one that is asked to continue it."""


class PartFailed(StudioError):
    """A world, a policy or a task raised, or returned something torn; the step was not taken."""


class IllegalVerb(StudioError):
    """A verb is not allowed in this phase or at this place of the tree."""


class DeviceLost(StudioError):
    """The device that drives went away."""
