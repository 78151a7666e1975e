/** The person that servers without any data give as an answer: as many attributes, and octets, as a real one. */
export function person(uid: string): { dn: string; attributes: Record<string, string> } {
  return {
    dn: `uid=${uid},ou=people,dc=example,dc=com`,
    attributes: {
      objectClass: 'inetOrgPerson',
      uid,
      cn: 'Patricia Johnson1',
      sn: 'Johnson1',
      givenName: 'Patricia',
      mail: 'user000001@example.com',
      departmentNumber: 'dept0001',
      telephoneNumber: '+1 555 0000001',
      employeeNumber: '1',
      employeeType: 'active',
    },
  }
}
