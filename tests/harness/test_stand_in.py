"""The stand-in behind its adapter: the real process, real sockets, clients of every kind."""

import concurrent.futures
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from terminals.harness.link import ControlLink, LinkError, LinkRefused
from terminals.harness.meters import Meter
from terminals.harness.stand_in.app import NOTICE
from terminals.harness.stand_in.jobs import JobRefused, described
from tests.bench.table import ROOT
from tests.harness.opinion import query_bits
from tests.harness.rig import ENGAGEMENT, Rig, codes, running, stand_in_policy

OTHER = "E-OTHER"
SURPRISE = {"probe": "surprise", "prompt": "the door is open"}
STEPS = [SURPRISE, {"probe": "gradient", "prompt": "the door"}]


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Generator[Rig]:
    """A stand-in with plenty of everything, and one with a black-box policy."""
    with running(tmp_path_factory.mktemp("harness"), engagements=(ENGAGEMENT, OTHER)) as rig:
        assert rig.push(stand_in_policy()) == 1
        assert rig.push(stand_in_policy(["black_box"], engagement=OTHER)) == 1
        yield rig


REQUESTS: dict[str, dict[str, Any]] = {
    "complete": {"prompt": "the model", "max_tokens": 5},
    "logprobs": {"prompt": "the model"},
    "activations": {"prompt": "the model", "layer": "hidden"},
    "gradients": {"prompt": "the model"},
    "weights": {"layer": "output"},
    "documents": {},
    "document": {"name": "evaluation-plan"},
    "job_submit": {"name": "first", "steps": STEPS},
    "jobs": {},
    "intakes": {},
}


@pytest.mark.parametrize("operation", REQUESTS)
def test_every_answer_says_that_it_is_a_stand_in(rig: Rig, operation: str) -> None:
    status, said = rig.ask(operation, REQUESTS[operation])
    assert status == 200
    assert said["answer"]["notice"] == NOTICE
    assert len(said["answer"]) > 1


def test_a_stream_says_so_on_every_line(rig: Rig) -> None:
    lines = rig.lines("stream", {"prompt": "the model", "max_tokens": 4})
    assert [line["answer"]["notice"] for line in lines] == [NOTICE] * 4
    words = "".join(line["answer"]["text"] for line in lines).split()
    whole = rig.ask("complete", {"prompt": "the model", "max_tokens": 4})[1]["answer"]["text"]
    assert words == whole.split()


def test_the_answers_of_the_toy_follow_from_its_seed(rig: Rig, tmp_path: Path) -> None:
    with running(tmp_path) as again:
        again.push(stand_in_policy())
        for operation in ("complete", "logprobs", "activations", "gradients", "weights"):
            mine, theirs = (each.ask(operation, REQUESTS[operation])[1] for each in (rig, again))
            assert mine["answer"] == theirs["answer"]


def test_answers_keep_to_the_precision_of_the_policy(rig: Rig) -> None:
    top = rig.ask("logprobs", REQUESTS["logprobs"])[1]["answer"]["top"]
    assert len(top) == 5
    assert top == sorted(top, key=lambda each: -each["logprob"])
    for each in top:
        assert each["logprob"] == round(each["logprob"], 2)
    values = rig.ask("activations", REQUESTS["activations"])[1]["answer"]["values"]
    assert values == [round(value, 3) for value in values]


