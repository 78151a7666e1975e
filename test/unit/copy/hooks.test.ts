import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { SourceEntry } from '../../../src/copy/cycle/plan.js'
import { Hooks } from '../../../src/copy/hooks/hooks.js'
import { Ref, type Value } from '../../../src/model/value.js'

const open: { hooks: Hooks; folder: string }[] = []
afterEach(async () => {
  for (const { hooks, folder } of open.splice(0)) {
    await hooks.close()
    await rm(folder, { recursive: true })
  }
})

async function hooksOf(text: string, timeout = 2000): Promise<Hooks> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-hooks-'))
  const module = join(folder, 'hooks.mjs')
  await writeFile(module, text)
  const hooks = new Hooks({ module, timeout })
  open.push({ hooks, folder })
  return hooks
}

const entry = (id: string, attributes: Record<string, readonly Value[]> = {}): SourceEntry => ({
  entry: { view: 'people', id, attributes: new Map(Object.entries(attributes)) },
  enabled: true,
})

const all: Record<string, readonly Value[]> = {
  uid: ['anna'],
  uidNumber: [7, 8n],
  jpegPhoto: [new Uint8Array([1, 2])],
  modifyTimestamp: [new Date(0)],
  manager: [new Ref('people', ['ben'], '2')],
  mail: [{ value: 'a@x', primary: true }],
}

describe('a module of hooks', () => {
  it('is given entries and gives them back, every kind of value', async () => {
    const hooks = await hooksOf('export const updateEntry = (entry) => entry')
    expect(await hooks.updateEntries('people', [entry('1', all)])).toEqual([entry('1', all)])
  })

  it('changes what it likes', async () => {
    const hooks = await hooksOf(`export async function updateEntry({ view, key, attributes, enabled }) {
      if (key === '2') return { attributes, enabled: false }
      return { attributes: { ...attributes, cn: view + key, mail: [] } }
    }`)
    const [first, second] = await hooks.updateEntries('people', [entry('1', { mail: ['a'] }), entry('2')])
    expect(first).toEqual(entry('1', { cn: ['people1'], mail: [] }))
    expect(second).toEqual({ ...entry('2'), enabled: false })
  })

  it('leaves an entry as it is by returning nothing, and refuses it in several ways', async () => {
    const hooks = await hooksOf(`export function updateEntry({ key }) {
      if (key === '2') throw new Error('no contractors')
      if (key === '3') return 'not today'
      if (key === '4') return false
      if (key === '5') return { attributes: { cn: [undefined] } }
      if (key === '6') return { nothing: 1 }
    }`)
    const entries = ['1', '2', '3', '4', '5', '6'].map((id) => entry(id))
    expect(await hooks.updateEntries('people', entries)).toEqual([
      entry('1'),
      { code: 'hook', message: 'no contractors' },
      { code: 'hook', message: 'not today' },
      { code: 'hook', message: 'the hook refused it' },
      { code: 'hook', message: 'the hook returned no value that cn could have' },
      { code: 'hook', message: 'the hook returned no entry' },
    ])
  })

  it.each([
    ['turns in circles', 'for (;;) {}'],
    ['never answers', 'return new Promise(() => {})'],
    ['ends its process', 'process.exit(1)'],
  ])('harms only the entry over which it %s', async (_what, harm) => {
    const hooks = await hooksOf(
      `export function updateEntry({ key }) { if (key === '2') { ${harm} } return { attributes: { cn: [key] } } }`,
      300,
    )
    const entries = ['1', '2', '3'].map((id) => entry(id))
    const results = await hooks.updateEntries('people', entries)
    expect(results[0]).toEqual(entry('1', { cn: ['1'] }))
    expect(results[1]).toMatchObject({ code: 'hook' })
    expect(results[2]).toEqual(entry('3', { cn: ['3'] }))
  })

  it('gives each entry its time, not all of them together', async () => {
    const hooks = await hooksOf(
      `export const updateEntry = () => new Promise((done) => setTimeout(done, 150))`,
      600,
    )
    const entries = Array.from({ length: 8 }, (_, i) => entry(String(i)))
    expect(await hooks.updateEntries('people', entries)).toEqual(entries)
  })

  it('says no to a cycle', async () => {
    const hooks = await hooksOf(`export function startCycle({ target }) {
      if (target === 'a') return true
      if (target === 'b') return false
      if (target === 'c') return 'the payroll is running'
      throw new Error('broken')
    }`)
    const asked = await Promise.all(['a', 'b', 'c', 'd'].map((target) => hooks.mayStart(target)))
    expect(asked).toEqual([
      undefined,
      'the hook said no',
      'the payroll is running',
      'the hook failed: broken',
    ])
  })

  it('gives credentials', async () => {
    const hooks = await hooksOf(`export async function getBindCredentials({ source }) {
      if (source === 'hr') return { dn: 'cn=reader', password: 'secret' }
      if (source === 'broken') return { dn: 1 }
    }`)
    expect(await hooks.bindCredentials('hr')).toEqual({ dn: 'cn=reader', password: 'secret' })
    expect(await hooks.bindCredentials('other')).toBeUndefined()
    await expect(hooks.bindCredentials('broken')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('does nothing that it does not export', async () => {
    const hooks = await hooksOf('export const version = 1')
    expect(await hooks.updateEntries('people', [entry('1')])).toEqual([entry('1')])
    expect(await hooks.mayStart('local')).toBeUndefined()
    expect(await hooks.bindCredentials('hr')).toBeUndefined()
    expect([...(await hooks.functions())]).toEqual([])
  })

  it('cannot be used where it cannot be loaded', async () => {
    const hooks = await hooksOf('export const updateEntry = (')
    await expect(hooks.functions()).rejects.toThrow(/./)
    await expect(hooks.updateEntries('people', [entry('1')])).rejects.toThrow(/./)
  })
})
