/** `vitrine/ldap` as a program of somebody else gets it: packed, typed, and doing what the pages on it show. */
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLdapServer, LdapClient } from '../../src/ldap/index.js'
import { freePort } from '../servers/scratch.js'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8')
const pages = [page('ldap-library.md'), page('from-ldapjs.md')]
const examples = pages.flatMap((text) => [...text.matchAll(/^```ts\n\/\/ (\S+)\n((?:(?!```).*\n)*)/gm)])
const folder = mkdtempSync(join(tmpdir(), 'vitrine-consumer-'))
let port = 0

beforeAll(async () => {
  port = await freePort()
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@types'), { recursive: true })
  // The package and the types of Node.js, and nothing else that this checkout has.
  const { stdout } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder],
    {
      cwd: root,
    },
  )
  await run('tar', ['-xzf', join(folder, stdout.trim()), '-C', modules])
  await run('mv', [join(modules, 'package'), join(modules, 'vitrine')])
  for (const name of ['@types/node', 'undici-types'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [, name = '', text = ''] of examples)
    writeFileSync(join(folder, name), text.replaceAll('1389', String(port)))
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What one of the programs prints until it ends. */
async function outputOf(name: string): Promise<string> {
  return (await run(process.execPath, [join(folder, name)], { cwd: folder })).stdout
}

describe('the published package', () => {
  it('is typed for the strictest of programs', { timeout: 120_000 }, async () => {
    const strict = [
      '--strict',
      '--exactOptionalPropertyTypes',
      '--noUncheckedIndexedAccess',
      '--skipLibCheck',
      'false',
    ]
    const target = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node']
    const files = examples.map(([, name = '']) => name)
    expect(files).toContain('server.ts')
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const checked = await run(process.execPath, [tsc, ...strict, ...target, ...files], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    )
    expect(checked.stdout).toBe('')
  })

  it('serves and asks as its pages show', async () => {
    const server = spawn(process.execPath, [join(folder, 'server.js')], { cwd: folder, stdio: 'inherit' })
    try {
      for (let tries = 0; ; tries++) {
        try {
          ;(await LdapClient.connect({ port })).close()
          break
        } catch (error) {
          if (tries > 200) throw error
          await sleep(50)
        }
      }
      expect(await outputOf('client.js')).toBe('uid=ada,dc=example,dc=com\n')
      expect(await outputOf('moved-client.js')).toBe('refused\nuid=ada,dc=example,dc=com {"uid":["ada"]}\n')
    } finally {
      server.kill('SIGKILL')
    }
  })
})

describe('the page on the library', () => {
  const text = pages[0] ?? ''
  const source = (name: string) => readFileSync(join(root, 'src/ldap', name), 'utf8')
  const members = (declaration: string, name: string) => {
    const [, body = ''] =
      new RegExp(`export interface ${declaration} \\{\\n((?:  .*\\n|\\n)*)`).exec(source(name)) ?? []
    return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(<]/gm)].map(([, member = '']) => member)
  }

  it.each([
    ['LdapServerOptions', 'handlers.ts'],
    ['LdapHandlers<State = unknown>', 'handlers.ts'],
    ['LdapServer', 'server.ts'],
    ['ClientOptions', 'client-options.ts'],
  ])('leaves out nothing of %s', (declaration, name) => {
    const all = members(declaration, name)
    expect(all.length).toBeGreaterThan(3)
    expect(
      all.filter(
        (member) =>
          member !== 'connections' &&
          !new RegExp(`\`${member}\\b`).test(text) &&
          !new RegExp(`\\b${member}\\(`).test(text),
      ),
    ).toEqual([])
  })

  it('names the calls of a client', () => {
    const calls = Object.getOwnPropertyNames(LdapClient.prototype).filter(
      (name) => !['constructor', 'closed', 'authenticate', 'request'].includes(name),
    )
    expect(calls.filter((call) => !text.includes(`\`${call}`))).toEqual([])
    expect(createLdapServer({}).connections).toBe(0)
  })
})
