#!/bin/bash
# Run once by the postgres container on an empty data folder: roles with their passwords, then the database.
set -euo pipefail
here=/srv/roles
ask=(psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER")

"${ask[@]}" --dbname postgres --file "$here/roles.sql"
for role in owner web worker signer responder repository; do
    "${ask[@]}" --dbname postgres --set role="lra_$role" --set password="$(cat "/run/secrets/password_$role")" <<'SQL'
ALTER ROLE :"role" PASSWORD :'password';
SQL
done
"${ask[@]}" --dbname postgres --command 'CREATE DATABASE lra OWNER lra_owner'
"${ask[@]}" --dbname lra --file "$here/database.sql"
