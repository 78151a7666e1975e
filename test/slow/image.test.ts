/**
 * What `docker/Dockerfile` says, done step by step in folders, each in place of a stage's file system; what it ends in is
 * started as the image would be, under its account, on files that nobody may change.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { LdapClient } from '../../src/ldap/index.js'
import { dockerFolder, root } from '../deployment/compose.js'
import { readOnly } from '../deployment/read-only.js'
import { started } from '../deployment/running.js'
import { makeScratch, removeScratch } from '../servers/scratch.js'

const scratch = makeScratch(undefined)
afterAll(() => removeScratch(scratch))

interface Stage {
  /** What stands for `/`. */
  readonly root: string
  workdir: string
  user?: string
  readonly said: Record<string, string>
}

/** Instructions with what follows them, in order. */
function instructions(): (readonly [string, string])[] {
  return readFileSync(join(dockerFolder, 'Dockerfile'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])
}

function build(): Stage {
  const stages = new Map<string, Stage>()
  let stage: Stage = { root: '', workdir: '/', said: {} }
  for (const [instruction, rest] of instructions()) {
    if (instruction === 'FROM') {
      const [base = '', , name = `stage ${stages.size}`] = rest.split(' ')
      stage = { root: join(scratch, name), workdir: '/', said: {} }
      stages.set(name, stage)
      mkdirSync(join(stage.root, 'usr/local/bin'), { recursive: true })
      if (base.startsWith('node:')) cpSync(process.execPath, join(stage.root, 'usr/local/bin/node'))
    } else if (instruction === 'WORKDIR') {
      stage.workdir = rest
      mkdirSync(join(stage.root, rest), { recursive: true })
    } else if (instruction === 'RUN') {
      const command = rest.replace(/^--mount=\S+ /, '')
      execFileSync('/bin/sh', ['-ec', command], { cwd: join(stage.root, stage.workdir), stdio: 'pipe' })
    } else if (instruction === 'COPY') {
      const [, other, paths = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(rest) ?? []
      const from = other === undefined ? root : stages.get(other)?.root
      const [to = '', ...sources] = paths.split(' ').reverse()
      for (const source of sources) {
        const target = join(stage.root, to.startsWith('/') ? '' : stage.workdir, to)
        cpSync(join(from ?? '', source), to.endsWith('/') ? join(target, basename(source)) : target, {
          recursive: true,
        })
      }
    } else stage.said[instruction] = rest
  }
  return stage
}

it('the image serves as an account without rights, says that it is healthy, and ends in order', async () => {
  const image = build()
  const app = join(image.root, 'app')
  expect(readdirSync(app)).toEqual(
    expect.arrayContaining(['dist', 'mappings', 'node_modules', 'package.json', 'health.js']),
  )
  for (const tool of ['typescript', 'vitest', 'tsx'])
    expect(existsSync(join(app, 'node_modules', tool))).toBe(false)
  expect(existsSync(join(app, 'src'))).toBe(false)
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  for (const name of ['fastify', 'pg', 'mysql2']) {
    const { version } = JSON.parse(readFileSync(join(app, 'node_modules', name, 'package.json'), 'utf8'))
    expect(version).toBe(locked.packages[`node_modules/${name}`].version)
  }

  const { USER = '', ENTRYPOINT = '', CMD = '', HEALTHCHECK = '', STOPSIGNAL } = image.said
  expect(STOPSIGNAL).toBe('SIGTERM')
  const [uid, gid] = USER.split(':').map(Number)
  const account = process.getuid?.() === 0 ? { uid, gid } : {}
  expect(uid).toBeGreaterThan(0)
  const inside = (command: string): string[] =>
    (JSON.parse(command) as string[]).map((part) =>
      part.startsWith('/app/') ? join(image.root, part) : part,
    )
  const demo = join(app, 'mappings/demo/gateway.yaml')
  const command = [...inside(ENTRYPOINT), ...inside(CMD)].map((part) =>
    part === '/etc/vitrine/gateway.yaml' ? demo : part,
  )
  expect(command).toContain(demo)
  const database = join(image.root, 'demo.sqlite')
  execFileSync(process.execPath, [join(app, 'dist/cli/main.js'), 'demo', '--write', database])
  chmodSync(scratch, 0o755)
  readOnly(image.root)

  const node = join(image.root, 'usr/local/bin/node')
  expect(statSync(node).mode & 0o222).toBe(0)
  const options = { cwd: join(image.root, image.workdir), env: { DEMO_DB: `sqlite:${database}` }, ...account }
  const gateway = await started(node, [...command.slice(1), '--ldap-port', '0', '--http-port', '0'], options)
  try {
    const client = await LdapClient.connect({ port: gateway.ports.ldap ?? 0 })
    await client.bind('uid=bjensen,ou=people,dc=example,dc=com', 'hifalutin')
    client.close()
    const check = inside(HEALTHCHECK.slice(HEALTHCHECK.indexOf('['))).slice(1)
    const asked = (port: number | undefined) =>
      execFileSync(node, [...check, `http://127.0.0.1:${port}/readyz`], { ...account, encoding: 'utf8' })
    expect(asked(gateway.ports.http)).toContain('200')
    expect(() => asked(9)).toThrow('Command failed')
    gateway.kill('SIGTERM')
    expect(await gateway.exited).toBe(0)
  } finally {
    gateway.kill('SIGKILL')
  }
})
