#!/bin/sh
# Tells Gitea, once, to ask the gateway who people are and whether their passwords are right. All it reads, it reads as its own
# account; as people it only binds.
set -eu
# It may still be making its database.
tries=60
until known="$(gitea admin auth list)"; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || exit 1
  sleep 1
done
echo "$known" | grep -qw company && exit 0
gitea admin auth add-ldap --name company --host 127.0.0.1 --port 1389 --security-protocol unencrypted \
  --bind-dn cn=gitea,dc=example,dc=com --bind-password "$(cat /run/secrets/bind_password)" --attributes-in-bind \
  --user-search-base ou=people,dc=example,dc=com --user-filter '(&(objectClass=inetOrgPerson)(uid=%s))' \
  --admin-filter '(memberOf=cn=administrators,ou=groups,dc=example,dc=com)' \
  --username-attribute uid --firstname-attribute givenName --surname-attribute sn --email-attribute mail
