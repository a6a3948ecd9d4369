"""The gate before a remote store is bounded and fair; work that is joined begins after it was asked for."""

from __future__ import annotations

import asyncio

import pytest

from graph.errors import StoreUnavailable, TooManyQueries
from graph.store import Limits
from graph.store.remote.gate import Gate
from graph.store.remote.joined import Joined

LIMITS = Limits(workers=2, slow=2, waiting=3, client_waiting=2)


async def enter(gate: Gate, client: str, order: list[str], go: asyncio.Event, seconds: float = 5) -> None:
    async with gate.turn(client, asyncio.get_running_loop().time() + seconds):
        order.append(client)
        await go.wait()


async def settled() -> None:
    """Everything that can run has run."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_no_client_has_all_places_and_who_waits_is_let_in_in_turn() -> None:
    """One client's share leaves two places to others."""

    async def go() -> list[str]:
        gate, order, end = Gate(LIMITS), [], asyncio.Event()
        tasks = [asyncio.create_task(enter(gate, "a", order, end)) for _ in range(4)]
        await settled()
        assert (gate.busy, gate.waiting) == (2, 2)
        tasks.append(asyncio.create_task(enter(gate, "b", order, end)))
        tasks.append(asyncio.create_task(enter(gate, "", order, end)))
        await settled()
        assert (gate.busy, gate.waiting) == (4, 2)
        end.set()
        await asyncio.gather(*tasks)
        assert (gate.busy, gate.waiting) == (0, 0)
        return order

    assert asyncio.run(go()) == ["a", "a", "b", "", "a", "a"]


def test_the_queue_has_an_end_for_each_and_for_all() -> None:
    """429 for one client's, 503 for everybody's; who gives up leaves no trace."""

    async def go() -> None:
        gate, order, end = Gate(LIMITS), [], asyncio.Event()
        tasks = [asyncio.create_task(enter(gate, "a", order, end)) for _ in range(4)]
        tasks += [asyncio.create_task(enter(gate, "", order, end)) for _ in range(2)]
        await settled()
        with pytest.raises(TooManyQueries):
            await enter(gate, "a", order, end)
        tasks.append(asyncio.create_task(enter(gate, "b", order, end)))
        await settled()
        with pytest.raises(StoreUnavailable, match="waiting already"):
            await enter(gate, "c", order, end)
        tasks[-1].cancel()
        await settled()
        with pytest.raises(StoreUnavailable, match="busy"):
            await enter(gate, "c", order, end, seconds=0)
        assert (gate.busy, gate.waiting) == (4, 2)
        end.set()
        await asyncio.gather(*tasks[:-1])
        assert (gate.busy, gate.waiting) == (0, 0)

    asyncio.run(go())


def test_who_asks_while_work_runs_is_answered_by_the_next() -> None:
    """And all who ask meanwhile by the same; whoever stops waiting takes it from nobody."""

    async def go() -> None:
        begun: list[asyncio.Future[int]] = []

        async def work() -> int:
            begun.append(asyncio.get_running_loop().create_future())
            return await begun[-1]

        joined = Joined(work)
        first = asyncio.create_task(joined.ask())
        await settled()
        others = [asyncio.create_task(joined.ask()) for _ in range(3)]
        await settled()
        assert len(begun) == 1
        others[0].cancel()
        begun[0].set_result(1)
        await settled()
        assert len(begun) == 2
        begun[1].set_result(2)
        assert await asyncio.gather(first, *others[1:]) == [1, 2, 2]
        failing = asyncio.create_task(joined.ask())
        await settled()
        begun[2].set_exception(StoreUnavailable("away"))
        with pytest.raises(StoreUnavailable, match="away"):
            await failing

    asyncio.run(go())
