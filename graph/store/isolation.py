"""What a query worker takes away from itself: memory without end, core dumps, outliving the server, the
network.

Linux only where it says so; elsewhere the function reports that it could not, and `/health` shows it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38
SECCOMP_SET_MODE_FILTER: Final = 1
SECCOMP_FILTER_FLAG_TSYNC: Final = 1
"""The filter holds for every thread, those that RocksDB has started included."""

STACK: Final = 64 << 20
"""Bytes the main thread's stack may grow to: the engine's parser recurses, 8 MiB end at some thousand
brackets.
"""

# Per machine: the number seccomp knows it by, that of the seccomp call, and of the calls denied:
# socket, connect, socketpair, io_uring_setup, execve, execveat, ptrace, process_vm_writev
MACHINES: Final[dict[str, tuple[int, int, tuple[int, ...]]]] = {
    "x86_64": (0xC000003E, 317, (41, 42, 53, 425, 59, 322, 101, 311)),
    "aarch64": (0xC00000B7, 277, (198, 203, 199, 425, 221, 281, 117, 271)),
}
X32_CALLS: Final = 0x40000000
"""Calls from this number on are x86_64's second, 32-bit table; all are denied."""

LOAD, JUMP_EQUAL, JUMP_FROM, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, DENY, KILL = 0x7FFF0000, 0x00050001, 0x80000000  # DENY fails the call with EPERM


def no_core_dumps() -> None:
    """An aborted worker leaves no core file behind."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def die_with_parent() -> None:
    """Linux: the kernel kills this process when the thread that started it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def grow_stack() -> None:
    """Let the main thread recurse deeper than usual, as far as the hard limit allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(
            resource.RLIMIT_STACK, (STACK if hard == resource.RLIM_INFINITY else min(STACK, hard), hard)
        )


def limit_memory(mebibytes: int) -> bool:
    """Bound this process's address space to what it has now and `mebibytes` more; False where that cannot be
    done.
    """
    try:
        limit = address_space() + (mebibytes << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (OSError, ValueError):
        return False
    return True


def address_space() -> int:
    """Bytes of address space this process has; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - pathlib costs a worker's start 5 ms
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def deny_network() -> bool:
    """Have the kernel refuse this process any new socket or program; False where it cannot (no Linux, no
    seccomp).
    """
    machine = MACHINES.get(platform.machine()) if sys.platform == "linux" else None
    if machine is None or sys.byteorder != "little":
        return False
    audit_arch, seccomp_call, denied = machine
    program = [
        (LOAD, 0, 0, 4),  # the machine
        (JUMP_EQUAL, 1, 0, audit_arch),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, 0),  # the call
        (JUMP_FROM, len(denied) + 1, 0, X32_CALLS),
        *((JUMP_EQUAL, len(denied) - place, 0, call) for place, call in enumerate(denied)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, DENY),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in program))
    header = ctypes.create_string_buffer(struct.pack("HP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    done: int = libc.syscall(
        seccomp_call, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(header)
    )
    return done == 0
