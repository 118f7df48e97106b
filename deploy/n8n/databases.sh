#!/bin/sh
# PostgreSQL's image runs this once, at the first start: a user and a database for n8n and for the runner, apart from each
# other and without rights to anything else.
set -eu

psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
	--set n8n_password="$N8N_DB_PASSWORD" --set sureping_password="$SUREPING_DB_PASSWORD" <<'SQL'
CREATE USER n8n PASSWORD :'n8n_password';
CREATE DATABASE n8n OWNER n8n;
REVOKE CONNECT ON DATABASE n8n FROM PUBLIC;
CREATE USER sureping PASSWORD :'sureping_password';
CREATE DATABASE sureping OWNER sureping;
REVOKE CONNECT ON DATABASE sureping FROM PUBLIC;
SQL
