/** How much room the programs of the command line take for what is new. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const heap = new URL('../../../dist/cli/heap.js', import.meta.url).href
const run = promisify(execFile)

/** Has more outlive collections than there is room for; MiB of both halves then. */
const work = `
  import v8 from 'node:v8'
  await import(${JSON.stringify(heap)})
  let kept
  for (let i = 0; i < 5; i++) {
    kept = []
    for (let j = 0; j < 100_000; j++) kept.push({ i, j, k: [i, j] })
  }
  const { space_size } = v8.getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')
  console.log(space_size / 2 ** 20)`

async function room(...options: readonly string[]): Promise<number> {
  const { stdout } = await run(process.execPath, [...options, '--input-type=module', '--eval', work])
  return Number(stdout)
}

describe('the room for what is new', () => {
  it('is half of what V8 takes', async () => {
    expect(await room()).toBe(16)
  })

  it('is as large as whoever runs it has said', async () => {
    expect(await room('--max-semi-space-size=2')).toBe(4)
  })
})
