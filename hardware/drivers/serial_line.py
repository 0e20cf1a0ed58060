"""One serial port that may vanish and come back at any moment."""

import select
import termios
import time
from contextlib import suppress

import serial

# What pyserial raises when a cable is pulled depends on the call: reading and writing give
# SerialException, in_waiting OSError, flushing termios.error, which is neither.
PORT_ERRORS = (serial.SerialException, OSError, termios.error)


class SerialLine:
    """A port at ``path``, 8 data bits, no parity, one stop bit, for this process alone.

    INVARIANT: no method raises for what the port does; a port that fails is down until ``open``
    succeeds again.
    """

    def __init__(self, path: str, baud: int, *, write_timeout: float = 0.5) -> None:
        self.path = path
        self._baud = baud
        self._write_timeout = write_timeout
        self._port: serial.Serial | None = None

    @property
    def up(self) -> bool:
        """Whether the port is open and has not failed since."""
        return self._port is not None

    def open(self) -> bool:
        """Open the port if it is there; True if it is open now."""
        if self._port is None:
            with suppress(*PORT_ERRORS):
                self._port = serial.Serial(
                    self.path,
                    self._baud,
                    timeout=0,
                    write_timeout=self._write_timeout,
                    exclusive=True,
                )
        return self.up

    def close(self) -> None:
        """Let the port go."""
        port, self._port = self._port, None
        if port is not None:
            with suppress(*PORT_ERRORS):
                port.close()

    def read(self, most: int) -> bytes:
        """What has arrived, at most ``most`` bytes, without waiting."""
        if self._port is not None:
            try:
                return bytes(self._port.read(most))
            except PORT_ERRORS:
                self.close()
        return b""

    def write(self, data: bytes) -> bool:
        """Send everything; False if the port is down or does not take it in time."""
        if self._port is not None:
            try:
                return bool(self._port.write(data) == len(data))
            except PORT_ERRORS:
                self.close()
        return False

    def discard(self) -> None:
        """Forget what has arrived and was not read."""
        if self._port is not None:
            try:
                self._port.reset_input_buffer()
            except PORT_ERRORS:
                self.close()

    def wait(self, seconds: float) -> None:
        """Return when something arrives, or after ``seconds``."""
        if seconds <= 0:
            return
        if self._port is None:
            time.sleep(seconds)
            return
        try:
            select.select([self._port], [], [], seconds)
        except (*PORT_ERRORS, ValueError):
            self.close()
