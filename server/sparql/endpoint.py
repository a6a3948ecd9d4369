"""A request to the endpoint and its reply; the store's answer comes between, awaited or waited for."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from graph.errors import UsageError
from graph.store import JSON, N_TRIPLES, TRIPLES
from server.described import known, learnt, meta_query
from server.sparql import reply as replies
from server.sparql.description import description
from server.sparql.protocol import read

if TYPE_CHECKING:
    from graph.store import Answer, Options, Store
    from server.described import Described
    from server.sparql.protocol import Question, Request
    from server.sparql.reply import Reply


def prepared(store: Store, request: Request) -> tuple[Question, Reply | None]:
    """What is asked, and the reply where it needs no waiting: 304, or what the store only looks up.

    Without a query it is the service that is asked about. Raises what `server.sparql.protocol.read` raises,
    and UsageError for a POST without a query.
    """
    question = read(request)
    if question.html:
        return question, None
    if question.query is None:
        if request.method == "POST":
            raise UsageError("There is no query.", mend="Send it as the parameter “query”.")
        return question, None
    manifest = store.manifest()
    version = question.release or manifest.version
    ready = replies.unchanged(version, question, request, published(manifest.created))
    if ready is not None or question.solutions != JSON or question.default_graphs or question.named_graphs:
        return question, ready
    found = store.look_up(question.query, question.release)
    return question, None if found is None else finished(store, question, found)


def finished(store: Store, question: Question, answer: Answer) -> Reply:
    """The reply that carries the store's answer."""
    return replies.answered(answer, question, published(store.manifest().created))


def about_itself(store: Store, request: Request, question: Question, described: Described) -> Reply:
    """The description of the service, with what its dataset says of itself."""
    media_type = question.triples or TRIPLES["turtle"]
    federated = bool(store.limits.endpoints)
    return description(
        store.manifest(question.release), request.url, media_type, described, federated=federated
    )


async def awaited(store: Store, request: Request, question: Question) -> Reply:
    """The reply to what `prepared` has none for yet; in the store's event loop."""
    if question.query is None:
        kept = known(question.release or store.manifest().version)
        if not kept:
            options: Options = {"triples": N_TRIPLES, "client": request.client, "release": question.release}
            kept = [learnt(await store.answer(meta_query(), **options))]
        return await asyncio.to_thread(about_itself, store, request, question, kept[0])
    answer = await store.answer(question.query, **question.options(request.client))
    return finished(store, question, answer)


@lru_cache(maxsize=8)
def published(created: str) -> float:
    """When a snapshot was made, in seconds since 1970."""
    return datetime.fromisoformat(created).timestamp()
