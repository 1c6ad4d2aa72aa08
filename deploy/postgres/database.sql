-- What holds for one whole database, run in it by a superuser, idempotent.
-- Grants on a database are not copied from its template, so this runs again for every copy.

DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO lra_owner, lra_runtime, lra_reader', current_database());
    EXECUTE format('ALTER DATABASE %I SET timezone TO ''UTC''', current_database());
END
$$;

-- Periods of one contract number may not overlap: the constraint compares numbers and times in one index.
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO lra_owner;
GRANT USAGE ON SCHEMA public TO lra_runtime, lra_reader;

-- Tables made later by the owner: the runtime may read and write them; a migration takes
-- UPDATE and DELETE away again where rows are evidence. Readers get nothing by default.
ALTER DEFAULT PRIVILEGES FOR ROLE lra_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lra_runtime;
ALTER DEFAULT PRIVILEGES FOR ROLE lra_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO lra_runtime;
