"""The steps of a laptop and of a boot image are the database's, too.

INVARIANT: the tables are those of ``terminals/rules/states.py``; a test compares them. Whoever
writes past the services still cannot bring a laptop out of quarantine without two people.
"""

from django.db import migrations

STEPS = """
-- First argument: the state that a row begins in. Second: each step as before>after.
CREATE FUNCTION terminals_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '% % stays on record', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.state <> TG_ARGV[0] THEN
            RAISE EXCEPTION '% begins as %, not as %', TG_TABLE_NAME, TG_ARGV[0], NEW.state
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NEW.state <> OLD.state
        AND NOT (OLD.state || '>' || NEW.state = ANY (string_to_array(TG_ARGV[1], ' '))) THEN
        RAISE EXCEPTION '% does not go from % to %', TG_TABLE_NAME, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_steps BEFORE INSERT OR UPDATE OR DELETE ON terminals_terminal
    FOR EACH ROW EXECUTE FUNCTION terminals_steps('registered',
        'in_session>issued in_session>locked in_session>lost in_session>quarantined in_session>returned in_store>issued in_store>locked in_store>lost in_store>quarantined in_store>retired inspected>in_store inspected>locked inspected>lost inspected>quarantined issued>in_session issued>locked issued>lost issued>quarantined issued>returned locked>issued locked>lost locked>quarantined locked>returned lost>quarantined lost>retired quarantined>in_store quarantined>lost quarantined>retired registered>in_store registered>retired returned>inspected returned>locked returned>lost returned>quarantined');
CREATE TRIGGER terminals_steps BEFORE INSERT OR UPDATE OR DELETE ON terminals_bootimage
    FOR EACH ROW EXECUTE FUNCTION terminals_steps('proposed',
        'approved>withdrawn proposed>approved proposed>withdrawn');
ALTER TABLE terminals_terminal ENABLE ALWAYS TRIGGER terminals_steps;
ALTER TABLE terminals_bootimage ENABLE ALWAYS TRIGGER terminals_steps;
"""

# Runs after terminals_steps: triggers of a table fire in the order of their names.
GROUNDS = """
CREATE FUNCTION terminals_terminal_grounds() RETURNS trigger LANGUAGE plpgsql AS $$
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
            AND proof.decided_at >= stay.placed_at), false) INTO grounds
        FROM (SELECT * FROM terminals_quarantine WHERE terminal_id = NEW.id
              ORDER BY ended_at DESC NULLS FIRST, placed_at DESC LIMIT 1) AS stay
        LEFT JOIN terminals_attestation AS proof ON proof.id = stay.attestation_id;
    ELSIF NEW.state = 'quarantined' THEN
        grounds := EXISTS (SELECT FROM terminals_quarantine
            WHERE terminal_id = NEW.id AND ended_at IS NULL);
    ELSIF NEW.state = 'issued' THEN
        grounds := EXISTS (SELECT FROM terminals_terminalcustody
            WHERE terminal_id = NEW.id AND ended_at IS NULL);
    ELSIF NEW.state = 'lost' THEN
        grounds := EXISTS (SELECT FROM terminals_lossreport
            WHERE terminal_id = NEW.id AND found_at IS NULL);
    END IF;
    IF NOT grounds THEN
        RAISE EXCEPTION 'laptop % has no record that lets it be %', NEW.id, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terminals_terminal_grounds BEFORE UPDATE ON terminals_terminal
    FOR EACH ROW EXECUTE FUNCTION terminals_terminal_grounds();
ALTER TABLE terminals_terminal ENABLE ALWAYS TRIGGER terminals_terminal_grounds;
"""

KEPT = """
CREATE FUNCTION terminals_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % is decided and refuses %', TG_TABLE_NAME, OLD.id, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER terminals_stays BEFORE UPDATE ON terminals_attestation
    FOR EACH ROW WHEN (OLD.outcome <> 'asked') EXECUTE FUNCTION terminals_stays();
CREATE TRIGGER terminals_stays_on_record BEFORE DELETE ON terminals_attestation
    FOR EACH ROW EXECUTE FUNCTION terminals_stays();
CREATE TRIGGER terminals_stays BEFORE UPDATE ON terminals_quarantine
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION terminals_stays();
CREATE TRIGGER terminals_stays_on_record BEFORE DELETE ON terminals_quarantine
    FOR EACH ROW EXECUTE FUNCTION terminals_stays();
CREATE TRIGGER terminals_stays BEFORE UPDATE ON terminals_bootimage
    FOR EACH ROW WHEN (
        (NEW.name, NEW.version, NEW.image_sha256, NEW.pcr0, NEW.pcr7, NEW.pcr11, NEW.facility_id)
        IS DISTINCT FROM (OLD.name, OLD.version, OLD.image_sha256, OLD.pcr0, OLD.pcr7, OLD.pcr11,
        OLD.facility_id)
        OR (OLD.first_approver_id IS NOT NULL
            AND NEW.first_approver_id IS DISTINCT FROM OLD.first_approver_id)
        OR (OLD.second_approver_id IS NOT NULL
            AND NEW.second_approver_id IS DISTINCT FROM OLD.second_approver_id))
    EXECUTE FUNCTION terminals_stays();
ALTER TABLE terminals_attestation ENABLE ALWAYS TRIGGER terminals_stays;
ALTER TABLE terminals_attestation ENABLE ALWAYS TRIGGER terminals_stays_on_record;
ALTER TABLE terminals_quarantine ENABLE ALWAYS TRIGGER terminals_stays;
ALTER TABLE terminals_quarantine ENABLE ALWAYS TRIGGER terminals_stays_on_record;
ALTER TABLE terminals_bootimage ENABLE ALWAYS TRIGGER terminals_stays;
"""


class Migration(migrations.Migration):
    dependencies = [("terminals", "0001_initial")]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (STEPS, GROUNDS, KEPT)]
