/**
 * What `npm pack` makes, installed by somebody who has nothing else: in an empty folder, without what only developers need.
 * It runs there from files that nobody may change, under an account without rights, and programs compile against it.
 */
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LdapClient } from '../../src/ldap/index.js'
import { makeScratch, removeScratch, serverAccount } from '../servers/scratch.js'
import { readOnly } from './read-only.js'
import { started } from './running.js'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const account = serverAccount()
const scratch = makeScratch(undefined)
const app = join(scratch, 'app')
const vitrine = join(app, 'node_modules/.bin/vitrine')

interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}
let packed: Packed

beforeAll(async () => {
  chmodSync(scratch, 0o755)
  mkdirSync(app)
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch]
  const told = Object.values(JSON.parse((await run('npm', pack, { cwd: root })).stdout) as Packed[])
  const [only] = told
  if (only === undefined || told.length > 1) throw new Error('npm pack makes one package')
  packed = only
  // Else npm takes a folder further up for the project.
  writeFileSync(join(app, 'package.json'), '{ "private": true }')
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']
  await run('npm', ['install', '--omit=dev', ...quietly, join(scratch, packed.filename)], { cwd: app })
  await run(vitrine, ['demo', '--write', join(app, 'demo.sqlite')])
  readOnly(app)
})

afterAll(() => removeScratch(scratch))

describe('the package', () => {
  it('holds what runs, the worked mappings, and nothing of how it is made', () => {
    const paths = packed.files.map(({ path }) => path)
    for (const needed of [
      'dist/index.js',
      'dist/index.d.ts',
      'dist/ldap/index.d.ts',
      'dist/ops/console/page/index.html',
      'LICENSE',
      'README.md',
    ])
      expect(paths).toContain(needed)
    expect(paths).toContain('mappings/demo/data.sql')
    const expected =
      /^dist\/.*\.(js|d\.ts)$|^dist\/ops\/console\/page\/\w+\.(html|css|svg)$|^mappings\/.*\.(yaml|sql|md)$|^[A-Z]+\.md$|^LICENSE$|^package\.json$/
    expect(paths.filter((path) => !expected.test(path))).toEqual([])
    expect(packed.size).toBeLessThan(1.5 * 2 ** 20)
    expect(packed.unpackedSize).toBeLessThan(6 * 2 ** 20)
  })

  it('brings no tools of developers', () => {
    const names = readdirSync(join(app, 'node_modules'))
    expect(names).toEqual(expect.arrayContaining(['vitrine', 'fastify', 'pg', 'mysql2']))
    for (const tool of ['typescript', 'vitest', 'tsx', 'knip', 'ldapjs', 'ldapts', 'fast-check', 'express'])
      expect(names).not.toContain(tool)
  })

  it('has types that programs compile against, strictly', async () => {
    const program = join(scratch, 'consumer')
    mkdirSync(join(program, 'node_modules'), { recursive: true })
    writeFileSync(join(program, 'program.ts'), consumer)
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
    const settings = [
      ...[
        '--noEmit',
        '--skipLibCheck',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--lib',
        'es2023',
        '--types',
        'node',
      ],
      ...['--typeRoots', join(app, 'node_modules/@types')],
    ]
    symlinkSync(join(app, 'node_modules/vitrine'), join(program, 'node_modules/vitrine'))
    await run(process.execPath, [compiler, ...settings, ...strict, join(program, 'program.ts')])
  })
})

describe('an unprivileged account on files that it cannot change', () => {
  it('serves LDAP and HTTP, answers what it has accepted when it is told to stop, and exits with 0', async () => {
    const cannotWrite = `require('node:fs').writeFileSync('new', '')`
    await expect(run(process.execPath, ['-e', cannotWrite], { cwd: app, ...account })).rejects.toThrow(
      'EACCES',
    )

    const config = join(app, 'node_modules/vitrine/mappings/demo/gateway.yaml')
    const options = ['--config', config, '--ldap-port', '0', '--http-port', '0']
    const gateway = await started(vitrine, ['serve', ...options], {
      cwd: app,
      env: { PATH: process.env.PATH, DEMO_DB: `sqlite:${join(app, 'demo.sqlite')}` },
      ...account,
    })
    try {
      const { ldap = 0, http } = gateway.ports
      for (const path of ['livez', 'readyz'])
        expect((await fetch(`http://127.0.0.1:${http}/${path}`)).status).toBe(200)
      const client = await LdapClient.connect({ port: ldap })
      await client.bind('uid=bjensen,ou=people,dc=example,dc=com', 'hifalutin')
      let found = 0
      for await (const _ of client.search('dc=example,dc=com', { filter: '(objectClass=person)' })) {
        if (found++ === 0) gateway.kill('SIGTERM')
      }
      expect(found).toBeGreaterThan(300)
      expect(await gateway.exited).toBe(0)
    } finally {
      gateway.kill('SIGKILL')
    }
  })
})

const consumer = `
import { createGateway, type GatewayInput } from 'vitrine'
import { LdapClient } from 'vitrine/ldap'

// @ts-expect-error: types know what a configuration is.
export const misspelt: GatewayInput = { sufix: 'dc=example,dc=com', sources: {}, views: [] }
const config: GatewayInput = { suffix: 'dc=example,dc=com', sources: {}, views: [], listen: { ldap: 1389 } }

export async function names(): Promise<readonly string[]> {
  const gateway = await createGateway(config)
  const { ldap } = await gateway.listen()
  const client = await LdapClient.connect({ port: ldap?.port ?? 0 })
  const found: string[] = []
  for await (const { dn } of client.search('dc=example,dc=com', { filter: '(uid=*)' })) found.push(dn)
  client.close()
  await gateway.close()
  return found
}
`
