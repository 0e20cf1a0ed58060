"""What needs no socket: the guards of the login, the control language, the configuration."""

import dataclasses
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scif.kernel.errors import Refused
from terminals.bastion.config import ConfigError, load
from terminals.bastion.door import read_authorities, read_host_key
from terminals.bastion.features import Features, Way
from terminals.bastion.grant import Grant, grant_of
from terminals.bastion.guards import FORWARDING, Guard, Offer, Standing, broken
from terminals.bastion.wire import Scope, decode
from tests.architecture.sources import ROOT
from tests.bastion.papers import Papers, grant_id
from tests.bastion.rig import config_of, write_config

TOLD: dict[str, Any] = {
    "id": "0123456789abcdef01234567",
    "session": "s",
    "person": "p",
    "terminal": "t",
    "engagement": "e",
    "host": "harness",
    "port": 443,
    "source": "10.0.0.7",
    "seconds": 600,
    "budgets": [{"key": "engagement:e", "limit": 10, "charged": 0}],
    "rate": 1,
    "burst": 1,
    "channels": 1,
    "warn_percent": [50, 80, 95],
    "warn_seconds": [1_800, 600, 120],
}
GRANT = grant_of(TOLD)
GOOD = Offer(
    login=GRANT.id,
    address="10.0.0.7",
    authority_known=True,
    user_certificate=True,
    valid_after=1_000,
    valid_before=1_100,
    principals=(GRANT.id,),
    forced_command=GRANT.id,
    sources=(ip_network("10.0.0.7/32"),),
    permits=frozenset({FORWARDING}),
)
STANDING = Standing(GRANT, ended=False, connected=False, now=1_050.0, longest=120)


def test_a_good_offer_breaks_no_guard() -> None:
    assert list(broken(GOOD, STANDING)) == []


@given(
    authority=st.booleans(),
    user=st.booleans(),
    after=st.integers(900, 1_200),
    life=st.integers(0, 300),
    principals=st.lists(st.sampled_from([GRANT.id, "*", "", "root"]), max_size=3),
    command=st.sampled_from([None, "", GRANT.id, "sh"]),
    sources=st.lists(st.sampled_from(["10.0.0.0/8", "10.0.0.7/32", "::/0"]), max_size=2),
    permits=st.frozensets(st.sampled_from([FORWARDING, "permit-pty"])),
    address=st.sampled_from(["10.0.0.7", "10.0.0.8", "::1", "no address"]),
    ended=st.booleans(),
    connected=st.booleans(),
)
def test_only_the_one_right_offer_gets_in(
    authority: bool,
    user: bool,
    after: int,
    life: int,
    principals: list[str],
    command: str | None,
    sources: list[str],
    permits: frozenset[str],
    address: str,
    ended: bool,
    connected: bool,
) -> None:
    offer = Offer(
        login=GRANT.id,
        address=address,
        authority_known=authority,
        user_certificate=user,
        valid_after=after,
        valid_before=after + life,
        principals=tuple(principals),
        forced_command=command,
        sources=tuple(ip_network(each) for each in sources),
        permits=permits,
    )
    standing = dataclasses.replace(STANDING, ended=ended, connected=connected)
    right = (
        authority
        and user
        and after <= 1_050 < after + life
        and life <= 120
        and principals == [GRANT.id]
        and command == GRANT.id
        and bool(set(sources) & {"10.0.0.0/8", "10.0.0.7/32"})
        and permits == {FORWARDING}
        and address == "10.0.0.7"
        and not ended
        and not connected
    )
    assert (not list(broken(offer, standing))) is right


def test_a_check_that_fails_does_not_hold() -> None:
    nonsense = dataclasses.replace(GOOD, address="no address")
    assert set(broken(nonsense, STANDING)) == {Guard.CERTIFICATE_SOURCE, Guard.GRANT_SOURCE}


@pytest.mark.parametrize("field", list(TOLD))
def test_a_grant_that_lacks_a_field_is_refused(field: str) -> None:
    with pytest.raises(Refused):
        grant_of({name: value for name, value in TOLD.items() if name != field})


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0123456789ABCDEF01234567"},
        {"id": "0123456789abcdef0123456"},
        {"port": 0},
        {"port": True},
        {"port": 65_536},
        {"source": "10.0.0.0/8"},
        {"source": "laptop"},
        {"seconds": 0},
        {"seconds": -1},
        {"seconds": 1.5},
        {"budgets": []},
        {"budgets": [{"key": "a", "limit": 1}]},
        {"budgets": [{"key": "a", "limit": 2**63, "charged": 0}]},
        {"budgets": [{"key": "a", "limit": 1, "charged": -1}]},
        {"budgets": [{"key": "a", "limit": 1, "charged": 0}] * 2},
        {"budgets": {"key": "a"}},
        {"rate": 0},
        {"channels": 0},
        {"warn_percent": [101]},
        {"warn_percent": "50"},
        {"needs": "0123456789abcdef01234567"},
        {"person": ""},
        {"person": "x" * 201},
        {"host": None},
        {"may_do_everything": True},
    ],
    ids=str,
)
def test_an_odd_grant_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        grant_of({**TOLD, **change})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(told=st.fixed_dictionaries({}, optional=dict.fromkeys(TOLD, JSON)), rest=JSON)
def test_whatever_is_told_is_a_grant_or_a_refusal(told: dict[str, Any], rest: object) -> None:
    for each in (told, {**TOLD, **told}, rest):
        try:
            assert isinstance(grant_of(each), Grant)
        except Refused:
            continue


