"""`python -m terminals.bastion --config FILE`: the bastion as a process of its own."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from terminals.bastion.bastion import Bastion
from terminals.bastion.config import ConfigError, load
from terminals.bastion.ledger import LedgerError


def main() -> int:
    """Run until SIGTERM or SIGINT; status 2 if the configuration or the ledger forbids it."""
    parser = argparse.ArgumentParser(prog="python -m terminals.bastion")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s", level="INFO")
    # Its lines name people's logins and addresses; what matters is told on the control socket.
    logging.getLogger("asyncssh").setLevel("WARNING")
    try:
        return asyncio.run(_run(options.config))
    except (ConfigError, LedgerError, OSError) as error:
        sys.stderr.write(f"The bastion cannot run: {error}\n")
        return 2


async def _run(path: Path) -> int:
    bastion = Bastion(load(path))
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    await bastion.start()
    logging.getLogger("terminals.bastion").info("Listening on port %d", bastion.port)
    await asked.wait()
    await bastion.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
