"""The auditor's console: ``python console.py http://HOST:PORT [WORDS …]``; standard library only.

With words it does that one thing and ends (status 1 if it was refused); without, it reads lines.
One file on purpose: it is copied alone into the image of a terminal. Its only way out is the
address that it is given, which is the near end of the terminal's forwarded session.
"""

import http.client
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

# How a command is written, what it does, which operation of the policy it needs.
COMMANDS = (
    ("complete WORDS …", "a continuation of these words", "complete"),
    ("stream WORDS …", "the same, word by word", "stream"),
    ("logprobs WORDS …", "the likeliest next words", "logprobs"),
    (
        "activations LAYER WORDS …",
        "what a layer says (embedding, hidden, output)",
        "activations",
    ),
    ("gradients WORDS …", "norm of the gradient, by layer", "gradients"),
    ("weights LAYER", "statistics of a layer's numbers", "weights"),
    ("documents", "what there is to read", "documents"),
    ("document NAME", "read it", "document"),
    (
        "submit FILE",
        'hand in a job: {"name": …, "steps": [{"probe": …, "prompt": …}]}',
        "job_submit",
    ),
    ("jobs", "your jobs", "jobs"),
    ("status JOB", "how far it is", "job_status"),
    ("result JOB", "what it found", "job_result"),
    ("put JOB", "put out what it found, for the airlock", "job_put_out"),
    ("taken", "what came in by the airlock", "intakes"),
    ("taken NAME", "read it", "intake"),
    ("run NAME", "run the job that it describes", "intake_run"),
)
HELP_SECONDS = 5
TIMEOUT_SECONDS = 120
Say = Callable[[str], object]


class UsageError(Exception):
    """The line is no command."""


def help_text(allowed: Sequence[str] | None) -> str:
    """The commands that the engagement's policy allows; all of them where nobody says which."""
    lines = [
        f"  {usage:<26} {words}"
        for usage, words, operation in COMMANDS
        if allowed is None or operation in allowed
    ]
    own = sorted(set(allowed or ()) - {operation for _usage, _words, operation in COMMANDS})
    told = f"one of: {', '.join(own)}" if own else "the same, with a request of your own"
    return "\n".join([*lines, f"  {'ask OPERATION JSON':<26} {told}", "  help, quit", ""])


def allowed_at(address: str) -> list[str] | None:
    """The operations that may be asked there now; None where no answer says so."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=HELP_SECONDS)
    try:
        connection.request("GET", "/v1/")
        return [str(name) for name in json.loads(connection.getresponse().read())["operations"]]
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return None
    finally:
        connection.close()


def request_of(words: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The operation and its request for a line. Raises UsageError."""
    try:
        match words:
            case ["complete" | "stream" | "logprobs" | "gradients" as operation, _, *_]:
                return operation, {"prompt": " ".join(words[1:])}
            case ["activations", layer, _, *_]:
                return "activations", {"layer": layer, "prompt": " ".join(words[2:])}
            case ["weights", layer]:
                return "weights", {"layer": layer}
            case ["documents" | "jobs" as operation]:
                return operation, {}
            case ["document", name]:
                return "document", {"name": name}
            case ["submit", path]:
                with open(path, encoding="utf-8") as file:  # noqa: PTH123  # one file, one import less
                    return "job_submit", json.load(file)
            case ["put", job]:
                return "job_put_out", {"job": job}
            case ["taken"]:
                return "intakes", {}
            case ["taken", name]:
                return "intake", {"name": name}
            case ["run", name]:
                return "intake_run", {"name": name}
            case ["status" | "result" as what, job]:
                return f"job_{what}", {"job": job}
            case ["ask", operation, *rest]:
                return operation, json.loads(" ".join(rest) or "{}")
    except (OSError, ValueError) as error:
        raise UsageError(str(error)) from error
    raise UsageError("no such command; try help")


def asked(address: str, operation: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines of the answer. Raises OSError or http.client.HTTPException for a lost line."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(
        place.hostname or "", place.port, timeout=TIMEOUT_SECONDS
    )
    try:
        connection.request(
            "POST",
            f"/v1/{operation}",
            json.dumps(request).encode(),
            {"Content-Type": "application/json"},
        )
        response = connection.getresponse()
        for line in response:
            if line.strip():
                yield json.loads(line)
    finally:
        connection.close()


def show(line: dict[str, Any], say: Say) -> bool:
    """Print a line of an answer; whether it is one."""
    if "refused" in line:
        say(f"refused ({line['refused']['code']}): {line['refused']['message']}\n")
        return False
    answer = dict(line.get("answer", {}))
    if notice := answer.pop("notice", None):
        say(f"[{notice}]\n")
    for name, value in answer.items():
        shown = value if isinstance(value, str) else json.dumps(value, indent=1)
        say(f"{name}: {shown}\n")
    left = ", ".join(f"{name} {amount}" for name, amount in line.get("left", {}).items())
    say(f"left: {left}\n")
    return True


def perform(address: str, words: Sequence[str], say: Say) -> bool:
    """Do one line; whether it was answered."""
    try:
        operation, request = request_of(words)
        # A list, not a shortcut: every line of the answer is shown.
        shown = [show(line, say) for line in asked(address, operation, request)]
    except UsageError as error:
        say(f"{error}\n")
        return False
    except TimeoutError:
        say("no answer in time\n")
        return False
    except (OSError, http.client.HTTPException):
        say("no answer: the connection has ended\n")
        return False
    except ValueError:
        say("an answer that cannot be read\n")
        return False
    return bool(shown) and all(shown)


def main(arguments: Sequence[str]) -> int:
    """One line from the arguments, or lines from the keyboard."""
    if not arguments:
        usage = "usage: python console.py http://HOST:PORT [WORDS …]\n"
        sys.stderr.write(usage + help_text(None))
        return 2
    address, *words = arguments
    if words:
        return 0 if perform(address, words, sys.stdout.write) else 1
    sys.stdout.write(help_text(allowed_at(address)) + "> ")
    sys.stdout.flush()
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            break
        if words == ["help"]:
            sys.stdout.write(help_text(allowed_at(address)))
        elif words:
            perform(address, words, sys.stdout.write)
        sys.stdout.write("> ")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
