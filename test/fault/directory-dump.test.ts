/** Memory does not grow with the result: 100,000 entries of a directory through a gateway in a process of its own. */
import { expect, it } from 'vitest'
import { startSlapd } from '../servers/slapd.js'
import { type Child, serveGateway } from './running.js'

const COUNT = 100_000
const PEAK = 150

it(`${COUNT} entries of a directory need less than ${PEAK} MiB, paged or not`, {
  timeout: 300_000,
}, async () => {
  const people = Array.from(
    { length: COUNT },
    (_, i) =>
      `dn: uid=user.${i},dc=corp\nobjectClass: inetOrgPerson\nuid: user.${i}\ncn: User ${i}\nsn: ${i}\n`,
  )
  const ldif = ['dn: dc=corp\nobjectClass: domain\ndc: corp\n', ...people].join('\n')
  const slapd = await startSlapd({ suffix: 'dc=corp', ldif })
  const base = 'ou=people,dc=example,dc=com'
  const gateway: Child = await serveGateway({
    suffix: 'dc=example,dc=com',
    listen: { ldap: 0 },
    log: { level: 'error' },
    limits: { time: 0, size: 0 },
    sources: { corp: { type: 'ldap', url: slapd.url, bindDn: slapd.rootDn, password: slapd.rootPassword } },
    access: [{ who: 'anonymous', views: '*' }],
    views: [
      {
        view: 'people',
        source: 'corp',
        from: 'dc=corp??one?(objectClass=inetOrgPerson)',
        writable: true,
        uuid: 'entryUUID',
        attributes: { uid: 'uid', cn: 'cn', sn: 'sn' },
        ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
      },
    ],
  })
  try {
    const client = await gateway.connect()
    let unpaged = 0
    for await (const _entry of client.search(base, { scope: 'singleLevel' })) unpaged++
    expect(unpaged).toBe(COUNT)
    expect(gateway.memory().peak).toBeLessThan(PEAK)
    const seen = new Set<string>()
    for await (const { dn } of client.searchPaged(base, { scope: 'singleLevel', pageSize: 1000 }))
      seen.add(dn)
    expect(seen.size).toBe(COUNT)
    expect(gateway.memory().peak).toBeLessThan(PEAK)
  } finally {
    await gateway.close()
    await slapd.stop()
  }
})