@given(st.binary(max_size=300))
def test_any_line_is_an_object_or_a_refusal(line: bytes) -> None:
    try:
        told = decode(line)
    except Refused:
        return
    assert isinstance(told, dict)


@pytest.mark.parametrize(
    "line", [b'{"do":1,"do":2}', b'{"a":NaN}', b"[" * 50_000, b"[]", b"\xff", b""], ids=repr
)
def test_a_line_that_could_be_read_in_two_ways_is_refused(line: bytes) -> None:
    with pytest.raises(Refused):
        decode(line)


@pytest.mark.parametrize("by", list(Scope))
def test_an_order_means_what_it_names(by: Scope) -> None:
    value = {"grant": GRANT.id, "person": "p", "terminal": "t", "engagement": "e", "all": ""}[by]
    assert GRANT.matches(by, value)
    assert GRANT.matches(by, "other") is (by is Scope.ALL)


def test_features_tell_keys_and_bursts() -> None:
    now = 0.0
    features = Features(key_bytes=64, key_pause=2.0, burst_gap=1.0, clock=lambda: now)
    features.channel()
    for gap in (0.0, 0.2, 0.4):
        now += gap
        features.packet(Way.UP, 1)
    features.packet(Way.UP, 5_000)
    for gap, size in ((0.0, 300), (0.5, 300), (2.0, 100)):
        now += gap
        features.packet(Way.DOWN, size)
    told = features.taken()
    assert told == {
        "seconds_us": 3_100_000,
        "bytes_up": 5_003,
        "bytes_down": 700,
        "packets_up": 4,
        "packets_down": 3,
        "channels": 1,
        "keys": 3,
        "key_gaps": 2,
        "key_gap_mean_us": 300_000,
        "key_gap_spread_us": 100_000,
        "key_gap_least_us": 200_000,
        "bursts": 2,
        "longest_burst": 600,
    }
    assert features.taken()["packets_up"] == 0


def test_pauses_hide_no_rhythm_of_the_keys() -> None:
    """Four keys at once, a wait, four more: the rhythm is that of the keys."""
    now = 0.0
    features = Features(key_bytes=64, key_pause=2.0, burst_gap=1.0, clock=lambda: now)
    for _ in range(5):
        for _ in range(4):
            features.packet(Way.UP, 1)
            now += 0.1
        now += 2.0
    told = features.taken()
    assert (told["keys"], told["key_gaps"]) == (20, 15)
    assert (told["key_gap_mean_us"], told["key_gap_spread_us"]) == (100_000, 0)
    now += 60
    features.packet(Way.UP, 1)
    alone = features.taken()
    assert (alone["keys"], alone["key_gaps"], alone["key_gap_mean_us"]) == (1, 0, 0)


def test_a_configuration_is_read_as_it_was_meant(tmp_path: Path) -> None:
    config = config_of(tmp_path, Papers(tmp_path))
    assert load(write_config(tmp_path / "bastion.toml", config)) == config


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "silence is missing"),
        ("silence = 0", "silence must be more than nought"),
        ("silence = '5'", "silence is of the wrong type"),
        ("silence = true", "silence is of the wrong type"),
        ("silence = 5.0\nguards = []", "unknown: guards"),
        ("silence = ", "Invalid value"),
    ],
)
def test_a_configuration_that_is_not_whole_stops_the_start(
    line: str, said: str, tmp_path: Path
) -> None:
    path = write_config(tmp_path / "bastion.toml", config_of(tmp_path, Papers(tmp_path)))
    kept = [each for each in path.read_text().splitlines() if not each.startswith("silence")]
    path.write_text("\n".join([*kept, line]))
    with pytest.raises(ConfigError, match=said):
        load(path)


def test_keys_that_are_missing_or_open_to_others_stop_the_start(tmp_path: Path) -> None:
    papers = Papers(tmp_path)
    papers.host_key.chmod(0o644)
    with pytest.raises(ConfigError, match="0600"):
        read_host_key(papers.host_key)
    with pytest.raises(ConfigError):
        read_host_key(tmp_path / grant_id())
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(ConfigError):
        read_authorities(tmp_path / "empty")


def test_the_shipped_configuration_and_unit_are_what_the_process_takes() -> None:
    shipped = ROOT / "deploy" / "bastion"
    config = load(shipped / "bastion.toml")
    assert config.certificate_seconds <= 120
    assert config.silence <= 5
    unit = (shipped / "scif-bastion.service").read_text("utf-8")
    assert "-m terminals.bastion --config /etc/scif-bastion/bastion.toml" in unit
    for path in (config.ledger.parent, config.control_socket.parent):
        assert path.name == "scif-bastion"
    assert "StateDirectory=scif-bastion" in unit
    assert "RuntimeDirectory=scif-bastion" in unit
    assert f"LoadCredential={config.host_key.name}:" in unit
