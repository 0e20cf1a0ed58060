"""A body is erased only where an entry, or one that waits for its position, says so."""

from django.db import migrations

ERASE = """
CREATE OR REPLACE FUNCTION journal_body_erase(positions bigint[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    erased integer;
    silent bigint;
BEGIN
    SELECT position INTO silent FROM public.journal_body
        WHERE position = ANY (positions) AND content IS NOT NULL AND position NOT IN (
            SELECT subject_id::bigint FROM public.journal_entry
                WHERE kind = 'body.purged'
            UNION ALL
            SELECT (header::jsonb -> 'subject' ->> 'id')::bigint FROM public.journal_outbox
                WHERE header::jsonb ->> 'kind' = 'body.purged')
        ORDER BY position LIMIT 1;
    IF silent IS NOT NULL THEN
        RAISE EXCEPTION 'entry %: no entry tells that its body is purged', silent
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE public.journal_body SET salt = NULL, content = NULL
        WHERE position = ANY (positions) AND content IS NOT NULL;
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_journal")]
    operations = [migrations.RunSQL(ERASE, migrations.RunSQL.noop)]
