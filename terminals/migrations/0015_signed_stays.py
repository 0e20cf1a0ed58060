"""Who signed for a laptop stays on record, and it leaves a session only once that is over.

INVARIANT: whoever writes past the services makes nobody's hand-over unsigned.
"""

from django.db import migrations

# As in 0014_more_grounds, and what stands on an open session.
GROUNDS = """
CREATE OR REPLACE FUNCTION terminals_terminal_grounds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    grounds boolean := true;
BEGIN
    IF (NEW.attestation_key, NEW.endorsement_sha256, NEW.serial, NEW.facility_id,
        NEW.enrolled_by_id) IS DISTINCT FROM (OLD.attestation_key, OLD.endorsement_sha256,
        OLD.serial, OLD.facility_id, OLD.enrolled_by_id)
        OR (OLD.confirmed_by_id IS NOT NULL
            AND NEW.confirmed_by_id IS DISTINCT FROM OLD.confirmed_by_id) THEN
        RAISE EXCEPTION 'the keys of laptop % were enrolled by two people and stay', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF OLD.state = 'quarantined' AND NEW.state = 'in_store' THEN
        -- The last stay, so that an earlier release is good for no later one.
        SELECT coalesce(bool_and(
            stay.ended_how = 'released' AND stay.asked_by_id <> stay.released_by_id
            AND proof.terminal_id = NEW.id AND proof.outcome = 'accepted'
            AND proof.decided_at >= stay.placed_at
            -- The seals that were read, and no other, are on it now.
            AND coalesce((SELECT jsonb_agg(number) @> stay.seals_read
                    AND jsonb_agg(number) <@ stay.seals_read
                FROM terminals_seal WHERE terminal_id = NEW.id AND removed_at IS NULL), false)
            ), false) INTO grounds
        FROM (SELECT * FROM terminals_quarantine WHERE terminal_id = NEW.id
              ORDER BY ended_at DESC NULLS FIRST, placed_at DESC LIMIT 1) AS stay
        LEFT JOIN terminals_attestation AS proof ON proof.id = stay.attestation_id;
    ELSIF NEW.state = 'quarantined' THEN
        grounds := EXISTS (SELECT FROM terminals_quarantine
            WHERE terminal_id = NEW.id AND ended_at IS NULL);
    ELSIF NEW.state = 'issued' THEN
        grounds := EXISTS (SELECT FROM terminals_terminalcustody
                WHERE terminal_id = NEW.id AND ended_at IS NULL)
            -- Its session is over on record before the laptop is out of it.
            AND (OLD.state <> 'in_session' OR NOT EXISTS (SELECT FROM terminals_session
                WHERE terminal_id = NEW.id AND state <> 'ended'));
    ELSIF NEW.state = 'in_session' THEN
        grounds := EXISTS (SELECT FROM terminals_session
            WHERE terminal_id = NEW.id AND state = 'requested');
    ELSIF NEW.state = 'inspected' THEN
        -- A lock that is lifted while nobody holds the laptop ends like a return.
        grounds := EXISTS (SELECT FROM terminals_terminalinspection
            WHERE terminal_id = NEW.id AND passed AND at >= ALL (
                SELECT ended_at FROM terminals_terminalcustody
                    WHERE terminal_id = NEW.id AND ended_at IS NOT NULL
                UNION ALL SELECT ended_at FROM terminals_terminallock
                    WHERE terminal_id = NEW.id AND ended_at IS NOT NULL));
    ELSIF NEW.state = 'locked' THEN
        grounds := EXISTS (SELECT FROM terminals_terminallock
            WHERE terminal_id = NEW.id AND ended_at IS NULL);
    ELSIF NEW.state = 'lost' THEN
        grounds := EXISTS (SELECT FROM terminals_lossreport
            WHERE terminal_id = NEW.id AND found_at IS NULL);
    END IF;
    IF grounds AND OLD.state = 'locked' THEN
        -- A quarantine or a loss ends a lock, too; back into use only somebody who lifts it, and
        -- that was the last one: an earlier lifting is good for no later lock.
        grounds := NOT EXISTS (SELECT FROM terminals_terminallock
                WHERE terminal_id = NEW.id AND ended_at IS NULL)
            AND (NEW.state NOT IN ('issued', 'returned') OR (SELECT lifted_by_id
                FROM terminals_terminallock WHERE terminal_id = NEW.id
                ORDER BY requested_at DESC LIMIT 1) IS NOT NULL);
    END IF;
    IF NOT grounds THEN
        RAISE EXCEPTION 'laptop % has no record that lets it be %', NEW.id, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

SIGNATURES = """
CREATE TRIGGER terminals_stays BEFORE UPDATE OR DELETE ON terminals_terminalsignature
    FOR EACH ROW EXECUTE FUNCTION terminals_stays();
ALTER TABLE terminals_terminalsignature ENABLE ALWAYS TRIGGER terminals_stays;
"""

# The seals of a request are compared in capitals and without blanks now: one that was made before
# is to be made anew, which is asked for in words.
REQUESTS = """
UPDATE terminals_quarantine SET asked_by_id = NULL, asked_at = NULL
    WHERE ended_at IS NULL AND asked_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("terminals", "0014_more_grounds"),
    ]

    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (GROUNDS, SIGNATURES, REQUESTS)
    ]
