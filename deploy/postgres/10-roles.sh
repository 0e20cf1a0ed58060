#!/bin/sh
# Runs once, when the database's volume is empty: the owner, the roles of the processes, their
# passwords. Tables and what each role may do in them are the migrations' business.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner="$(cat /run/secrets/db_owner)" --set web="$(cat /run/secrets/db_web)" \
    --set ingester="$(cat /run/secrets/db_ingester)" \
    --set sequencer="$(cat /run/secrets/db_sequencer)" \
    --set control="$(cat /run/secrets/db_control)" \
    --set gateway="$(cat /run/secrets/db_gateway_MAIN)" <<'SQL'
-- The owner makes the roles of gateways that are added later (manage.py gateway_role).
CREATE ROLE scif_owner LOGIN CREATEROLE PASSWORD :'owner';
CREATE ROLE scif_web LOGIN PASSWORD :'web';
-- What web may, and to say what of the gateways' events was applied.
CREATE ROLE scif_ingester LOGIN PASSWORD :'ingester' IN ROLE scif_web;
CREATE ROLE scif_sequencer LOGIN PASSWORD :'sequencer';
CREATE ROLE scif_control LOGIN PASSWORD :'control';
CREATE ROLE scif_gateway NOLOGIN;
GRANT scif_gateway TO scif_owner WITH ADMIN OPTION;
CREATE ROLE "scif_gateway_MAIN" LOGIN PASSWORD :'gateway' IN ROLE scif_gateway;
CREATE DATABASE scif OWNER scif_owner;
SQL