@pytest.mark.parametrize("operation", ["complete", "logprobs"])
def test_a_query_costs_what_a_second_opinion_says(rig: Rig, operation: str) -> None:
    before = rig.spent()
    prompt = {"prompt": f"what does a {operation} cost"}
    _, said = rig.ask(operation, prompt)
    after = rig.spent()
    assert after["bits"] - before["bits"] == query_bits(operation, said["answer"])
    written = json.dumps(said["answer"], separators=(",", ":"), ensure_ascii=False).encode()
    assert after["tokens_out"] - before["tokens_out"] == -(-len(written) // 4)
    assert after["queries"] - before["queries"] == 1


def test_a_job_goes_on_when_the_session_is_cut(tmp_path: Path) -> None:
    with running(tmp_path, extra={"seed": 7, "step_seconds": 0.2}) as rig:
        rig.push(stand_in_policy())
        body = json.dumps({"name": "long", "steps": STEPS}).encode()
        with rig.raw() as cut:
            head = f"POST /v1/job_submit HTTP/1.1\r\nhost: h\r\ncontent-length: {len(body)}\r\n\r\n"
            cut.sendall(head.encode() + body)
            assert cut.recv(1) == b"H"
            cut.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        (job,) = rig.ask("jobs")[1]["answer"]["jobs"]
        assert job["state"] == "running"
        assert next(codes([rig.ask("job_result", {"job": job["job"]})])) == "harness_refused"
        status = job
        while status["state"] == "running":
            status = rig.ask("job_status", {"job": job["job"]})[1]["answer"]
        results = rig.ask("job_result", {"job": job["job"]})[1]["answer"]["results"]
        assert [each["probe"] for each in results] == ["surprise", "gradient"]
        assert all(each["value"] > 0 for each in results)


def test_an_engagement_sees_its_own_jobs(rig: Rig) -> None:
    job = rig.ask("job_submit", {"name": "mine", "steps": [SURPRISE]})[1]["answer"]["job"]
    assert rig.ask("job_status", {"job": job})[0] == 200
    stranger = rig.ask("job_status", {"job": job}, OTHER)
    assert next(codes([stranger])) == "harness_refused"
    assert rig.ask("jobs", {}, OTHER)[1]["answer"]["jobs"] == []


def test_what_a_finished_job_found_is_put_out_for_its_engagement(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox"
    extra = {"seed": 7, "step_seconds": 0, "outbox": str(outbox)}
    with running(tmp_path, extra=extra) as rig:
        rig.push(stand_in_policy(["black_box"]))
        asked = {"name": "../../First findings", "steps": [SURPRISE]}
        job = rig.ask("job_submit", asked)[1]["answer"]["job"]
        while rig.ask("job_status", {"job": job})[1]["answer"]["state"] != "finished":
            pass
        said = rig.ask("job_put_out", {"job": job})[1]["answer"]
        (file,) = outbox.rglob("*.txt")
        assert file == outbox / ENGAGEMENT / "First-findings.txt"
        assert (said["name"], said["bytes"]) == (file.name, file.stat().st_size)
        assert file.read_text().startswith("../../First findings\nsurprise: ")


def test_without_an_outbox_nothing_is_put_out(rig: Rig) -> None:
    job = rig.ask("job_submit", {"name": "mine", "steps": [SURPRISE]})[1]["answer"]["job"]
    assert next(codes([rig.ask("job_put_out", {"job": job})])) == "harness_refused"


def test_what_came_in_is_listed_read_and_run_for_its_engagement_and_no_other(
    tmp_path: Path,
) -> None:
    inbox = tmp_path / "inbox"
    job = {"name": "Brought along", "steps": STEPS}
    for engagement, name, text in (
        (ENGAGEMENT, "I-1-1.txt", json.dumps(job)),
        (ENGAGEMENT, "I-2-1.txt", "print(1)\n"),
        (OTHER, "I-3-1.txt", "of the other\n"),
    ):
        (inbox / engagement).mkdir(parents=True, exist_ok=True)
        (inbox / engagement / name).write_text(text)
    (inbox / ENGAGEMENT / ".half-written").write_text("x")
    (inbox / ENGAGEMENT / "I-4-1.txt").symlink_to(inbox / OTHER / "I-3-1.txt")
    extra = {"seed": 7, "step_seconds": 0, "inbox": str(inbox)}
    with running(tmp_path, engagements=(ENGAGEMENT, OTHER), extra=extra) as rig:
        for engagement in (ENGAGEMENT, OTHER):
            rig.push(stand_in_policy(["black_box"], engagement=engagement))
        listed = rig.ask("intakes")[1]["answer"]["intakes"]
        assert {each["name"] for each in listed} == {"I-1-1.txt", "I-2-1.txt"}
        assert {each["bytes"] for each in listed} == {len(json.dumps(job)), 9}
        assert rig.ask("intake", {"name": "I-2-1.txt"})[1]["answer"]["text"] == "print(1)\n"
        begun = rig.ask("intake_run", {"name": "I-1-1.txt"})[1]["answer"]
        assert (begun["name"], begun["steps"]) == ("Brought along", len(STEPS))
        for operation, name in (
            ("intake", "I-3-1.txt"),
            ("intake", "I-4-1.txt"),
            ("intake", ".half-written"),
            ("intake", f"../{OTHER}/I-3-1.txt"),
            ("intake_run", "I-2-1.txt"),
        ):
            assert next(codes([rig.ask(operation, {"name": name})])) == "harness_refused"
        theirs = rig.ask("intakes", {}, OTHER)[1]["answer"]["intakes"]
        assert [each["name"] for each in theirs] == ["I-3-1.txt"]
        assert rig.ask("jobs", {}, OTHER)[1]["answer"]["jobs"] == []


@pytest.mark.parametrize(
    "document",
    [
        {"name": "x", "steps": [{"probe": "__import__", "prompt": "os"}]},
        {"name": "x", "steps": [{**SURPRISE, "code": "1"}]},
        {"name": "x", "steps": [SURPRISE] * 33},
        {"name": "x" * 81, "steps": [SURPRISE]},
        {"name": "x", "steps": [{**SURPRISE, "prompt": "x" * 4001}]},
        {"name": "x", "steps": []},
        {"name": 1, "steps": [SURPRISE]},
        {"name": "x", "steps": "surprise"},
        [SURPRISE],
    ],
)
def test_a_file_that_describes_no_job_is_none(document: object) -> None:
    with pytest.raises(JobRefused):
        described(document)


def test_a_job_is_no_program(rig: Rig) -> None:
    for steps in (
        [{"probe": "__import__", "prompt": "os"}],
        [{"probe": "surprise", "prompt": "a", "code": "1"}],
        "import os",
    ):
        answer = rig.ask("job_submit", {"name": "x", "steps": steps})
        assert next(codes([answer])) == "request_unfit"


def test_the_address_says_whose_it_is_and_no_header_does(rig: Rig) -> None:
    for headers in (
        {"X-SCIF-Engagement": ENGAGEMENT},
        {"Host": ENGAGEMENT},
        {"Forwarded": "for=x"},
    ):
        answers = [
            rig.ask("logprobs", REQUESTS["logprobs"], OTHER, headers),
            rig.ask("weights", REQUESTS["weights"], OTHER, headers),
        ]
        assert set(codes(answers)) == {"operation_unknown"}
    before = rig.spent(ENGAGEMENT)
    assert rig.ask("complete", REQUESTS["complete"], OTHER)[0] == 200
    assert rig.spent(ENGAGEMENT) == before


def test_the_control_socket_is_not_at_an_auditor_s_address(rig: Rig) -> None:
    connection = rig.connection()
    for method, path in (("PUT", "/v1/policy"), ("GET", f"/v1/spent/{ENGAGEMENT}")):
        connection.request(method, path, b"{}")
        with connection.getresponse() as response:
            assert response.status == 404
            response.read()
    connection.close()


def test_the_control_socket_answers_no_operation(rig: Rig) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(rig.folder / "control.sock"))
        body = b'{"prompt":"a"}'
        head = f"POST /v1/complete HTTP/1.1\r\nhost: h\r\ncontent-length: {len(body)}\r\n\r\n"
        line.sendall(head.encode() + body)
        assert line.recv(65536).startswith(b"HTTP/1.1 404")


def test_an_account_says_what_is_spent_under_which_policy(rig: Rig) -> None:
    account = rig.link.account(OTHER)
    assert (account.version, account.caps[Meter.BITS]) == (1, 10**9)
    with pytest.raises(LinkRefused) as refused:
        rig.link.account("E-NONE")
    assert refused.value.code == "policy_missing"


def test_a_policy_of_another_key_is_refused_and_the_old_one_stands(rig: Rig) -> None:
    with pytest.raises(LinkRefused, match="not signed by the control plane"):
        rig.push(stand_in_policy(version=9), Ed25519PrivateKey.generate())
    assert rig.link.account(ENGAGEMENT).version == 1
    assert rig.ask("complete", REQUESTS["complete"])[0] == 200


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n\r\nno", b"HTTP/1.1 500 X\r\n\r\n{}"])
def test_an_adapter_that_makes_no_sense_is_an_error_of_the_link(
    tmp_path: Path, said: bytes
) -> None:
    link = ControlLink(tmp_path / "c.sock", timeout_seconds=5)
    with pytest.raises(LinkError):
        link.account(ENGAGEMENT)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(link.path))
        listener.listen()

        def answer() -> None:
            line, _ = listener.accept()
            with line:
                line.recv(65536)
                line.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(LinkError):
            link.account(ENGAGEMENT)
        thread.join()


