#!/bin/sh
# Run by PostgreSQL's image after seed.sql: the gateway's account, which may read these tables and nothing else.
set -eu
psql --no-psqlrc -v ON_ERROR_STOP=1 -v password="$(cat /run/secrets/reader_password)" --dbname=hr <<'SQL'
CREATE ROLE gateway LOGIN PASSWORD :'password';
GRANT SELECT ON people, teams, team_members TO gateway;
SQL
