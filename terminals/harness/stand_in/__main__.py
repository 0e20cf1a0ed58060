"""``python -m terminals.harness.stand_in --config FILE``: the stand-in behind the adapter.

The configuration is that of ``listeners.py`` and ``"seed": NUMBER, "step_seconds": NUMBER``,
if its jobs may write into the airlock's outbox ``"outbox": PATH``, and to have what comes in
``"inbox": PATH``.
"""

import argparse
import sys
from pathlib import Path

from scif.kernel.clock import system_clock
from terminals.harness.listeners import Config, serve
from terminals.harness.stand_in.app import NOTICE, StandIn


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m terminals.harness.stand_in", epilog=NOTICE)
    parser.add_argument("--config", type=Path, required=True)
    try:
        config = Config.read(parser.parse_args().config)
        rest = config.rest
        app = StandIn(
            seed=int(rest["seed"]),
            step_seconds=float(rest["step_seconds"]),
            outbox=Path(rest["outbox"]) if "outbox" in rest else None,
            inbox=Path(rest["inbox"]) if "inbox" in rest else None,
        )
    except (ValueError, TypeError, KeyError) as error:
        sys.exit(f"the stand-in does not start: {error}")
    serve(app, config, system_clock)


if __name__ == "__main__":
    main()
