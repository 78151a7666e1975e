/** The embedding examples, run as the programs that they are. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { runSql, sqliteDatabase } from './databases.js'

const example = fileURLToPath(new URL('../../examples/embedded/fastify.ts', import.meta.url))

let child: ChildProcess | undefined
afterEach(() => child?.kill('SIGKILL'))

test('SCIM is served by a Fastify server of somebody else', { timeout: 60_000 }, async () => {
  const database = sqliteDatabase()
  await runSql(
    database.url,
    `CREATE TABLE users (id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE, full_name TEXT, mail TEXT,
      password_hash TEXT, active BOOLEAN NOT NULL DEFAULT 1);
    INSERT INTO users (login, full_name) VALUES ('bjensen', 'Barbara Jensen');`,
  )
  child = spawn(process.execPath, ['--import', 'tsx', example, database.url, '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child?.once('exit', resolve))
  let base = ''
  if (child.stdout === null) throw new Error('the example has no output')
  for await (const line of createInterface(child.stdout)) {
    base = line
    break
  }
  expect(base).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/scim\/v2$/)

  const authorization = 'Bearer a-token-to-try-this-with'
  const created = await fetch(`${base}/Users`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/scim+json' },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'ada',
      name: { formatted: 'Ada Lovelace' },
      active: false,
    }),
  })
  expect(created.status).toBe(201)
  expect(created.headers.get('location')).toContain(`${base}/Users/`)

  const listed = await fetch(`${base}/Users?attributes=userName,active`, { headers: { authorization } })
  expect(await listed.json()).toMatchObject({
    Resources: [
      { userName: 'bjensen', active: true },
      { userName: 'ada', active: false },
    ],
  })
  expect((await fetch(`${base}/Users`)).status).toBe(401)
  expect(await (await fetch(new URL('/', base))).json()).toEqual({ hello: 'from a server of your own' })

  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  await database.remove()
})
