/** python-ldap's controls against the gateway: the script `python/controls.py` asks, this file knows the answers. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sqliteDatabase } from '../mappings/databases.js'
import { pythonScript } from './client-programs.js'
import { admin, companyConfig, companySql, living, suffix } from './company.js'
import { type Database, runSql, type Serving, serve } from './serving.js'

const script = fileURLToPath(new URL('./python/controls.py', import.meta.url))
let database: Database
let serving: Serving
let answers: Record<string, unknown>

beforeAll(async () => {
  database = sqliteDatabase()
  await runSql(database.url, companySql())
  serving = await serve(companyConfig(database.url))
  const { code, stdout, stderr } = await pythonScript(script, serving.url, suffix, admin.dn, admin.password)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  answers = JSON.parse(stdout) as Record<string, unknown>
})
afterAll(async () => {
  await serving?.close()
  await database?.remove()
})

const byName = living
  .toSorted((a, b) => {
    const [x, y] = [a, b].map(({ last, login }) => `${last.toLowerCase()} ${login}`)
    return (x ?? '') < (y ?? '') ? -1 : 1
  })
  .map(({ login }) => login)

it('sorts by one key and by several', () => {
  expect(answers.sorted).toEqual(
    living
      .map(({ login }) => login)
      .sort()
      .reverse(),
  )
  expect(answers.twoKeys).toEqual(byName)
})

it('shows windows of the list, by place and by value', () => {
  expect(answers.window).toEqual([byName.slice(1, 4), 3, byName.length, 0])
  expect(answers.byValue).toEqual([byName.find((login) => login.startsWith('ring'))])
})

it('shows the values that match', () => {
  expect(answers.values).toEqual([{ sn: ['Jensen'], mail: ['bjensen@example.com'] }])
})

it('asserts', () => {
  expect(answers).toMatchObject({ holds: living.length, fails: 'ASSERTION_FAILED' })
})

it('acts as itself, and not as others', () => {
  expect(answers).toMatchObject({ self: living.length, other: 123 })
})
