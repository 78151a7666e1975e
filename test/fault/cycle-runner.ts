/**
 * A process that copies a source, for tests to kill or pause: SOURCE STORE LEASE, and either the first of editions that it
 * makes of the source, one after the other, or nothing: then it takes its time over what it finds, once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { runSql } from '../mappings/databases.js'
import { type SyncOptions, syncWorld } from '../unit/copy/sync-world.js'
import { mappings, settings, sqlOf } from './cycle-content.js'

const [url = '', storeUrl = '', lease = '400', first] = process.argv.slice(2)
const say = (line: string) => process.stdout.write(`${line}\n`)
const slow: Partial<SyncOptions> = {
  hook: async (_view, entries) => {
    say('working')
    await sleep(100)
    return entries
  },
}
const more = first === undefined ? slow : {}
const { engine, close } = await syncWorld({
  url,
  storeUrl,
  mappings,
  settings,
  lease: Number(lease),
  ...more,
})
say('ready')
if (first === undefined) {
  const { status, error } = await engine.run({ trigger: 'interval' })
  say(`${status} ${error?.code}`)
  await close()
  process.exit()
}
for (let edition = Number(first); ; edition++) {
  await runSql(url, sqlOf(edition))
  for (;;) {
    const { status, error } = await engine.run({ trigger: 'interval' })
    if (status === 'completed') break
    if (status !== 'skipped') say(`${status} ${error?.code} ${error?.message}`)
    await sleep(20)
  }
  say(`copied ${edition}`)
}
