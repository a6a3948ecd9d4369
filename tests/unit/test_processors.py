"""The processors that long and short queries run on."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from graph.store.processors import Processors, keep

PROGRAM = """
import json, os, sys, threading
from graph.store.processors import Processors
those = Processors(4)
end = threading.Event()
threads = [threading.Thread(target=end.wait) for _ in range(3)]
for thread in threads:
    thread.start()
places = []
def look():
    own = os.sched_getaffinity(0)
    places.append([sorted(own), [sorted(os.sched_getaffinity(thread.native_id)) for thread in threads]])
for where in (those.short, those.all):
    those.keep_process(where)
    look()
end.set()
print(json.dumps([sorted(those.short), sorted(those.all), *places]))
"""


@pytest.mark.parametrize(
    ("own", "short", "long"),
    [
        ({3}, {3}, set()),
        ({0, 1}, {0}, {1}),
        ({1, 2, 5}, {1, 2}, {5}),
        ({*range(8)}, {0, 1, 2, 3}, {4, 5, 6, 7}),
        ({*range(32)}, {*range(28)}, {28, 29, 30, 31}),
    ],
)
def test_long_queries_have_at_most_half(
    own: set[int], short: set[int], long: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no more than there are long queries at a time; one processor is not divided."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: own, raising=False)
    those = Processors(4)
    assert (those.all, those.short, those.long) == (own, short, long)
    assert those.divisible == bool(long)


def test_elsewhere_nothing_is_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no such thing, there is nothing to do."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    assert not Processors(4).divisible
    keep(0, frozenset((0,)))


@pytest.mark.skipif(sys.platform != "linux", reason="skipped: whose processors are Linux's to give")
def test_all_threads_of_the_process_are_kept() -> None:
    """Those that run already too."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    short, both, first, second = json.loads(done.stdout)
    assert first == [short, [short] * 3]
    assert second == [both, [both] * 3]


def test_a_process_that_has_ended_is_left_alone() -> None:
    """Whoever is gone runs nowhere: no error."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    keep(process.pid, frozenset((0,)))
