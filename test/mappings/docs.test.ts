/** The pages on configuration and mappings: their examples work, and they leave no key out. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseDuration } from '../../src/config/duration.js'
import { gatewaySchema } from '../../src/config/schema.js'
import { parseSize } from '../../src/config/size.js'
import { readStored } from '../../src/directory/password/schemes.js'
import { ConfigError, createGateway, type GatewayInput } from '../../src/index.js'
import { mappingSchema } from '../../src/mapping/schema.js'
import { unionSchema } from '../../src/mapping/union-schema.js'
import { directoryTable } from '../data/memory-directory.js'
import { served } from '../data/memory-gateway.js'
import { runSql, sqliteDatabase } from './databases.js'

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const examples = (text: string, of = '') =>
  [...text.matchAll(new RegExp(`^\`\`\`yaml${of}\\n((?:(?!\`\`\`).*\\n)*)`, 'gm'))].map(([, yaml = '']) => ({
    title: yaml.split('\n', 1)[0] ?? '',
    content: z.record(z.string(), z.unknown()).parse(parse(yaml)),
  }))

const mapping = page('mapping.md')
const configuration = page('configuration.md')

/** The tables that the examples on mappings speak of. */
const tables = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, login TEXT, first_name TEXT, last_name TEXT, email TEXT,
    job_title TEXT, kind INTEGER, role TEXT, status TEXT, badge TEXT, hired_on DATE, mentor_id INTEGER, tenant INTEGER,
    manager_id INTEGER, department_id INTEGER, password_hash TEXT, deleted_at TIMESTAMP, middle_name TEXT,
    cost_center TEXT, department TEXT, city TEXT, flags INTEGER, related_dn TEXT, note TEXT, note_german TEXT);
  CREATE TABLE user_deletions (user_id INTEGER, deleted_at TIMESTAMP);
  CREATE TABLE extra_emails (user_id INTEGER, address TEXT);
  CREATE TABLE addresses (user_id INTEGER, street TEXT, city TEXT, kind TEXT);
  CREATE TABLE phones (user_id INTEGER, emp_no INTEGER, number TEXT, kind TEXT, is_main BOOLEAN, floor INTEGER);
  CREATE TABLE departments (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE skills (id INTEGER PRIMARY KEY, name TEXT, hidden INTEGER);
  CREATE TABLE user_skills (user_id INTEGER, skill_id INTEGER);
  CREATE TABLE groups (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE group_members (group_id INTEGER, user_id INTEGER);
  CREATE TABLE group_groups (parent_id INTEGER, child_id INTEGER);
  CREATE TABLE employees (emp_no INTEGER PRIMARY KEY, email TEXT UNIQUE, job TEXT, status TEXT);`

const people = {
  view: 'people',
  source: 'hr',
  from: 'users',
  key: 'id',
  attributes: {},
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['top', 'person'] },
}
const groups = {
  view: 'groups',
  source: 'hr',
  from: 'groups',
  key: 'id',
  attributes: {
    cn: 'name',
    member: { ref: 'people', table: 'group_members', on: 'group_id', value: 'user_id' },
  },
  ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['top', 'groupOfNames'] },
}

/** An example of a whole mapping, of some of its keys, or of attributes alone, as a mapping. */
function mappingOf(example: Record<string, unknown>): z.input<typeof mappingSchema> {
  const whole = Object.keys(mappingSchema.shape).some((key) => key in example)
  const spec = whole ? { ...people, ...example } : { ...people, attributes: example }
  const attributes = z.record(z.string(), z.unknown()).parse(spec.attributes)
  const mapping = { ...spec, attributes: { uid: 'username', ...attributes } } as z.input<typeof mappingSchema>
  mappingSchema.parse(mapping)
  return mapping
}

describe('the page on mappings', () => {
  const database = sqliteDatabase()
  beforeAll(() => runSql(database.url, tables))
  afterAll(() => database.remove())

  const isUnion = ({ content }: { readonly content: object }) => 'union' in content
  const [unions, mappings] = [true, false].map((is) => examples(mapping).filter((one) => isUnion(one) === is))

  test.each(unions ?? [])('shows a union of views: $title', async ({ content }) => {
    const union = unionSchema.parse(content)
    const { ldap: _, ...member } = { ...people, attributes: { uid: 'username', mail: 'email' } }
    const gateway = await createGateway({
      suffix: 'dc=example,dc=com',
      sources: { hr: { type: 'sql', url: database.url } },
      views: [...union.union.members.map((view) => ({ ...member, view })), union],
      log: { level: 'silent' },
    })
    expect([...gateway.directory.views.keys()]).toEqual([union.view])
    await gateway.close()
  })

  test.each(mappings ?? [])('shows what fits a database: $title', async ({ content }) => {
    const gateway = await createGateway({
      suffix: 'dc=example,dc=com',
      sources: {
        hr: { type: 'sql', url: database.url },
        personnel: { type: 'sql', url: database.url },
      },
      views: [mappingOf(content), groups],
      log: { level: 'silent' },
    })
    expect([...gateway.directory.views.keys()]).toEqual(['people', 'groups'])
    await gateway.close()
  })

  test.each(examples(mapping, ' ldap'))('shows what fits a directory: $title', async ({ content }) => {
    const several = { kind: 'text', several: true } as const
    const names = [
      'uid',
      'cn',
      'sn',
      'mail',
      'employeeType',
      'displayName',
      'manager',
      'seeAlso',
      'objectClass',
    ]
    const kept = {
      entryUUID: { kind: 'uuid', readOnly: true },
      entryCSN: { kind: 'text', readOnly: true },
    } as const
    const columns = Object.fromEntries(names.map((name) => [name, several]))
    const { view: _, source: __, ...spec } = content
    const directory = await served(
      {
        people: spec,
        groups: {
          from: 'groups',
          attributes: { cn: 'cn', member: { ref: 'people', column: 'member' } },
          ldap: groups.ldap,
        },
      },
      (source) =>
        source
          .add(
            directoryTable(String(content.from), {
              ...columns,
              ...kept,
              userPassword: { kind: 'binary', secret: true },
            }),
            [],
          )
          .add(directoryTable('groups', { cn: several, member: several }), []),
    )
    expect(directory.directory.views.get('people')?.bindable).toBe(true)
  })

  test('explains every key of a mapping', () => {
    for (const key of keysOf(z.toJSONSchema(mappingSchema, { io: 'input' }))) {
      expect(mapping, key).toMatch(new RegExp(`\\b${key}\\b`))
    }
    for (const key of keysOf(z.toJSONSchema(unionSchema, { io: 'input' }))) {
      expect(mapping, key).toMatch(new RegExp(`\\b${key}\\b`))
    }
  })

  test('names password formats that are known', () => {
    const [, table = ''] = /^\| family((?:.*\n)+?)^Anything/m.exec(mapping) ?? []
    const tags = [...table.matchAll(/`([^`]+)`/g)].map(([, tag = '']) => tag)
    expect(tags.length).toBeGreaterThan(25)
    const isKnown = (text: string) => readStored(text).hash === 'malformed'
    for (const tag of tags) {
      expect(
        ['x', '$2b$x', '$argon2id$x'].some((rest) => isKnown(tag + rest)),
        tag,
      ).toBe(true)
    }
  })

  test.each<[message: string, attribute: string, spec: unknown]>([
    ['has no column', 'title', 'titel'],
    ['there is no table', 'mobile', { table: 'fones', on: 'user_id', value: 'number' }],
    ['the schema knows no attribute', 'acmeBadge', 'badge'],
    ['are one attribute', 'userid', 'login'],
    ['is no view', 'manager', { ref: 'persons', column: 'manager_id' }],
    ['so no template can make it', 'jpegPhoto', '{badge}'],
    ['unbalanced braces in', 'cn', '{first_name'],
    ['is no valid', 'uidNumber', { constant: 'many' }],
    ['not a truth value', 'title', { column: 'role', equals: 'boss' }],
    ['a truth value', 'acmeBoss', { column: 'role', syntax: 'boolean' }],
    ['is no DN', 'seeAlso', { dn: 'users' }],
    ['which has no bits', 'acmeFlag', { column: 'role', bit: 2 }],
    ['so it is below no suffix', 'title', { column: 'job_title', suffix: { 'dc=a': 'dc=b' } }],
    ['refers to no entry of', 'memberOf', { ref: 'groups', by: 'cn' }],
    ['unknown key', 'title', { column: 'job_title', colum: 'x' }],
    ['needs one of the keys', 'title', {}],
  ])('explains the message "%s"', async (message, attribute, spec) => {
    const attributes = { uid: 'username', [attribute]: spec }
    const broken = createGateway({
      suffix: 'dc=example,dc=com',
      sources: { hr: { type: 'sql', url: database.url } },
      views: [{ ...people, attributes } as GatewayInput['views'][number], groups],
      log: { level: 'silent' },
    })
    await expect(broken).rejects.toThrow(ConfigError)
    await expect(broken).rejects.toThrow(message)
    expect(mapping.slice(mapping.indexOf('## What the messages mean'))).toContain(message)
  })
})

