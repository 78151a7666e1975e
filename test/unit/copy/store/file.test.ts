/** The file of a store: made with its folder, for its owner alone, and shared with other processes. */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { storeAt } from '../../../conformance/store/at.js'
import { cycle, people, shown } from '../../../conformance/store/people.js'
import { openSql } from '../../../data/sql-client.js'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

const newFile = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-file-'))
  folders.push(folder)
  return join(folder, 'deep', 'er', 'store.sqlite')
}

it('is made with its folder, and read by its owner alone', async () => {
  const file = await newFile()
  const store = storeAt(`sqlite:${file}`)
  await store.define([people])
  await cycle(store, { a: { uid: 'a' } })
  expect((await stat(file)).mode & 0o077).toBe(0)
  expect((await stat(join(file, '..'))).mode & 0o077).toBe(0)
  await store.close()
})

it('is unavailable while its file cannot be made, and there as soon as it can', async () => {
  const file = await newFile()
  const store = storeAt(`sqlite:${file}/below`)
  const other = storeAt(`sqlite:${file}`)
  await other.records('x').put('y', 1)
  await other.close()
  await expect(store.define([people])).rejects.toMatchObject({ code: 'unavailable' })
  expect(await store.health()).toMatchObject({ ok: false })
  await rm(file)
  await store.define([people])
  expect(await store.health()).toEqual({ ok: true })
  await store.close()
})

it('waits for others who write to it, and is read meanwhile', async () => {
  const file = await newFile()
  const store = storeAt(`sqlite:${file}`)
  await store.define([people])
  await cycle(store, { a: { uid: 'a' } })
  const other = await openSql(`sqlite:${file}`)
  await other.run('begin immediate')
  const waiting = cycle(store, { a: { uid: 'b' } })
  expect(await shown(store.source)).toEqual({ a: { uid: 'a' } })
  await new Promise((resolve) => setTimeout(resolve, 3000))
  await other.run('commit')
  await other.close()
  expect(await waiting).toMatchObject({ number: 2 })
  expect(await shown(store.source)).toEqual({ a: { uid: 'b' } })
  await store.close()
})

it('is no store of a later version’s form', async () => {
  const file = await newFile()
  const store = storeAt(`sqlite:${file}`)
  await store.define([people])
  await store.close()
  const client = await openSql(`sqlite:${file}`)
  await client.run('update vitrine_pointer set format = 99')
  await client.close()
  const later = storeAt(`sqlite:${file}`)
  await expect(later.current()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('99'),
  })
  await later.close()
  expect(() => storeAt('sqlite::memory:')).toThrow(TypeError)
})
