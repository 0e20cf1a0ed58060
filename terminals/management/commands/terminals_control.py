"""``manage.py terminals_control``: grants laptops their sessions, and ends them."""

import asyncio
import signal
import ssl
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from scif.kernel.keys import KeyStore
from scif.kernel.memory import settle
from terminals.control.gate import Limits
from terminals.control.harness import HarnessTeller
from terminals.control.listener import Listener
from terminals.control.plane import Plane, Timing
from terminals.selectors.control import control_works

AUTHORITY = "session_ca.ed25519"
HARNESS = "harness.ed25519"
TLS = "laptops.pem"
SWITCH_SECONDS = 0.0005


class Command(BaseCommand):
    """One works at a time; a second one stands by, says so, and refuses its laptops.

    ``--status`` says whether any works, and fails where none does.
    """

    help = "Grant laptops their sessions and end them; --authority prints the bastion's user_ca"
    requires_system_checks = ()  # they load every page; `migrate` makes them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--authority", action="store_true")
        parser.add_argument("--status", action="store_true")

    def handle(self, *args: Any, authority: bool, status: bool, **options: Any) -> None:
        if status:
            if not control_works():
                raise CommandError("no control process works")
            self.stdout.write("a control process works")
            return
        key = KeyStore(settings.KEY_DIR).signer(AUTHORITY)
        if authority:
            public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
            self.stdout.write(public.decode())
            return
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(Path(settings.KEY_DIR) / TLS)
        timing = Timing(**settings.SESSION_TIMING)
        plane = Plane(
            Path(settings.BASTION_CONTROL),
            key,
            settings.BASTION_ADDRESS,
            timing,
        )
        teller = HarnessTeller(
            settings.HARNESS_CONTROL,
            KeyStore(settings.KEY_DIR).signer(HARNESS),
            every=timing.heartbeat,
            refresh=timing.refresh,
            patience=timing.patience,
            works=lambda: plane.works,
        )
        # Seconds after which a thread that works makes way for one that has heard something: an
        # order waits for several such turns, and a look at many sessions works for long.
        sys.setswitchinterval(SWITCH_SECONDS)
        settle()
        teller.start()
        try:
            asyncio.run(self._serve(plane, context))
        finally:
            teller.stop()

    async def _serve(self, plane: Plane, context: ssl.SSLContext) -> None:
        host, _, port = settings.SESSION_LISTEN.rpartition(":")
        running = asyncio.ensure_future(plane.run())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, running.cancel)
        listener = Listener(plane, Limits(**settings.SESSION_LIMITS))
        server = await listener.start(host.strip("[]"), int(port), context)
        bound = server.sockets[0].getsockname()[1]
        self.stdout.write(f"listening for laptops on port {bound}")
        self.stdout.flush()
        try:
            await running
        except asyncio.CancelledError:
            if not running.cancelled():
                raise
        finally:
            server.close()
