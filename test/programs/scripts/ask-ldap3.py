"""Asks the directory with ldap3; prints what came of it as JSON. Arguments: URL, suffix, reader's DN and password."""
import json
import sys

from ldap3 import ALL, ASYNC, BASE, SUBTREE, Connection, Server
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

url, suffix, reader, reader_password = sys.argv[1:5]
people = "ou=people," + suffix
groups = "ou=groups," + suffix
asked = json.load(sys.stdin)
server = Server(url, get_info=ALL)
connection = Connection(server, reader, reader_password, auto_bind=True)


def bind(dn, password):
    other = Connection(server, dn, password)
    bound = other.bind()
    description = other.result["description"]
    other.unbind()
    return "success" if bound else description


def search(base, text, attributes, **options):
    connection.search(base, text, SUBTREE, attributes=attributes, **options)
    return connection.response


result = {}
result["found"] = {}
for uid, cn in asked["names"].items():
    answer = search(people, "(&(objectClass=person)(cn=%s))" % escape_filter_chars(cn), ["uid", "mail"])
    result["found"][uid] = [[e["dn"], e["attributes"]["uid"][0], e["attributes"]["mail"][0]] for e in answer]
result["binds"] = {
    name: bind("uid=%s,%s" % (escape_rdn(uid), people), password) for name, [uid, password] in asked["binds"].items()
}
result["groups"] = sorted(
    e["attributes"]["cn"][0] for e in search(groups, "(member=uid=ada,%s)" % escape_filter_chars(people), ["cn"])
)
pages = connection.extend.standard.paged_search(people, "(uid=*)", SUBTREE, attributes=["uid"], paged_size=2, generator=True)
result["paged"] = sorted(e["attributes"]["uid"][0] for e in pages)
dn = "uid=ada," + people
result["compare"] = [connection.compare(dn, "sn", "LOVELACE"), connection.compare(dn, "sn", "Hopper")]
result["whoami"] = connection.extend.standard.who_am_i()
connection.search("uid=nobody," + people, "(objectClass=*)", BASE)
result["missing"] = connection.result["result"]

# What only this library does: reading the schema and typing values by it, and many searches under way at a time.
entry = search(people, "(uid=ada)", ["uidNumber"])[0]
result["own"] = {
    "controls": sorted(oid for oid, *_ in server.info.supported_controls),
    "uidNumber": entry["attributes"]["uidNumber"],
    "equality": server.schema.attribute_types["mail"].equality,
}
many = Connection(server, reader, reader_password, client_strategy=ASYNC, auto_bind=True)
ids = [many.search(people, "(uid=%s)" % uid, SUBTREE, attributes=["uid"]) for uid in ["ada", "grace", "jurgen"] * 5]
result["own"]["async"] = sum(len(many.get_response(one)[0]) for one in ids)
many.unbind()
connection.unbind()
print(json.dumps(result))
