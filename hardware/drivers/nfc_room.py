"""Room for what a card sends, which the card cannot leave.

libfreefare copies every frame of a file's data behind the one before for as long as the card says
that more follows, whatever length was asked for (``read_data``), and then looks for the end of the
data backwards until it finds a byte that is not zero (``mifare_cryto_postprocess_data``). So behind
the room lies a page that cannot be touched: a card that sends too much ends the process there, and
the driver starts another one. Before it lie bytes that are not zero.
"""

import ctypes
import mmap
import os

PROT_NONE = 0
BEFORE = b"\x01" * 64  # more than the search goes back once it has found a byte
ROOM = mmap.PAGESIZE - len(BEFORE)

_libc = ctypes.CDLL(None, use_errno=True)


class Room:
    """One room; it is as old as the process and never given back.

    INVARIANT: a byte behind it that is read or written ends the process by SIGSEGV; no other memory
    of the process is written.
    """

    def __init__(self) -> None:
        """Raises OSError where the system gives no such memory."""
        self._pages = mmap.mmap(-1, 2 * mmap.PAGESIZE)
        first = ctypes.c_char.from_buffer(self._pages)
        guard = ctypes.c_void_p(ctypes.addressof(first) + mmap.PAGESIZE)
        if _libc.mprotect(guard, ctypes.c_size_t(mmap.PAGESIZE), PROT_NONE):
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
        self._kept = first
        self._data = (ctypes.c_ubyte * ROOM).from_buffer(self._pages, len(BEFORE))

    def cleared(self) -> ctypes.Array[ctypes.c_ubyte]:
        """The room, with nothing of a card before in it."""
        self._pages[: mmap.PAGESIZE] = BEFORE + bytes(ROOM)
        return self._data
