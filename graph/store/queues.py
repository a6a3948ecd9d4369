"""A queue that is fair to clients: each in turn, whoever asks most."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable


class Asked(Protocol):
    """What waits: it knows on whose behalf."""

    @property
    def client(self) -> str:
        """Who asks."""
        ...


T = TypeVar("T", bound=Asked)


class FairQueue(Generic[T]):
    """First come, first served within a client; clients in turn. All steps but `remove`, `pop_of` and
    `pop_where` take constant time.
    """

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[T]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def of(self, client: str) -> int:
        """How many of a client wait."""
        return len(self._lines.get(client, ()))

    def push(self, item: T) -> None:
        """Add at the end of the client's line."""
        self._lines.setdefault(item.client, deque()).append(item)
        self._length += 1

    def pop(self) -> T:
        """The next one; IndexError when nobody waits."""
        if not self._lines:
            raise IndexError("nobody waits")
        client, line = next(iter(self._lines.items()))
        item = line.popleft()
        self._length -= 1
        del self._lines[client]
        if line:
            self._lines[client] = line  # behind the others
        return item

    def pop_of(self, fits: Callable[[str], bool]) -> T | None:
        """The next one of a client that fits, None where none does; who is passed over keeps the place."""
        client = next(filter(fits, self._lines), None)
        if client is None:
            return None
        self._lines.move_to_end(client, last=False)
        return self.pop()

    def pop_where(self, fits: Callable[[T], bool]) -> T | None:
        """The next one that fits, None where none does; who is passed over keeps the place."""
        for client, line in self._lines.items():
            for item in line:
                if fits(item):
                    self.remove(item)
                    if client in self._lines:
                        self._lines.move_to_end(client)
                    return item
        return None

    def remove(self, item: T) -> bool:
        """Take one out of its line; False when it is not there."""
        line = self._lines.get(item.client)
        if line is None or item not in line:
            return False
        line.remove(item)
        self._length -= 1
        if not line:
            del self._lines[item.client]
        return True
