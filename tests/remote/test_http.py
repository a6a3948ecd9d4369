"""The tests of the endpoint over HTTP, asked of an application whose store is a remote engine."""

from tests.http import test_editor, test_sparql
from tests.http.test_editor import *  # noqa: F403 - the tests themselves
from tests.http.test_sparql import *  # noqa: F403
from tests.remote import test_answers
from tests.remote.conftest import ENGINES, REASONS


def test_every_test_of_the_endpoint_is_asked() -> None:
    """None is lost on the way here."""
    theirs = {name for name in {**vars(test_sparql), **vars(test_editor)} if name.startswith("test_")}
    assert len(theirs) == 16 + 13
    assert theirs <= globals().keys()


def test_what_is_listed_as_known_is_a_test_of_an_engine() -> None:
    """A test that is gone does not stay in the list."""
    theirs = {"test_http": globals(), "test_answers": vars(test_answers)}
    for name in REASONS:
        file, _, rest = name.partition("::")
        function, _, parameter = rest.partition("[")
        assert function in theirs[file], name
        assert parameter.partition("-")[0].rstrip("]") in ENGINES, name
