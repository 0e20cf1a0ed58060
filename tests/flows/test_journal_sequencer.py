"""The sequencer: what it refuses to go on with, how it recovers, whom it tells."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from scif.journal.merkle import root_from_inclusion
from scif.journal.models import Checkpoint, Entry, Outbox, Signer, Tile
from scif.journal.notes import Signer as NoteSigner
from scif.journal.notes import TreeHead, VerifierKey
from scif.journal.selectors import entries_of_kind
from scif.journal.sequencing.sequencer import BATCH, JournalMismatch, Sequencer
from scif.journal.sequencing.witness import Witness
from scif.journal.services import NotSettled, settle
from scif.journal.tree import GrowingTree, StoredTree, TreeBroken, django_fetch
from scif.journal.verification import verify_journal
from tests.flows.journal_lab import FACILITY, Lab, write

REFUSES = 3
CUT = (
    "DELETE FROM journal_entry WHERE position >= 300",
    "DELETE FROM journal_body WHERE position >= 300",
    "DELETE FROM journal_tile WHERE index > 0",
    "DELETE FROM journal_checkpoint WHERE size > 300",
)


def test_batches_continue_each_other_and_a_restart(lab: Lab) -> None:
    write(BATCH + 300)
    sequencer = lab.sequencer()
    first = sequencer.move()
    assert first is not None
    assert (first.first, len(first.headers)) == (0, BATCH)
    sequencer.sign(at_once=True)
    assert sequencer.sign(at_once=True) is None
    again = lab.sequencer()
    moved = again.move()
    assert moved is not None
    assert (moved.first, len(moved.headers)) == (BATCH, 300)
    # Not yet time, unless asked: a checkpoint was signed just now by the other.
    head = again.sign()
    assert head is not None
    assert head.size == BATCH + 300
    write(1)
    again.move()
    assert again.sign() is None
    assert [entry.subject_id for entry in Entry.objects.all()[:3]] == ["0", "1", "2"]
    assert Tile.objects.count() == (BATCH + 300) // 256
    assert verify_journal().entries == BATCH + 301


def test_proofs_from_a_tree_of_three_levels(lab: Lab) -> None:
    size = 256 * 256 + 700
    write(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_outbox (header, salt, content) SELECT header, salt, content"
            " FROM journal_outbox, generate_series(2, %s)",
            [size],
        )
    sequencer = lab.sequencer()
    while sequencer.move():
        pass
    head = sequencer.sign(at_once=True)
    assert head is not None
    assert head.size == size
    tree = StoredTree(django_fetch, size)
    assert tree.root(size) == head.root
    assert GrowingTree.of(tree).root() == head.root
    for position in (0, 255, 65_535, 65_536, size - 1):
        leaf = bytes(Entry.objects.get(pk=position).leaf_hash)
        proof = tree.inclusion_proof(position, size)
        assert root_from_inclusion(position, size, leaf, proof) == head.root
    assert Tile.objects.filter(level=1).count() == 1
    assert verify_journal(key=lab.signer.verifier).signed == size
    lab.tamper("DELETE FROM journal_tile WHERE level = 0 AND index = 7")
    with pytest.raises(TreeBroken, match="tile 0/7 is missing"):
        StoredTree(django_fetch, size).inclusion_proof(7 * 256, size)


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["DELETE FROM journal_entry WHERE position >= 550"], "truncated"),
        (CUT, "truncated: the last published checkpoint"),
        (
            ["UPDATE journal_entry SET leaf_hash = body_hash WHERE position = 20"],
            "entries 0 and 255",
        ),
        (["UPDATE journal_entry SET leaf_hash = body_hash WHERE position = 599"], "forked"),
        (["DELETE FROM journal_entry WHERE position = 599"], "truncated"),
        (["DELETE FROM journal_entry WHERE position = 20"], "entries 0 and 255"),
        (["DELETE FROM journal_entry WHERE position = 590"], "broken"),
        (["DELETE FROM journal_tile WHERE index = 0"], "entries 0 and 255"),
        (["UPDATE journal_checkpoint SET note = replace(note, '600', '599')"], "no known key"),
        (
            ["DELETE FROM journal_signer", "UPDATE journal_checkpoint SET note = 'x'"],
            "no known key",
        ),
    ],
)
def test_it_does_not_go_on_from_another_journal(
    lab: Lab, statements: tuple[str, ...], words: str
) -> None:
    lab.fill(300, 600)
    lab.tamper(*statements)
    with pytest.raises(JournalMismatch, match=words):
        lab.sequencer()


def test_it_notices_a_hand_in_the_journal_while_it_works(lab: Lab) -> None:
    sequencer = lab.fill(10)
    lab.tamper("DELETE FROM journal_entry WHERE position = 9")
    write(1)
    with pytest.raises(JournalMismatch, match="ends at 8"):
        sequencer.move()
    assert Outbox.objects.count() == 1


def test_the_process_refuses_with_a_clear_line_and_a_recovery_is_on_record(lab: Lab) -> None:
    lab.fill(300, 600)
    published = TreeHead.parse((lab.folder / "checkpoint").read_text())
    needless = lab.manage("scif_sequencer", "journal_recover", "--reason", "restored")
    assert needless.returncode == 1
    assert "continues the last published checkpoint" in needless.stderr

    lab.tamper(*CUT)
    refused = lab.manage("scif_sequencer", "sequencer")
    assert refused.returncode == REFUSES
    assert "covers 600 entries, the database holds 300" in refused.stderr
    assert "Traceback" not in refused.stderr

    write(1)
    recovered = lab.manage("scif_sequencer", "journal_recover", "--reason", "Disk of 3 May failed")
    assert recovered.returncode == 0, recovered.stderr
    entry = entries_of_kind("journal.recovered").get()
    assert (entry.position, entry.subject_id) == (300, "600")
    assert entry.body.data["reason"] == "Disk of 3 May failed"
    statement = lab.signer.verifier.verify(entry.body.data["statement"])
    assert f"lost 600 {published.text().splitlines()[2]}\n" in statement
    assert "restored 300 " in statement
    assert TreeHead.parse(entry.body.data["lost_checkpoint"]) == published
    assert (lab.folder / "checkpoint.lost-600").exists()
    with lab.running():
        checkpoint = settle()
    assert checkpoint is not None
    assert checkpoint.size == 302
    assert verify_journal(key=lab.signer.verifier).entries == 302


def test_a_new_key_goes_on_under_the_same_origin(lab: Lab) -> None:
    lab.fill(5)
    fresh = NoteSigner(lab.signer.name, Ed25519PrivateKey.generate())
    witness = Witness(lab.folder, fresh)
    # What today's key did not sign is left out of account.
    assert witness.head() is None
    sequencer = Sequencer(lab.role("scif_sequencer"), fresh, witness, published=None)
    write(2)
    sequencer.move()
    sequencer.sign(at_once=True)
    assert Signer.objects.count() == 2
    assert verify_journal(key=fresh.verifier).signed == 7
    note = Checkpoint.objects.get(size=7).note
    assert VerifierKey.parse((lab.folder / "vkey").read_text()).verify(note)


def test_another_origin_is_another_journal(lab: Lab) -> None:
    lab.fill(5)
    other = NoteSigner("other/journal", lab.signer.private)
    with pytest.raises(JournalMismatch, match="another journal"):
        Sequencer(lab.role("scif_sequencer"), other, Witness(lab.folder, other), published=None)


def test_settle_gives_up_without_a_sequencer(lab: Lab) -> None:
    assert settle() is None
    write(1)
    with pytest.raises(NotSettled):
        settle(timeout_seconds=0.05)


def test_live_screens_and_listeners_are_told(lab: Lab) -> None:
    async def hear() -> dict[str, object]:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add("journal", channel)
        await sync_to_async(write)(2, kind="live.written")
        message: dict[str, object] = await asyncio.wait_for(layer.receive(channel), 10)
        return message

    listener = lab.role("scif_web")
    listener.execute("LISTEN journal_published")
    with lab.running():
        message = asyncio.run(hear())
        checkpoint = settle()
    assert checkpoint is not None
    assert checkpoint.size == 2
    (notice,) = listener.notifies(timeout=5, stop_after=1)
    assert notice.payload == "1"
    assert message == {
        "type": "journal.entries",
        "entries": [
            {
                "position": position,
                "kind": "live.written",
                "facility": str(FACILITY),
                "subject": {"type": "test.subject", "id": str(position)},
            }
            for position in (0, 1)
        ],
    }
    assert "Ada" not in json.dumps(message)
