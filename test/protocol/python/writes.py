"""Writes over TLS with python-ldap: StartTLS and ldaps, every operation that changes, and what each came to, as JSON.

Arguments: ldap URL, ldaps URL, PEM file of the authority, DN and password of an administrator, DN of the people.
"""

import json
import sys

import ldap
import ldap.modlist

plain, secured, authority, admin, password, people = sys.argv[1:]
said = {}


def connection(url):
    made = ldap.initialize(url)
    made.set_option(ldap.OPT_PROTOCOL_VERSION, 3)
    made.set_option(ldap.OPT_NETWORK_TIMEOUT, 10)
    made.set_option(ldap.OPT_X_TLS_CACERTFILE, authority)
    made.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
    made.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    return made


def outcome(work):
    try:
        work()
        return "done"
    except ldap.LDAPError as error:
        return type(error).__name__


def shown(client, dn, attributes):
    try:
        [(_, found)] = client.search_s(dn, ldap.SCOPE_BASE, "(objectClass=*)", attributes)
        return {name: sorted(v.decode() for v in values) for name, values in found.items()}
    except ldap.NO_SUCH_OBJECT:
        return None


client = connection(plain)
said["inClear"] = outcome(lambda: client.simple_bind_s(admin, password))
client = connection(plain)
client.start_tls_s()
said["bound"] = outcome(lambda: client.simple_bind_s(admin, password))

zoe = f"uid=zoë,{people}"
entry = {
    "objectClass": [b"inetOrgPerson", b"posixAccount"],
    "uid": ["zoë".encode()],
    "cn": ["Zoë Zimmer".encode()],
    "sn": [b"Zimmer"],
    "uidNumber": [b"3000"],
    "gidNumber": [b"100"],
    "homeDirectory": [b"/home/zoe"],
    "mail": [b"zoe@example.com"],
}
said["add"] = outcome(lambda: client.add_s(zoe, ldap.modlist.addModlist(entry)))
said["addAgain"] = outcome(lambda: client.add_s(zoe, ldap.modlist.addModlist(entry)))
said["added"] = shown(client, zoe, ["cn", "mail"])

changed = {**entry, "mail": [b"z@example.com", b"zoe@example.org"], "title": [b"Pilot"]}
said["modify"] = outcome(lambda: client.modify_s(zoe, ldap.modlist.modifyModlist(entry, changed)))
said["increment"] = outcome(lambda: client.modify_s(zoe, [(ldap.MOD_INCREMENT, "uidNumber", [b"5"])]))
said["refused"] = outcome(
    lambda: client.modify_s(zoe, [(ldap.MOD_REPLACE, "title", [b"X"]), (ldap.MOD_DELETE, "mail", [b"no@example.com"])])
)
said["modified"] = shown(client, zoe, ["mail", "title", "uidNumber"])

client.passwd_s(zoe, None, "secret words")
other = connection(secured)
said["ownBind"] = outcome(lambda: other.simple_bind_s(zoe, "secret words"))
said["own"] = other.whoami_s()
said["forbidden"] = outcome(lambda: other.modify_s(zoe, [(ldap.MOD_REPLACE, "title", [b"Queen"])]))

said["rename"] = outcome(lambda: client.rename_s(zoe, "uid=zoe", delold=1))
said["renamed"] = shown(client, f"uid=zoe,{people}", ["uid", "title"])
said["delete"] = outcome(lambda: client.delete_s(f"uid=zoe,{people}"))
said["deleted"] = shown(client, f"uid=zoe,{people}", ["uid"])

strict = connection(secured)
strict.set_option(ldap.OPT_X_TLS_CACERTFILE, "/dev/null")
strict.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
said["untrusted"] = outcome(lambda: strict.simple_bind_s(admin, password))

print(json.dumps(said))
