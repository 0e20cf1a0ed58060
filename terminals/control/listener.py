"""Where laptops ask for a session: TLS, one JSON object a line, two questions a connection.

→ ``{"ask": "nonce", "serial": …}``  ← ``{"nonce": HEX}``
→ ``{"ask": "session", "quote": HEX, "signature": HEX, "badge": HEX, "pin": …, "key": …}``
← ``{"login": …, "certificate": …, "bastion": …, "harness": …, "said": …}`` or ``{"said": …}``

``said`` is what is shown of a refusal or, later, of the session's end: whom to turn to. It is known
before anything else is asked, so that a laptop that is not even asked for a proof is told the same.

The quote is over SHA-256 of the nonce and the digest of the key, so that it serves no other key.

The laptop's end is ``terminals/agent/asking.py``.

INVARIANT: whatever speaks against a session, the laptop is told the same sentence. It depends on
where the laptop is out for, which whoever has it knows.
"""

import asyncio
import logging
import ssl
import time
from typing import Any, Final, Protocol
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist

from scif.kernel.errors import Refused
from terminals.bastion.wire import decode, encode, text
from terminals.control.gate import Gate, Limits
from terminals.control.records import Asked
from terminals.rules.session_wording import SAID_ANYWHERE

logger = logging.getLogger(__name__)
LONGEST: Final = 8_192  # bytes of a line
PATIENCE: Final = 30.0  # seconds for a person to type a PIN, and for a TPM to answer
SHAKE_SECONDS: Final = 10.0  # for the handshake of TLS


class Answers(Protocol):
    """Who answers; :class:`~terminals.control.plane.Plane` says what each does."""

    async def said(self, serial: str) -> str: ...

    async def nonce(self, serial: str) -> Asked: ...

    async def answered(
        self, attestation_id: UUID, quote: bytes, signature: bytes, key: str, source: str
    ) -> bool: ...

    async def begin(self, terminal_id: UUID, badge: bytes, pin: str, source: str, key: str,
                    *, proved: bool) -> dict[str, str] | None: ...  # fmt: skip


class Listener:
    """Laptops' questions; the plane answers them."""

    def __init__(self, plane: Answers, limits: Limits) -> None:
        self._plane = plane
        self._gate = Gate(limits, time.monotonic)

    async def start(self, host: str, port: int, context: ssl.SSLContext) -> asyncio.Server:
        """Listen."""
        return await asyncio.start_server(
            self._talk, host, port, ssl=context, limit=LONGEST,
            ssl_handshake_timeout=SHAKE_SECONDS,
        )  # fmt: skip

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source = str(writer.get_extra_info("peername")[0])
        with self._gate.place(source) as admitted:
            if not admitted:
                logger.warning("%s asks too often or too much at once", source)
                writer.close()
                return
            await self._serve(reader, writer, source)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str
    ) -> None:
        try:
            writer.write(encode(await self._first(reader, writer, source)))
            await writer.drain()
        except OSError:
            logger.info("a laptop went away in the middle of its question")
        finally:
            writer.close()

    async def _first(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str
    ) -> dict[str, str]:
        answer, said = None, SAID_ANYWHERE
        try:
            told = await _line(reader)
            serial = text(told, "serial")
            said = await self._plane.said(serial)
            asked = await self._plane.nonce(serial)
            writer.write(encode({"nonce": asked.nonce}))
            told = await _line(reader)
            quote, signature = (_bytes(told, name) for name in ("quote", "signature"))
            badge = _bytes(told, "badge")
            pin, key = text(told, "pin", most=40), text(told, "key", most=1_000)
            proved = await self._plane.answered(asked.attestation_id, quote, signature, key, source)
            answer = await self._plane.begin(
                asked.terminal_id, badge, pin, source, key, proved=proved
            )
        except (Refused, ObjectDoesNotExist, ValueError) as error:
            logger.warning("%s asked and is refused: %s", source, error)
        except OSError:  # gone, or silent for too long
            raise
        except Exception:
            # INVARIANT: an error denies, and says no more than a refusal.
            logger.exception("a laptop's question failed")
        return {**(answer or {}), "said": said}


def _bytes(told: dict[str, Any], name: str) -> bytes:
    return bytes.fromhex(text(told, name, most=2_048))


async def _line(reader: asyncio.StreamReader) -> dict[str, Any]:
    return decode(await asyncio.wait_for(reader.readline(), PATIENCE))
