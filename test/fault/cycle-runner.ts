/** A process that copies one edition of a source after the other, for tests to kill or pause: SOURCE STORE EDITION LEASE. */
import { runSql } from '../mappings/databases.js'
import { syncWorld } from '../unit/copy/sync-world.js'
import { mappings, settings, sqlOf } from './cycle-content.js'

const [url = '', storeUrl = '', first = '1', lease = '400'] = process.argv.slice(2)
const say = (line: string) => process.stdout.write(`${line}\n`)
const { engine } = await syncWorld({ url, storeUrl, mappings, settings, lease: Number(lease) })
say('ready')
for (let edition = Number(first); ; edition++) {
  await runSql(url, sqlOf(edition))
  for (;;) {
    const { status, error } = await engine.run({ trigger: 'interval' })
    if (status === 'completed') break
    if (status !== 'skipped') say(`${status} ${error?.code} ${error?.message}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  say(`copied ${edition}`)
}
