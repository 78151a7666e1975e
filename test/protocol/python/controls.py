"""What python-ldap offers of controls, against the server given as argument; prints what came of it as JSON."""
import json
import sys

import ldap
from ldap.controls import AssertionControl, MatchedValuesControl
from ldap.controls.simple import ProxyAuthzControl
from ldap.controls.sss import SSSRequestControl, SSSResponseControl
from ldap.controls.vlv import VLVRequestControl, VLVResponseControl

url, suffix, user, password = sys.argv[1:5]
people = "ou=people," + suffix
result = {}
connection = ldap.initialize(url)
connection.set_option(ldap.OPT_NETWORK_TIMEOUT, 10)
connection.set_option(ldap.OPT_TIMEOUT, 10)
connection.simple_bind_s(user, password)


def found(controls, base=people, scope=ldap.SCOPE_ONELEVEL, attributes=("uid",)):
    message = connection.search_ext(base, scope, "(uid=*)", list(attributes), serverctrls=controls)
    _, data, _, answered = connection.result3(
        message, resp_ctrl_classes={c.controlType: c for c in (SSSResponseControl, VLVResponseControl)}
    )
    return [{k: [v.decode() for v in vs] for k, vs in entry.items()} for _, entry in data], answered


def uids(controls):
    return [entry["uid"][0] for entry in found(controls)[0]]


result["sorted"] = uids([SSSRequestControl(criticality=True, ordering_rules=["-uid:caseIgnoreOrderingMatch"])])
order = SSSRequestControl(criticality=True, ordering_rules=["sn:caseIgnoreOrderingMatch", "uid"])
result["twoKeys"] = uids([order])
window = VLVRequestControl(criticality=True, before_count=1, after_count=1, offset=3, content_count=0)
entries, answered = found([order, window])
response = [c for c in answered if c.controlType == VLVResponseControl.controlType][0]
result["window"] = [[e["uid"][0] for e in entries], response.targetPosition, response.contentCount, response.result]
by_value = VLVRequestControl(
    criticality=True, before_count=0, after_count=0, greater_than_or_equal="r"
)
result["byValue"] = uids([order, by_value])
result["values"] = found(
    [MatchedValuesControl(True, "((sn=*)(mail=bjensen@*))")],
    "uid=bjensen," + people,
    ldap.SCOPE_BASE,
    ["*"],
)[0]
result["holds"] = len(found([AssertionControl(True, "(ou=people)")])[0])
try:
    found([AssertionControl(True, "(ou=nobody)")])
except ldap.LDAPError as error:
    result["fails"] = type(error).__name__
result["self"] = len(found([ProxyAuthzControl(True, b"dn:" + user.encode())])[0])
try:
    found([ProxyAuthzControl(True, b"u:bjensen")])
except ldap.LDAPError as error:
    result["other"] = error.args[0].get("result")
print(json.dumps(result))
