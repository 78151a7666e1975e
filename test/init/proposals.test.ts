/** What is proposed for tables as applications have them, on the databases that they keep them in. */
import { afterAll, describe, expect, test } from 'vitest'
import { runSql } from '../mappings/databases.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { cleanUp, ran, sqliteOf } from './running.js'
import { type Schema, schemas } from './schemas.js'

afterAll(cleanUp)

/** SQLite is asked for everything; the others for what differs between them: types, keys, letters of names. */
const everywhere: readonly string[] = ['German names', 'Keycloak']

const databases = {
  sqlite: async ({ sql }: Schema) => sqliteOf(sql),
  mariadb: async ({ sql }: Schema) => {
    const url = await mariadbDatabase()
    await runSql(url, sql)
    return url
  },
  postgresql: async ({ sql }: Schema) => {
    const url = await postgresDatabase()
    await runSql(url, sql)
    return url
  },
}

const cases = schemas.flatMap((schema) =>
  (['sqlite', 'mariadb', 'postgresql'] as const)
    .filter((kind) => kind === 'sqlite' || everywhere.includes(schema.name))
    .map((kind) => [schema.name, kind, schema] as const),
)

describe('the proposal for', () => {
  test.each(cases)('%s on %s', async (_, kind, schema) => {
    const { code, printed, data } = await ran(await databases[kind](schema))
    const { attributes, ...people } = schema.people
    const proposed = data('people.yaml')
    expect(proposed).toMatchObject(people)
    expect(proposed.attributes).toEqual(attributes)
    for (const key of ['enabled', 'where', 'uuid']) expect(key in proposed).toBe(key in people)
    const views = data('gateway.yaml').views
    expect(views).toEqual(schema.groups === null ? ['people.yaml'] : ['people.yaml', 'groups.yaml'])
    if (schema.groups !== null) expect(data('groups.yaml')).toMatchObject(schema.groups)
    for (const doubt of schema.doubts ?? []) expect(printed).toMatch(doubt)
    expect(printed).toMatch(/ 0 errors, /)
    expect(printed).toMatch(/^dn: uid=\S+,ou=people,dc=example,dc=com$/m)
    expect(code).toBe(0)
  })
})
