"""What python-ldap's applications do, against the server given as argument; prints what came of it as JSON."""
import json
import sys

import ldap
import ldap.schema
from ldap.controls import SimplePagedResultsControl

url, suffix, user, password = sys.argv[1:5]
people = "ou=people," + suffix
result = {}


def connect():
    connection = ldap.initialize(url)
    connection.set_option(ldap.OPT_NETWORK_TIMEOUT, 10)
    connection.set_option(ldap.OPT_TIMEOUT, 10)
    connection.set_option(ldap.OPT_REFERRALS, 0)
    return connection


def refused(call, *args):
    try:
        call(*args)
    except ldap.LDAPError as error:
        return type(error).__name__
    return None


connection = connect()
result["anonymous"] = connection.whoami_s()
result["wrong"] = refused(connection.simple_bind_s, user, password + "x")
result["locked"] = refused(connection.simple_bind_s, "uid=scarter," + people, "sprain")
result["noPassword"] = refused(connection.simple_bind_s, user, "")
connection.simple_bind_s(user, password)
result["whoami"] = connection.whoami_s()

found = connection.search_s(suffix, ldap.SCOPE_SUBTREE, "(&(objectClass=person)(sn=müller))", ["cn", "mail"])
result["search"] = [[dn, {k: [v.decode() for v in vs] for k, vs in entry.items()}] for dn, entry in found]
result["missing"] = refused(connection.search_s, "uid=nobody," + people, ldap.SCOPE_BASE)
result["badName"] = refused(connection.search_s, "no name", ldap.SCOPE_BASE)
result["badFilter"] = refused(connection.search_s, suffix, ldap.SCOPE_SUBTREE, "(uid=x")

paging = SimplePagedResultsControl(True, size=8, cookie="")
pages = []
while True:
    message = connection.search_ext(people, ldap.SCOPE_ONELEVEL, "(uid=*)", ["uid"], serverctrls=[paging])
    _, data, _, controls = connection.result3(message)
    pages.append([entry["uid"][0].decode() for _, entry in data])
    cookie = [c for c in controls if c.controlType == SimplePagedResultsControl.controlType][0].cookie
    if not cookie:
        break
    paging.cookie = cookie
result["pages"] = pages

result["compare"] = [
    connection.compare_s("uid=bjensen," + people, "sn", b"JENSEN"),
    connection.compare_s("uid=bjensen," + people, "sn", b"Carter"),
    refused(connection.compare_s, "uid=bjensen," + people, "pager", b"1"),
]

# Several searches under way on one connection; the answers are fetched in another order.
logins = ["staff%d" % number for number in range(1, 22)]
messages = [connection.search(people, ldap.SCOPE_SUBTREE, "(uid=%s)" % login, ["uid"]) for login in logins]
answers = {}
for message, login in reversed(list(zip(messages, logins))):
    _, data = connection.result(message)
    answers[login] = [entry["uid"][0].decode() for _, entry in data]
result["async"] = all(answers[login] == [login] for login in logins)

# Entries one at a time, then no more of them.
message = connection.search(people, ldap.SCOPE_SUBTREE, "(uid=*)", ["uid"])
kind, data = connection.result(message, all=0)
result["first"] = [kind == ldap.RES_SEARCH_ENTRY, len(data)]
connection.abandon(message)
result["afterAbandon"] = connection.whoami_s()

at = connection.search_subschemasubentry_s("uid=bjensen," + people)
result["subschemaAt"] = at
schema = ldap.schema.SubSchema(connection.read_subschemasubentry_s(at))
mail = schema.get_obj(ldap.schema.AttributeType, "mail")
person = schema.get_obj(ldap.schema.ObjectClass, "inetOrgPerson")
result["schema"] = {
    "mail": [mail.oid, mail.equality, mail.substr, mail.syntax],
    "memberOf": schema.get_obj(ldap.schema.AttributeType, "memberOf") is not None,
    "person": [person.oid, list(person.sup)],
    "inherited": schema.get_inheritedobj(ldap.schema.AttributeType, "cn", ["equality"]).equality,
    "allowed": sorted(
        attribute.names[0] for attribute in schema.attribute_types(["inetOrgPerson"], raise_keyerror=1)[0].values()
    ),
    "unknownSuperiors": [
        name
        for kind in (ldap.schema.AttributeType, ldap.schema.ObjectClass)
        for oid in schema.listall(kind)
        for name in schema.get_obj(kind, oid).sup
        if schema.get_obj(kind, name) is None
    ],
    "unknownSyntaxes": sorted(
        {
            schema.get_syntax(oid)
            for oid in schema.listall(ldap.schema.AttributeType)
            if schema.get_syntax(oid) is not None
            and schema.get_obj(ldap.schema.LDAPSyntax, schema.get_syntax(oid)) is None
        }
    ),
    "unknownRules": sorted(
        {
            rule
            for oid in schema.listall(ldap.schema.AttributeType)
            for definition in [schema.get_obj(ldap.schema.AttributeType, oid)]
            for rule in (definition.equality, definition.ordering, definition.substr)
            if rule is not None and schema.get_obj(ldap.schema.MatchingRule, rule) is None
        }
    ),
    "ambiguous": sorted(
        list(schema.non_unique_oids) + [str(name) for names in schema.non_unique_names.values() for name in names]
    ),
}
connection.unbind_s()
print(json.dumps(result))
