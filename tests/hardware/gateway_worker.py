"""A gateway's process with the rig's small decider: ``python -m tests.hardware.gateway_worker``."""

import logging.config
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scif.settings.test")

from django.conf import settings

from hardware.gateway.process import GatewayProcess, begin
from scif.gateway import listen
from tests.gateway_rig import SmallDecider

if __name__ == "__main__":
    code = sys.argv[1]
    logging.config.dictConfig(settings.LOGGING)
    begin(
        GatewayProcess(
            code,
            directory=settings.VAR_DIR / "gateways" / code,
            keys=settings.KEY_DIR,
            database=settings.DATABASES["default"],
            decider=SmallDecider(),
            ports=settings.PORT_DIR,
        )
    )
    listen(code, sys.argv[2:])
