/** The population as the directory behind the gateway keeps it: what `population-*.yaml` show of it is what `ldif.ts` writes. */
import { descriptions, type Population } from '../people.js'
import {
  type UpstreamEntries,
  upstreamGroup,
  upstreamGroupDn,
  upstreamPerson,
  upstreamPersonDn,
} from './tree.js'

export function populationEntries({ people, groups }: Population): UpstreamEntries {
  return new Map([
    ...people.map((person) =>
      upstreamPerson(person.id, {
        acmeLogin: [person.uid],
        acmeFullName: [person.cn],
        acmeFirstName: [person.givenName],
        acmeLastName: [person.sn],
        acmeMail: person.mail,
        acmeWorkPhone: person.phones.filter(({ kind }) => kind === 'work').map((phone) => phone.number),
        acmeMobilePhone: person.phones.filter(({ kind }) => kind === 'mobile').map((phone) => phone.number),
        acmeTitle: [person.title],
        acmeDepartment: [person.departmentNumber],
        acmeNumber: [person.employeeNumber],
        acmeKind: [person.employeeTypeCode],
        acmeRemark: descriptions(person),
        acmeUnixNumber: [person.uidNumber],
        acmeUnixGroup: [person.gidNumber],
        acmeBoss: [person.manager === null ? null : upstreamPersonDn(person.manager)],
        acmePhoto: [person.photo],
      }),
    ),
    ...groups.map((group) =>
      upstreamGroup(group.id, {
        acmeName: [group.cn],
        acmeRemark: [group.description],
        acmeMember: [...group.members.map(upstreamPersonDn), ...group.groups.map(upstreamGroupDn)],
      }),
    ),
  ])
}
