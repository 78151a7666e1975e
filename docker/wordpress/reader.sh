#!/bin/sh
# Run by MariaDB's image when the database is made: the gateway's account, which may read the site's tables and nothing else.
# Tables are made later, by WordPress, so it cannot be told which columns yet.
set -eu
MYSQL_PWD="$MARIADB_ROOT_PASSWORD" mariadb --user=root <<SQL
CREATE USER 'gateway'@'%' IDENTIFIED BY '$(cat /run/secrets/reader_password)';
GRANT SELECT ON wordpress.* TO 'gateway'@'%';
SQL
