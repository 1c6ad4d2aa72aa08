-- The roles of the database: one owner that migrates, one login for each kind of process.
-- Idempotent, run by a superuser; passwords are set apart (roles.sh, or the starter of the
-- quick start). What a role may do to a table is said in the migrations and in database.sql.

DO $$
DECLARE
    wanted text;
BEGIN
    -- Groups: nobody signs in as one of these.
    FOREACH wanted IN ARRAY ARRAY['lra_runtime', 'lra_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
    FOREACH wanted IN ARRAY ARRAY[
        'lra_owner', 'lra_web', 'lra_worker', 'lra_signer', 'lra_responder', 'lra_repository'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', wanted);
        END IF;
    END LOOP;
END
$$;

GRANT lra_runtime TO lra_web, lra_worker, lra_signer;
GRANT lra_reader TO lra_responder, lra_repository;
