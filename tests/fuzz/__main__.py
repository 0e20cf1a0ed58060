"""`python -m tests.fuzz NAME --seconds N [--seed S]`: atheris on one parser, or on `all` in turn.

Status 1 and the input that broke it, if one did. Needs atheris (requirements/dev.in says where).
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.names import NAMES
from tests.fuzz.seeds import seeds_of

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scif.settings.test")
MOST_MEGABYTES = 2048
MOST_BYTES = 8192
PACKAGES = [
    *("hardware", "pymodbus.framer", "pymodbus.pdu"),
    *("scif.console.signatures", "scif.console.live", "scif.journal.verifier"),
    *("terminals.bastion.wire", "terminals.bastion.grant", "terminals.harness"),
]


def main() -> int:
    """Run one target in this process, or all of them in processes of their own."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("name", choices=[*NAMES, "all"])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.name != "all":
        return _fuzz(options.name, options.seconds, options.seed)
    return max(run(name, options.seconds, options.seed)[0] for name in NAMES)


def run(name: str, seconds: int, seed: int) -> tuple[int, str]:
    """One target in a process of its own: its status and what it said last."""
    command = [sys.executable, "-m", "tests.fuzz", name, f"--seconds={seconds}", f"--seed={seed}"]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as directory:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds * 4 + 120,
            env={**os.environ, "TMPDIR": directory},
        )
    said = done.stdout + done.stderr
    if done.returncode:
        sys.stderr.write(f"{name}:\n{said[-4000:]}\n")
    return done.returncode, said


def _fuzz(name: str, seconds: int, seed: int) -> int:
    import atheris

    with atheris.instrument_imports(include=PACKAGES):
        import django

        django.setup()
        from tests.fuzz.targets import TARGETS
    corpus = Path(tempfile.mkdtemp(prefix="corpus-"))
    for number, seed_input in enumerate(seeds_of(name)):
        (corpus / str(number)).write_bytes(seed_input)
    arguments = [
        f"-max_total_time={seconds}",
        f"-seed={seed or 1}",
        f"-rss_limit_mb={MOST_MEGABYTES}",
        f"-max_len={MOST_BYTES}",
        "-timeout=20",
        f"-artifact_prefix={tempfile.gettempdir()}/",
        str(corpus),
    ]
    atheris.Setup([sys.argv[0], *arguments], TARGETS[name]())
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
