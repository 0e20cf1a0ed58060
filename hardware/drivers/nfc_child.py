"""``python -m hardware.drivers.nfc_child PORT BAUD``: libnfc in a process that may be killed.

A PN532 that falls silent blocks libnfc for ever, so it runs here and not in the gateway. One JSON
object a line, both ways. In comes first ``{"master": hex}`` (the key, so that it is in no argument
and no environment), then ``{"do": "encode" | "erase", "id": …}``, with the ``uid`` of the card that
is meant or without. Out go ``alive`` at every turn of the loop, ``ready``, ``present``,
``removed``, ``encoded``, ``erased``, ``failed`` and ``fatal``.

INVARIANT: ``alive`` is written by the thread that talks to the chip, so that it stops with it.
INVARIANT: nobody looks into its memory, where the key is, and no image of it is left when it falls.
"""

import ctypes
import signal
import sys

from hardware.drivers.nfc_pipe import Pipe

PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4


def main() -> None:
    """Open the reader and serve until the driver's end of the pipe closes."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_DUMPABLE, 0)
    port, baud = sys.argv[1:3]
    pipe = Pipe()
    (hello,) = pipe.hear(None)
    try:
        from hardware.drivers.nfc_card import ReaderError
        from hardware.drivers.nfc_reader import Reader
    except (ImportError, OSError):
        pipe.fatal("library_missing")
    try:
        reader = Reader(pipe, f"pn532_uart:{port}:{baud}", bytes.fromhex(hello["master"]))
        pipe.say("ready")
        reader.run()
    except ReaderError as error:
        pipe.fatal(str(error))


if __name__ == "__main__":
    main()
