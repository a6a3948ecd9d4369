"""The tests of the endpoint over HTTP, asked of an application whose store is a remote engine."""

from tests.http import test_sparql
from tests.http.test_sparql import *  # noqa: F403 - the tests themselves


def test_every_test_of_the_endpoint_is_asked() -> None:
    """None is lost on the way here."""
    theirs = {name for name in vars(test_sparql) if name.startswith("test_")}
    assert len(theirs) == 16
    assert theirs <= globals().keys()
