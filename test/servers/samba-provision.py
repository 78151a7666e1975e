"""Makes the databases of an Active Directory domain controller, and what an LDIF file adds to them.

Arguments: folder, host name, address, realm, NetBIOS domain name, password of Administrator, LDIF file.
No access control lists of files are set, for which root and extended attributes would be needed: no files are served.
"""
import logging
import sys

from samba.auth import system_session
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
from samba.param import LoadParm
from samba.provision import provision

folder, host, address, realm, domain, password, ldif = sys.argv[1:]

config = LoadParm()
config.set("server services", "ldap")
result = provision(
    logging.getLogger("provision"),
    system_session(),
    smbconf=folder + "/provision.conf",
    targetdir=folder,
    lp=config,
    realm=realm,
    domain=domain,
    hostname=host,
    hostip=address,
    adminpass=password,
    serverrole="active directory domain controller",
    dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2,
    dns_backend="NONE",
    use_rfc2307=True,
    skip_sysvolacl=True,
)

directory = result.samdb
with open(ldif, encoding="utf-8") as file:
    text = file.read()
if text.strip():
    directory.transaction_start()
    try:
        directory.modify_ldif(text)
    except Exception:
        directory.transaction_cancel()
        raise
    directory.transaction_commit()
