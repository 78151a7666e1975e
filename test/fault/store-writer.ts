/**
 * A process that writes to a store, for tests to kill or pause: `cycles URL` makes one snapshot after the other until it is
 * killed, `leader URL` makes one under a lease and says how that went.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Superseded } from '../../src/copy/store/store.js'
import { storeAt } from '../conformance/store/at.js'
import { people, person } from '../conformance/store/people.js'
import { contentOf, goneIn } from './store-content.js'

const [how, url = ''] = process.argv.slice(2)
const say = (line: string) => process.stdout.write(`${line}\n`)
const store = storeAt(url, { snapshotMaxCount: 3, grace: 0 })
await store.define([people])

if (how === 'cycles') {
  say('ready')
  for (;;) {
    const cycle = await store.begin()
    const rows = Object.entries(contentOf(cycle.number)).map(([id, given]) => person(id, given))
    const half = Math.floor(rows.length / 2)
    await cycle.put('people', rows.slice(0, half))
    await cycle.remove('people', goneIn(cycle.number))
    await cycle.put('people', rows.slice(half))
    const { number } = await cycle.commit([{ kind: 'done', key: 'last', value: cycle.number }])
    say(`committed ${number}`)
  }
}

const lease = await store.acquire('cycle', 400)
if (lease === undefined) throw new Error('the lease is taken')
const cycle = await store.begin({ lease })
await cycle.put('people', [person('leader', { level: 1 })])
await cycle.remove('people', ['first'])
say('ready')
// Here it is paused, and wakes when its lease is over.
await sleep(300)
try {
  await cycle.put('people', [person('leader, later', { level: 2 })])
  await cycle.commit([{ kind: 'done', key: 'leader', value: true }])
  say('committed')
} catch (error) {
  say(error instanceof Superseded ? 'superseded' : String(error))
}
say(`renewed ${await lease.renew(1000)}`)
await store.close()
