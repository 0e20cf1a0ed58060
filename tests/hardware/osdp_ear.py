"""Someone who taps the RS-485 line and knows the base key: what did the driver really say?"""

from dataclasses import replace

from hardware.simulators.osdp_frames import Block, Command, Frame, Reply, Splitter, decode
from hardware.simulators.osdp_session import Session


class Ear:
    """Follows one device's sessions; ``clear`` is what was said, deciphered.

    INVARIANT: a MAC that does not verify or a frame that is no frame is an AssertionError.
    """

    def __init__(self, address: int, scbk: bytes) -> None:
        self.clear: list[Frame] = []
        self._address = address
        self._scbk = scbk
        self._panel_random = b""
        self._session: Session | None = None
        self._splitters = {"in": Splitter(), "out": Splitter()}

    def hear(self, way: str, data: bytes) -> None:
        """Take a piece off the wire."""
        for raw in self._splitters[way].feed(data):
            frame = decode(raw)
            assert frame is not None, raw.hex()
            if frame.address == self._address:
                self.clear.append(self._opened(frame))

    def said(self, code: int, *, reply: bool) -> list[Frame]:
        """Everything of one code."""
        return [frame for frame in self.clear if frame.code == code and frame.reply is reply]

    def _opened(self, frame: Frame) -> Frame:
        if frame.code == Command.CHLNG and not frame.reply:
            self._panel_random, self._session = frame.data, None
        elif frame.code == Reply.CCRYPT and frame.reply:
            self._session = Session(self._scbk, self._panel_random, frame.data[8:16])
            assert frame.data[16:] == self._session.device_cryptogram
        elif frame.code == Command.SCRYPT and not frame.reply:
            assert self._session is not None
            assert frame.data == self._session.panel_cryptogram
        elif frame.block and frame.block[0] >= Block.COMMAND_PLAIN:
            assert self._session is not None
            assert self._session.verify(frame)
            if frame.block[0] in (Block.COMMAND_SEALED, Block.REPLY_SEALED):
                data = self._session.unseal(frame.data, reply=frame.reply)
                assert data is not None
                return replace(frame, data=data)
        return frame
