#!/bin/sh
# Makes the secrets of docker-compose.yml in secrets/, once; never replaces one that is there.
# The containers run as uid 10001, so the files are readable; the folder is not.
set -eu
cd "$(dirname "$0")/.."
mkdir -p secrets
chmod 700 secrets

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
# An empty secret would be worse than none: without od, say, nothing is written.
keep() { [ -n "$2" ] || { echo "$1: no random bytes could be had" >&2; exit 1; }; [ -s "secrets/$1" ] || printf %s "$2" >"secrets/$1"; chmod 644 "secrets/$1"; }

keep postgres_password "$(random)"
keep vault_postgres_password "$(random)"
keep vault_master_key "$(random)"
keep database "host=postgres dbname=hengwen user=hengwen password=$(cat secrets/postgres_password)"
keep vault_database "host=vault-postgres dbname=hengwen_vault user=hengwen_vault password=$(cat secrets/vault_postgres_password)"
