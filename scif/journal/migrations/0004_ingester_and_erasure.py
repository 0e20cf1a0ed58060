"""Who may journal a gateway's facts, and who erases: the ingester's role, the sequencer's hand.

Whatever holds the web role's password writes entries in anybody's name. It shall not write a gateway's
facts, nor erase a text: the sequencer does, when an entry of two people has its position.
"""

from django.db import migrations

# The owner who made scif_web may grant it; where a database administrator made the roles, he has
# granted it too (deploy/postgres/10-roles.sh).
ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'scif_ingester') THEN
        BEGIN
            CREATE ROLE scif_ingester LOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database's migration made it just now
        END;
    END IF;
    IF NOT pg_has_role('scif_ingester', 'scif_web', 'MEMBER') THEN
        GRANT scif_web TO scif_ingester;
    END IF;
END $$;
"""

ADMIT = """
-- INVARIANT: only the ingester journals what a gateway reported. An erasure bears the time of this
-- database, so that none can be dated back, and is written as the verifier looks for it.
CREATE FUNCTION journal_outbox_admit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fields constant jsonb := NEW.header::jsonb;
BEGIN
    IF fields ? 'source' AND NOT pg_has_role(current_user, 'scif_ingester', 'MEMBER') THEN
        RAISE EXCEPTION '% may not journal what a gateway reports', current_user
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF fields ->> 'kind' = 'body.purged' AND NOT (
        NEW.header LIKE '%"kind":"body.purged"%'
        AND fields #>> '{subject,type}' = 'journal.entry'
        AND fields #>> '{subject,id}' ~ '^(0|[1-9][0-9]{0,17})$'
        AND fields ->> 'occurred_at' = fields ->> 'recorded_at'
        AND public.journal_time(fields ->> 'recorded_at')
            BETWEEN clock_timestamp() - interval '2 minutes'
                AND clock_timestamp() + interval '2 minutes')
    THEN
        RAISE EXCEPTION 'the journal takes no such record of an erasure'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER journal_outbox_admit AFTER INSERT ON journal_outbox
    FOR EACH ROW EXECUTE FUNCTION journal_outbox_admit();
ALTER TABLE journal_outbox ENABLE ALWAYS TRIGGER journal_outbox_admit;
"""

ERASE = """
DROP FUNCTION journal_body_erase(bigint[]);

-- Who approved, as the body of an erasure's entry says; NULL for a body that says nothing readable,
-- which must not stop the sequencer.
CREATE FUNCTION journal_approver(content bytea) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN convert_from(content, 'UTF8')::jsonb ->> 'approved_by';
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$;

-- Erase what the entries at these positions say is purged. An entry that does not name two
-- different people, or an earlier entry, erases nothing.
CREATE FUNCTION journal_body_erase(purges bigint[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    erased integer;
BEGIN
    WITH lawful AS MATERIALIZED (
        SELECT purge.subject_id::bigint AS target FROM public.journal_entry AS purge
        JOIN public.journal_body AS said ON said.position = purge.position
        WHERE purge.position = ANY (purges)
            AND CASE WHEN purge.kind = 'body.purged' AND purge.subject_type = 'journal.entry'
                    AND purge.subject_id ~ '^[0-9]{1,18}$'
                THEN purge.subject_id::bigint < purge.position
                    AND public.journal_approver(said.content) <> purge.actor_reference
                ELSE false END)
    UPDATE public.journal_body AS body SET salt = NULL, content = NULL
        FROM lawful WHERE body.position = lawful.target AND body.content IS NOT NULL;
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$;
REVOKE ALL ON FUNCTION journal_body_erase(bigint[]), journal_approver(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION journal_body_erase(bigint[]) TO scif_sequencer;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_purge_record")]
    operations = [migrations.RunSQL(sql) for sql in (ROLE, ADMIT, ERASE)]
