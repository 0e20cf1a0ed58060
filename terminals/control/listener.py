"""Where laptops ask for a session: TLS, one JSON object a line, two questions a connection.

→ ``{"ask": "nonce", "serial": …}``  ← ``{"nonce": HEX}``
→ ``{"ask": "session", "quote": HEX, "signature": HEX, "badge": HEX, "pin": …, "key": …}``
← ``{"login": …, "certificate": …, "bastion": …, "harness": …}`` or ``{"said": …}``

The laptop's end is ``terminals/agent/asking.py``.

INVARIANT: whatever speaks against a session, the laptop is told the same sentence.
"""

import asyncio
import logging
import ssl
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist

from scif.kernel.errors import Refused
from terminals.bastion.wire import decode, encode, text
from terminals.control.plane import Plane
from terminals.rules.session_wording import SAID

logger = logging.getLogger(__name__)
LONGEST: Final = 8_192  # bytes of a line
PATIENCE: Final = 30.0  # seconds for a person to type a PIN, and for a TPM to answer
MOST: Final = 200  # laptops at once


class Listener:
    """Laptops' questions; the plane answers them."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self._talking = 0

    async def start(self, host: str, port: int, context: ssl.SSLContext) -> asyncio.Server:
        """Listen."""
        return await asyncio.start_server(self._talk, host, port, ssl=context, limit=LONGEST)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talking += 1
        try:
            if self._talking <= MOST:
                source = str(writer.get_extra_info("peername")[0])
                writer.write(encode(await self._first(reader, writer, source)))
                await writer.drain()
        except (OSError, TimeoutError, ValueError):
            logger.info("a laptop went away in the middle of its question")
        except Exception:
            # INVARIANT: an error denies, and says no more than a refusal.
            logger.exception("a laptop's question failed")
            writer.write(encode({"said": SAID}))
        finally:
            self._talking -= 1
            writer.close()

    async def _first(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str
    ) -> dict[str, str]:
        try:
            asked = await _line(reader)
            terminal_id, attestation_id, nonce = await self._plane.nonce(text(asked, "serial"))
            writer.write(encode({"nonce": nonce}))
            told = await _line(reader)
            quote, signature = (_bytes(told, name) for name in ("quote", "signature"))
            badge = _bytes(told, "badge")
            proved = await self._plane.answered(attestation_id, quote, signature)
            pin, key = text(told, "pin", most=40), text(told, "key", most=1_000)
            answer = await self._plane.begin(terminal_id, badge, pin, source, key, proved=proved)
        except (Refused, ObjectDoesNotExist, ValueError) as error:
            logger.warning("%s asked and is refused: %s", source, error)
            answer = None
        return answer or {"said": SAID}


def _bytes(told: dict[str, Any], name: str) -> bytes:
    return bytes.fromhex(text(told, name, most=2_048))


async def _line(reader: asyncio.StreamReader) -> dict[str, Any]:
    return decode(await asyncio.wait_for(reader.readline(), PATIENCE))
