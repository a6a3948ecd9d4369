"""rdflib-endpoint over some files of N-Quads, in a process of its own; the argument is JSON.

It ends by itself when the files have not been read in `seconds`, or want more than `memory` bytes.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import threading
import time

import uvicorn
from rdflib import Dataset
from rdflib.parser import InputSource
from rdflib_endpoint import SparqlEndpoint


def main(arguments: str) -> None:
    """Read the files and serve them."""
    told = json.loads(arguments)
    resource.setrlimit(resource.RLIMIT_AS, (told["memory"], told["memory"]))
    signal.signal(
        signal.SIGALRM, lambda *_: sys.exit(f"the data were not read within {told['seconds']:.0f} s")
    )
    signal.alarm(int(told["seconds"]))
    threading.Thread(target=_tell, daemon=True).start()
    data = Dataset(default_union=False)
    # as one stream: with a second file rdflib's default graph would be that file's alone
    with subprocess.Popen(["cat", *told["files"]], stdout=subprocess.PIPE) as together:
        source = InputSource()
        source.setByteStream(together.stdout)
        data.parse(source, format="nquads")
    signal.alarm(0)
    uvicorn.run(SparqlEndpoint(graph=data), host="127.0.0.1", port=told["port"], access_log=False)


def _tell() -> None:
    """Say that reading goes on, to whoever waits."""
    while True:
        print(flush=True)  # noqa: T201
        time.sleep(10)


if __name__ == "__main__":
    main(sys.argv[1])
