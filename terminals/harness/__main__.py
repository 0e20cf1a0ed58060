"""``python -m terminals.harness --config FILE``: the adapter as a proxy before a lab's harness.

The configuration is that of ``listeners.py`` and ``"harness": {"host": …, "port": …}``, or
``{"socket": PATH}``.
"""

import argparse
import sys
from pathlib import Path

from scif.kernel.clock import system_clock
from terminals.harness.forward import Forward
from terminals.harness.listeners import Config, serve


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m terminals.harness")
    parser.add_argument("--config", type=Path, required=True)
    try:
        config = Config.read(parser.parse_args().config)
        app = Forward(**config.rest["harness"])
    except (ValueError, TypeError, KeyError) as error:
        sys.exit(f"the adapter does not start: {error}")
    serve(app, config, system_clock)


if __name__ == "__main__":
    main()
