#!/bin/sh
# Writes .env for compose.n8n.yaml: .env.example, with a new secret of 32 bytes for every variable that is empty there.
set -eu
cd "$(dirname "$0")/../.."

if [ -e .env ]; then
	echo ".env is there already, and stays as it is. Compare it with .env.example by hand." >&2
	exit 1
fi
umask 077
while IFS= read -r line; do
	case $line in
	[A-Z]*=) echo "$line$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" ;;
	*) echo "$line" ;;
	esac
done <.env.example >.env
echo ".env has new secrets. Keep a copy of it: without N8N_ENCRYPTION_KEY n8n's credentials cannot be read again."
