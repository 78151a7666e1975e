"""Reads the schema as python-ldap and ldap3 do and holds every entry against it; prints what came of it as JSON."""
import json
import sys

import ldap
import ldap.schema
import ldap3

url, suffix = sys.argv[1:3]
result = {}

# python-ldap: every entry may have what it shows and has what it must.
connection = ldap.initialize(url)
connection.set_option(ldap.OPT_NETWORK_TIMEOUT, 10)
connection.simple_bind_s("", "")
subschema_dn, subschema = ldap.schema.urlfetch(url + "/" + suffix)
problems = []
entries = connection.search_s(suffix, ldap.SCOPE_SUBTREE, "(objectClass=*)", ["*", "+"])
for dn, entry in entries:
    classes = [name.decode() for name in entry["objectClass"]]
    must, may = subschema.attribute_types(classes, raise_keyerror=1)
    known = {oid for oid in list(must.keys()) + list(may.keys())}
    for name in entry:
        attribute = subschema.get_obj(ldap.schema.AttributeType, name.split(";")[0])
        if attribute is None:
            problems.append([dn, name, "unknown"])
        elif attribute.usage == 0 and attribute.oid not in known and name != "memberOf":
            problems.append([dn, name, "not allowed"])
        elif attribute.single_value and len(entry[name]) > 1:
            problems.append([dn, name, "several values"])
    shown = {subschema.getoid(ldap.schema.AttributeType, name.split(";")[0]) for name in entry}
    problems += [[dn, oid, "missing"] for oid in must if oid not in shown]
    structural = subschema.get_structural_oc(classes)
    if structural != subschema.getoid(ldap.schema.ObjectClass, entry["structuralObjectClass"][0].decode()):
        problems.append([dn, "structuralObjectClass", str(structural)])
result["entries"] = len(entries)
result["problems"] = problems
times = connection.search_s(subschema_dn, ldap.SCOPE_BASE, "(objectClass=subschema)", ["createTimestamp", "modifyTimestamp"])
result["times"] = {name: values[0].decode() for name, values in times[0][1].items()}

# ldap3: names are checked and values typed by the schema.
server = ldap3.Server(url, get_info=ldap3.ALL)
typed = ldap3.Connection(server, auto_bind=True, check_names=True)
result["contexts"] = server.info.naming_contexts
result["attributeTypes"] = len(server.schema.attribute_types)
result["objectClasses"] = len(server.schema.object_classes)
typed.search("uid=alice,ou=people," + suffix, "(xLevel>=7)", ldap3.BASE, attributes=["xLevel", "xActive", "xHired", "entryUUID"])
shown = typed.entries[0]
result["typed"] = [shown.xLevel.value, shown.xActive.value, shown.xHired.value.isoformat(), str(shown.entryUUID)]
definition = ldap3.ObjectDef(["inetOrgPerson", "xStaff"], typed)
result["definition"] = [definition.sn.mandatory, definition.xLevel.mandatory, definition.xLevel.single_value]
reader = ldap3.Reader(typed, definition, "ou=people," + suffix, "sn: Adams;Brown")
result["read"] = sorted(str(entry.uid) for entry in reader.search())
try:
    typed.search(suffix, "(noSuchAttribute=x)")
except ldap3.core.exceptions.LDAPAttributeError as error:
    result["refused"] = type(error).__name__

print(json.dumps(result))
