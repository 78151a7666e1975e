/** Ten reloads among ten thousand operations: none fails, none is answered by two configurations, and none is slow for them. */
import { expect, it } from 'vitest'
import { askAlways, makeDatabase, marked, serveMarked } from '../fault/reloading.js'
import { eventually } from '../fault/running.js'

it('a thousand operations a second do not notice a reload', async () => {
  const remove = await makeDatabase()
  const running = await serveMarked(marked('one'))
  try {
    const before = running.worked()
    const load = askAlways(running, { ldap: 24, scim: 8 })
    for (let n = 1; n <= 10; n++) {
      await eventually(
        60_000,
        async () => load.seen.operations,
        (count) => count >= n * 1000,
      )
      running.write(marked(n % 2 === 1 ? 'two' : 'one'))
      await running.hangUp()
    }
    const { operations, wrong, marks } = await load.stop()
    expect(wrong).toEqual([])
    expect([...marks].sort()).toEqual(['one', 'two'])
    // Of the processor's time, which other programs on the machine do not lengthen.
    expect(operations / ((running.worked() - before) / 1000)).toBeGreaterThan(1000)
  } finally {
    await running.close()
    remove()
  }
}, 200_000)