/** The examples of the gateway file, with what comes from elsewhere. */
const gatewayExamples = examples(
  configuration
    .replace(/\$\{(?:PROVISIONER|CONSOLE)_TOKEN_SHA256\}/g, 'ab'.repeat(32))
    .replace(/\$\{file:sso-keys.json\}/g, 'https://sso.example.com/keys'),
)

describe('the page on the gateway file', () => {
  test.each(gatewayExamples)('shows what is valid: $title', ({ content }) => {
    const base = {
      suffix: 'dc=example,dc=com',
      sources: { hr: { type: 'sql', url: 'sqlite:people.db' } },
      views: ['people.yaml'],
    }
    const accounts = z.array(z.record(z.string(), z.unknown())).parse(content.serviceAccounts ?? [])
    // What comes from the environment stands for a hash.
    const serviceAccounts = accounts.map((account) => ({ ...account, password: '{CLEARTEXT}secret' }))
    expect(gatewaySchema.safeParse({ ...base, ...content, serviceAccounts }).error).toBeUndefined()
  })

  test('explains every key', () => {
    const { properties } = z.toJSONSchema(gatewaySchema.omit({ views: true }), { io: 'input' })
    for (const key of keysOf({ properties })) expect(configuration, key).toMatch(new RegExp(`\\b${key}\\b`))
  })

  test('tells the defaults', () => {
    const defaults = gatewaySchema.parse({
      suffix: 'dc=example,dc=com',
      sources: { hr: { type: 'sql', url: 'sqlite:people.db' } },
      views: ['people.yaml'],
    })
    const told = (key: string) =>
      new RegExp(`^\\| \`${key.replace('.', '\\.')}\` +\\| \`?([^\`|]+?)\`? +\\|`, 'm').exec(
        configuration,
      )?.[1]
    const { limits } = defaults
    const source = defaults.sources.hr?.type === 'sql' ? defaults.sources.hr : undefined
    const numbers = { ...limits, 'pool.max': source?.pool.max }
    for (const key of ['size', 'pageSize', 'connections', 'inFlight', 'pool.max'] as const) {
      expect(told(key), key).toBe(String(numbers[key]))
    }
    expect(told('bindFailures.perDn')).toBe(String(limits.bindFailures.perDn))
    expect(told('bindFailures.perAddress')).toBe(String(limits.bindFailures.perAddress))
    for (const key of ['pduBytes', 'pduBytesBeforeBind'] as const) {
      expect(parseSize(told(key) ?? ''), key).toBe(limits[key])
    }
    const times = {
      time: limits.time,
      idle: limits.idle,
      'bindFailures.window': limits.bindFailures.window,
      'pool.acquireTimeout': source?.pool.acquireTimeout,
      statementTimeout: source?.statementTimeout,
      connectTimeout: source?.connectTimeout,
    }
    for (const [key, milliseconds] of Object.entries(times)) {
      expect(parseDuration(told(key) ?? ''), key).toBe(milliseconds)
    }
    expect(told('level')).toBe(defaults.log.level)
  })
})

/** Every key that a JSON Schema names, at any depth. */
function keysOf(schema: unknown): ReadonlySet<string> {
  const keys = new Set<string>()
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return
    if ('properties' in node && typeof node.properties === 'object' && node.properties !== null) {
      for (const key of Object.keys(node.properties)) keys.add(key)
    }
    for (const inner of Object.values(node)) visit(inner)
  }
  visit(schema)
  return keys
}
