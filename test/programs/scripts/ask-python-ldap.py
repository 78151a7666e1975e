"""Asks the directory with python-ldap; prints what came of it as JSON. Arguments: URL, suffix, reader's DN and password."""
import json
import sys

import ldap
from ldap.controls import SimplePagedResultsControl
from ldap.dn import escape_dn_chars
from ldap.filter import escape_filter_chars, filter_format

url, suffix, reader, reader_password = sys.argv[1:5]
people = "ou=people," + suffix
groups = "ou=groups," + suffix
asked = json.load(sys.stdin)


def connect(dn, password):
    other = ldap.initialize(url)
    other.set_option(ldap.OPT_NETWORK_TIMEOUT, 10)
    other.set_option(ldap.OPT_REFERRALS, 0)
    other.simple_bind_s(dn, password)
    return other


def bind(dn, password):
    try:
        connect(dn, password).unbind_s()
        return "success"
    except ldap.INVALID_CREDENTIALS:
        return "invalidCredentials"


connection = connect(reader, reader_password)
result = {}
result["found"] = {}
for uid, cn in asked["names"].items():
    answer = connection.search_s(
        people, ldap.SCOPE_SUBTREE, filter_format("(&(objectClass=person)(cn=%s))", [cn]), ["uid", "mail"]
    )
    result["found"][uid] = [[dn, entry["uid"][0].decode(), entry["mail"][0].decode()] for dn, entry in answer]
result["binds"] = {
    name: bind("uid=%s,%s" % (escape_dn_chars(uid), people), password)
    for name, [uid, password] in asked["binds"].items()
}
answer = connection.search_s(
    groups, ldap.SCOPE_SUBTREE, "(member=uid=ada,%s)" % escape_filter_chars(people), ["cn"]
)
result["groups"] = sorted(entry["cn"][0].decode() for _, entry in answer)
paging = SimplePagedResultsControl(True, size=2, cookie="")
paged = []
while True:
    message = connection.search_ext(people, ldap.SCOPE_SUBTREE, "(uid=*)", ["uid"], serverctrls=[paging])
    _, data, _, controls = connection.result3(message)
    paged += [entry["uid"][0].decode() for _, entry in data]
    paging.cookie = controls[0].cookie
    if not paging.cookie:
        break
result["paged"] = sorted(paged)
dn = "uid=ada," + people
result["compare"] = [connection.compare_s(dn, "sn", b"LOVELACE"), connection.compare_s(dn, "sn", b"Hopper")]
result["whoami"] = connection.whoami_s()
try:
    connection.search_s("uid=nobody," + people, ldap.SCOPE_BASE)
except ldap.LDAPError as error:
    result["missing"] = error.args[0]["result"]
connection.unbind_s()
print(json.dumps(result))
