"""The child's loop: look for cards, tell the driver, serve its requests. Needs libfreefare."""

from typing import Any, NoReturn

from hardware.drivers.nfc_card import CardError, DesktopCard, check, opened, uid_of
from hardware.drivers.nfc_pipe import Pipe

POLL_TIMES, POLL_PERIODS = 1, 1  # each 150 ms for each kind of card
REST = 0.1  # seconds between looks at a card that lies there


class Reader:
    """The open reader, and the card that lies on it."""

    def __init__(self, pipe: Pipe, connection: str, master: bytes) -> None:
        """Open the reader; raises ReaderError, as `run` does."""
        self._pipe = pipe
        self._master = master
        self._handle = opened(connection)
        self._present: bytes | None = None

    def run(self) -> NoReturn:
        """Look for cards and serve requests for ever."""
        while True:
            for target in self._handle.poll(times=POLL_TIMES, delay=POLL_PERIODS):
                self._pipe.say("alive")
                self._look(target)
                self._serve(target, REST)
            check(self._handle)
            self._pipe.say("alive")
            self._gone()
            self._serve(None, 0)

    def _gone(self) -> None:
        if self._present is not None:
            self._present = None
            self._pipe.say("removed")

    def _look(self, target: Any) -> None:
        """Report a card that is new here, with its number if it carries one of ours."""
        uid = uid_of(target)
        if uid == self._present:
            return
        self._gone()
        number = None
        try:
            with DesktopCard(target, self._master) as card:
                number = card.number()
        except CardError as error:
            if str(error) == "card_lost":  # a hasty hand; it will be found again if it stays
                return
        self._present = uid
        self._pipe.say("present", uid=uid.hex(), number=number and number.hex())

    def _serve(self, target: Any, seconds: float) -> None:
        for request in self._pipe.hear(seconds):
            try:
                self._do(request, target)
            except CardError as error:
                self._pipe.say("failed", id=request["id"], reason=str(error))

    def _do(self, request: dict[str, Any], target: Any) -> None:
        if target is None:
            raise CardError("no_card")
        if request.get("uid", uid_of(target).hex()) != uid_of(target).hex():
            raise CardError("card_changed")
        with DesktopCard(target, self._master) as card:
            if request["do"] == "encode":
                said, number = "encoded", card.encode()
            else:
                said, erased = "erased", card.erase()
                number = erased or b""
        uid, shown = card.uid.hex(), number.hex() or None
        self._pipe.say(said, id=request["id"], uid=uid, number=shown)