def test_the_files_are_for_their_owner(rig: Rig) -> None:
    assert (rig.folder / "ledger.sqlite").stat().st_mode & 0o077 == 0
    assert (rig.folder / "control.sock").stat().st_mode & 0o007 == 0


RAW: dict[str, bytes] = {
    "no HTTP": b"\x00\xff\x00\xff\r\n\r\n",
    "a head without end": b"POST /v1/complete HTTP/1.1\r\nx: " + b"a" * 100_000,
    "two lengths": b"POST /v1/complete HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n"
    b"content-length: 9\r\n\r\n{}",
    "a chunk that is no number": b"POST /v1/complete HTTP/1.1\r\nhost: h\r\n"
    b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "a body too long, in chunks": b"POST /v1/complete HTTP/1.1\r\nhost: h\r\n"
    b"transfer-encoding: chunked\r\n\r\n" + (b"2000\r\n" + b" " * 0x2000 + b"\r\n") * 4,
    "a path with a NUL": b"POST /v1/complete%00 HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n{}",
    "a whole address": b"POST http://other/v1/weights HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n"
    b"\r\n{}",
    "a tunnel": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: h\r\n\r\n",
    "another protocol": b"GET /v1/complete HTTP/1.1\r\nhost: h\r\nupgrade: websocket\r\n"
    b"connection: upgrade\r\nsec-websocket-key: x\r\nsec-websocket-version: 13\r\n\r\n",
}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
def test_what_is_no_request_is_refused_and_the_next_one_is_served(rig: Rig, raw: bytes) -> None:
    before = rig.spent()
    with rig.raw() as line:
        line.sendall(raw)
        said = line.recv(65536)
    assert said.startswith(b"HTTP/1.1 4")
    assert b"STAND-IN" not in said
    assert rig.spent() == before
    assert rig.ask("complete", REQUESTS["complete"])[0] == 200


