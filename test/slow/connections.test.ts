/** A thousand clients at a time, each of which must be answered: too much for a machine that runs other tests. */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Child, serveGateway } from '../fault/running.js'
import { loadStaff, password, people, staffConfig } from '../fault/staff.js'
import { bind, search, Wire } from '../unit/ldap/wire.js'

const file = join(tmpdir(), `vitrine-connections-${process.pid}.sqlite`)
const user = `uid=user.1,${people}`
const COUNT = 500
let gateway: Child

beforeAll(async () => {
  rmSync(file, { force: true })
  await loadStaff(`sqlite:${file}`, COUNT)
  gateway = await serveGateway(staffConfig(`sqlite:${file}`, {}, { log: { level: 'error' } }))
})

afterAll(async () => {
  await gateway?.close()
  rmSync(file, { force: true })
})

it('1,000 connections are all served', { timeout: 60_000 }, async () => {
  const wires = await Promise.all(Array.from({ length: 1000 }, () => Wire.connect(gateway.port)))
  for (const wire of wires) wire.send(bind(1, user, password))
  for (const wire of wires) expect(await wire.messages(1)).toMatchObject([{ op: 'bindResponse', code: 0 }])
  for (const [i, wire] of wires.entries()) wire.send(search(2, `(uid=user.${1 + (i % COUNT)})`, people))
  for (const wire of wires)
    expect((await wire.messages(3)).slice(1)).toMatchObject([
      { op: 'searchResultEntry' },
      { op: 'searchResultDone', code: 0 },
    ])
  for (const wire of wires) wire.destroy()
})
