"""Last step before a child's own program: drop the user, tie its life to the parent, exec.

Runs as a script of its own, without site-packages: `launch.py SIGNAL PARENT UID GID PROGRAM ARG…`.
SIGNAL is what the kernel sends when the parent dies (Linux; elsewhere the guardian alone ends
what is left), PARENT the pid of the parent, UID and GID are numbers or "-".
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Become the program; exit status 127 with one line where it cannot be started."""
    signal, parent, uid, gid, program = arguments[:5]
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":
        # After the change of user, which would clear it again.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    # The parent may have died before the kernel was told.
    if os.getppid() != int(parent):
        sys.exit(1)
    try:
        os.execvp(program, arguments[4:])  # noqa: S606  no shell is what we want
    except OSError as error:
        sys.exit(f"{program}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
