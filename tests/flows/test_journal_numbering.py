"""By a gateway's own numbers the journal shows whether an event was left out or taken twice."""

import pytest

from scif.journal import verifier
from scif.journal.selectors import bundle_lines
from scif.journal.services import GatewaySource
from scif.journal.verification import verify_journal
from scif.journal.verifier import EXIT, Fault
from tests.flows.journal_lab import Lab, write
from tests.roles import as_ingester


@pytest.mark.parametrize(
    ("numbers", "what"),
    [
        ([1, 2, 4], "missing event: entry 2: event 3 of gateway g1, epoch 7 is not in"),
        ([2], "missing event: entry 0: event 1 of gateway g1"),
        ([1, 2, 3, 2], "repeated event: entry 3: event 2 of gateway g1, epoch 7 stands behind"),
        ([1, 1], "repeated event: entry 1: event 1 of gateway g1"),
    ],
)
def test_a_gateways_own_numbering_has_no_gap_and_no_double(
    lab: Lab, numbers: list[int], what: str
) -> None:
    sequencer = lab.sequencer()
    with as_ingester():
        for gateway in ("g1", "g2"):
            for number in numbers if gateway == "g1" else (1, 2, 3):
                write(1, source=GatewaySource(gateway, 7, number, "ab" * 32, None))
        write(1, source=GatewaySource("g1", 8, 1, "ab" * 32, None))
    sequencer.move()
    sequencer.sign(at_once=True)
    for check in (verify_journal, lambda: verifier.verify(bundle_lines())):
        with pytest.raises(Fault, match=what) as found:
            check()
        assert EXIT[found.value.what] == 7


def test_gateways_side_by_side_and_a_new_epoch_hold(lab: Lab) -> None:
    sequencer = lab.sequencer()
    with as_ingester():
        for gateway, epoch, number in (("g1", 7, 1), ("g2", 3, 1), ("g1", 7, 2), ("g1", 8, 1)):
            write(1, source=GatewaySource(gateway, epoch, number, "ab" * 32, None))
    sequencer.move()
    sequencer.sign(at_once=True)
    assert verify_journal().entries == verifier.verify(bundle_lines()).entries == 4
