#!/bin/sh
# Makes the secrets that the compose.yaml of this folder names, in ./secrets: random passwords, and a certificate of its own
# for "localhost". What is there already stays. Containers have accounts of their own, so the files can be read by all; the
# folder keeps others on this machine out.
#   cd docker/gitea && ../secrets.sh
set -eu
mkdir -p secrets
chmod 700 secrets
for name in $(sed -n 's,^ *file: \./secrets/,,p' compose.yaml); do
  [ -e "secrets/$name" ] && continue
  case "$name" in
    tls.key) ;;
    tls.crt)
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,DNS:gateway,DNS:gateway-1,DNS:gateway-2,IP:127.0.0.1 \
        -keyout secrets/tls.key -out secrets/tls.crt 2>/dev/null
      chmod 444 secrets/tls.key
      ;;
    *) openssl rand -hex 24 | tr -d '\n' > "secrets/$name" ;;
  esac
  chmod 444 "secrets/$name"
done
