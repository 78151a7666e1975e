/** One signal for many requests at a time, as programs have it that embed the gateway: nobody goes on listening to it. */
import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LdapClient } from '../../src/ldap/index.js'
import { ANONYMOUS } from '../../src/model/request.js'
import { type Database, databases, runSql, type Serving, serve } from '../protocol/serving.js'

const warnings: string[] = []
const warned = ({ name }: Error) => void warnings.push(name)
beforeEach(() => void process.on('warning', warned))
afterEach(() => void process.off('warning', warned))

describe.each(databases)('a signal of many requests to %s', (kind, create) => {
  let database: Database
  let serving: Serving | undefined
  afterEach(async () => {
    await serving?.close()
    await database.remove()
  })

  it('is left by each that ends', async () => {
    database = await create()
    const text = kind === 'MariaDB' ? 'varchar(40)' : 'text'
    const rows = Array.from({ length: 400 }, (_, n) => `(${n}, 'u${n}', 'x${n}')`)
    await runSql(
      database.url,
      `create table users (id integer primary key, login ${text} unique, title ${text})`,
      `insert into users values ${rows.join(',')}`,
    )
    serving = await serve({
      suffix: 'dc=example,dc=com',
      listen: { ldap: '127.0.0.1:0' },
      log: { level: 'silent' },
      sources: { db: { type: 'sql', url: database.url, pool: { max: 3 } } },
      views: [
        {
          view: 'people',
          source: 'db',
          from: 'users',
          writable: true,
          key: 'id',
          attributes: { uid: 'login', title: 'title' },
          ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['top', 'person'] },
        },
      ],
      access: [{ who: 'anonymous', allow: ['read', 'search', 'compare'], views: '*' }],
    })
    const { directory } = serving.gateway
    const { signal } = new AbortController()
    const ctx = { principal: ANONYMOUS, signal }
    const found = async (attr: string, value: string) => {
      const filter = { op: 'eq', attr, value } as const
      const ids: string[] = []
      for await (const entries of directory.search({ view: 'people', filter, attributes: 'all' }, ctx))
        ids.push(...entries.map(({ id }) => id))
      return ids
    }
    const asked = Array.from({ length: 120 }, (_, n) => [found('uid', `U${n}`), found('title', `x${n}`)])
    const changed = Array.from({ length: 20 }, (_, n) =>
      directory.modify(
        {
          view: 'people',
          id: `${n + 200}`,
          attributes: new Set(),
          change: () => [{ op: 'replace', attr: 'title', values: ['changed'] }],
        },
        ctx,
      ),
    )
    const answers = await Promise.all(asked.map((pair) => Promise.all(pair)))
    await Promise.all(changed)
    expect(answers).toEqual(asked.map((_, n) => [[`${n}`], [`${n}`]]))

    const { host, port } = serving
    const client = await LdapClient.connect({ host, port })
    const options = { filter: '(title=changed)', signal }
    const searches = Array.from({ length: 20 }, () => client.searchAll('dc=example,dc=com', options))
    for (const { entries } of await Promise.all(searches)) expect(entries).toHaveLength(20)
    client.close()

    await new Promise((resolve) => setImmediate(resolve))
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(warnings).toEqual([])
  })
})
