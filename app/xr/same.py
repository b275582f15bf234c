"""Equality by identity, for keys that tell whether a panel has to be painted again."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """Wraps a value and keeps it alive; two wraps are equal when they hold the same object."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


class Keyed(Generic[T]):
    """Wraps a value that was made from a key; two wraps are equal when their keys are."""

    __slots__ = ("key", "value")

    def __init__(self, key: tuple[object, ...], value: T) -> None:
        self.key, self.value = key, value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyed) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)
