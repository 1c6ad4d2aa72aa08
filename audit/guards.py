"""What the database refuses, whatever the code does: operations for migrations.

Plain triggers and grants, made by the owner; the runtime roles can neither drop nor switch them off.
"""

from collections.abc import Iterable

from django.db import migrations


def append_only(table: str) -> migrations.RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE on `table`, and take these rights from the runtime roles."""
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation'; END $$;
        CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_append_only();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only();
        REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM lra_runtime;
        """,
        f"""
        DROP FUNCTION {table}_append_only() CASCADE;
        GRANT UPDATE, DELETE ON {table} TO lra_runtime;
        """,
    )


def status_guard(table: str, pairs: Iterable[tuple[str, str]], initial: Iterable[str]) -> migrations.RunSQL:
    """Refuse every change of `status` that is not among `pairs`, and birth outside `initial`.

    The pairs are written out in the migration; a test holds them beside the app's `states.py`.
    """
    moves = ", ".join(f"('{source}', '{target}')" for source, target in pairs)
    births = ", ".join(f"'{state}'" for state in initial)
    return migrations.RunSQL(
        f"""
        CREATE OR REPLACE FUNCTION {table}_status_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.status NOT IN ({births}) THEN
                    RAISE EXCEPTION '{table}: no row is born as %', NEW.status
                        USING ERRCODE = 'check_violation';
                END IF;
            ELSIF NEW.status IS DISTINCT FROM OLD.status
                  AND (OLD.status, NEW.status) NOT IN ({moves}) THEN
                RAISE EXCEPTION '{table}: % does not become %', OLD.status, NEW.status
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;
        DROP TRIGGER IF EXISTS {table}_status ON {table};
        CREATE TRIGGER {table}_status BEFORE INSERT OR UPDATE OF status ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_status_guard();
        """,
        f"DROP FUNCTION {table}_status_guard() CASCADE;",
    )


def facts_stay(
    table: str, columns: Iterable[str], once: Iterable[str] = (), until_erased: Iterable[str] = ()
) -> migrations.RunSQL:
    """Refuse DELETE on `table`, every change of `columns`, and a second value for the columns of `once`.

    The columns of `until_erased` change in the one statement alone that sets contents_erased_at; a constraint of the
    table says that they are empty then.
    """
    changed = [f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns]
    changed += [f"(OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})" for column in once]
    kept = "(NEW.contents_erased_at IS NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})"
    changed += [kept.format(column=column) for column in until_erased]
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {table}_facts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF NOT ({" OR ".join(changed)}) THEN RETURN NEW; END IF;
            END IF;
            RAISE EXCEPTION '{table}: what is on record stays' USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER {table}_facts BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_facts_stay();
        """,
        f"DROP FUNCTION {table}_facts_stay() CASCADE;",
    )


def reader_may_select(*tables: str) -> migrations.RunSQL:
    """Let responder and repository read `tables`; they read nothing else."""
    names = ", ".join(tables)
    return migrations.RunSQL(
        f"GRANT SELECT ON {names} TO lra_reader;",
        f"REVOKE SELECT ON {names} FROM lra_reader;",  # noqa: S608 — table names of our own migrations
    )