def test_many_at_once_never_go_over_a_cap(tmp_path: Path) -> None:
    with running(tmp_path) as rig:
        rig.push(stand_in_policy(caps={"queries": 20, "bits": 3000}))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            prompts = [{"prompt": f"the room {number}", "max_tokens": 20} for number in range(40)]
            answers = list(pool.map(lambda prompt: rig.ask("complete", prompt), prompts))
        found = list(codes(answers))
        assert 0 < found.count("answered") <= 20
        assert set(found) <= {"answered", "cap_bits", "cap_queries"}
        spent = rig.spent()
        assert spent["queries"] <= 20
        assert spent["bits"] <= 3000


def test_what_was_spent_and_the_policy_outlive_a_kill(tmp_path: Path) -> None:
    with running(tmp_path) as rig:
        rig.push(stand_in_policy(version=4, caps={"queries": 3}))
        assert (
            list(codes(rig.ask("complete", REQUESTS["complete"]) for _ in range(2)))
            == ["answered"] * 2
        )
        before = rig.spent()
        rig.kill()
        rig.start()
        assert rig.spent() == before
        with pytest.raises(LinkRefused, match="4 is in force"):
            rig.push(stand_in_policy(version=3))
        asked = [rig.ask("complete", REQUESTS["complete"]) for _ in range(2)]
        assert list(codes(asked)) == ["answered", "cap_queries"]


@pytest.mark.parametrize("module", ["terminals.harness", "terminals.harness.stand_in"])
def test_a_broken_configuration_stops_the_start(tmp_path: Path, module: str) -> None:
    file = tmp_path / "config.json"
    for text in ("", "{}", '{"listeners": []}', '{"ledger": 1}'):
        file.write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", module, "--config", str(file)],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        assert "does not start: configuration" in done.stderr
