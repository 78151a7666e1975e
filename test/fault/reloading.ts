/** A gateway whose mappings say by what they show which of them answered, and clients that ask it all the time. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GatewayInput } from '../../src/index.js'
import { LdapClient } from '../../src/ldap/index.js'
import { type Child, serveGateway } from './running.js'
import { loadStaff, service, suffix } from './staff.js'

export const TOKEN = 'a-token-of-the-application'

const database = join(tmpdir(), `vitrine-reload-${process.pid}.sqlite`)

/** Two views of the same people, each of whom shows the mark of the configuration. */
export function marked(mark: string, further: Partial<GatewayInput> = {}): GatewayInput {
  const view = (name: string) => ({
    view: name,
    source: 'hr',
    from: 'staff',
    key: 'id',
    attributes: {
      uid: 'login',
      cn: 'name',
      sn: 'name',
      title: { constant: mark },
      userPassword: { column: 'secret', verifyOnly: true, cleartext: true },
    },
    ldap: { base: `ou=${name}`, rdn: 'uid', objectClass: ['inetOrgPerson'] },
  })
  return {
    suffix,
    listen: { ldap: 0, http: 0 },
    sources: { hr: { type: 'sql', url: `sqlite:${database}` } },
    serviceAccounts: [{ dn: service.dn, password: `{CLEARTEXT}${service.password}` }],
    access: [{ who: [service.dn, 'authenticated'], views: '*' }],
    scim: { tokens: [{ name: 'test', token: `{CLEARTEXT}${TOKEN}`, as: service.dn, scopes: ['*'] }] },
    views: [{ ...view('people'), scim: { resource: 'User' } }, view('others')],
    ...further,
  } as GatewayInput
}

export async function makeDatabase(): Promise<() => void> {
  rmSync(database, { force: true })
  await loadStaff(`sqlite:${database}`, 200)
  return () => rmSync(database, { force: true })
}

export interface Reloading extends Child {
  readonly http: string
  /** Puts another configuration in the place of the one there is. */
  write(config: GatewayInput | string): void
  /** Tells it to reload, and resolves when it, or each of several processes, says that it has, or has not. */
  hangUp(processes?: number): Promise<void>
}

export async function serveMarked(config: GatewayInput, ...options: string[]): Promise<Reloading> {
  const child = await serveGateway(config, ...options)
  const told = () =>
    child.output().match(/the configuration (has been reloaded|is not reloaded)/g)?.length ?? 0
  return {
    ...child,
    http: `http://127.0.0.1:${/http:\/\/[^\s:]*:(\d+)/.exec(child.output())?.[1]}`,
    write: (next) => {
      const beside = join(dirname(child.file), 'next.yaml')
      writeFileSync(beside, typeof next === 'string' ? next : JSON.stringify(next))
      renameSync(beside, child.file)
    },
    hangUp: async (processes = 1) => {
      const before = told()
      child.kill('SIGHUP')
      for (let waited = 0; told() < before + processes; waited += 10) {
        if (waited > 10_000) throw new Error(`it is not reloaded:\n${child.output()}`)
        await sleep(10)
      }
      // What is wrong with a configuration is told line by line, which may come one by one.
      for (let heard = -1; heard < told(); await sleep(30)) heard = told()
    },
  }
}

/** What clients have seen. */
export interface Seen {
  operations: number
  /** Answers that are not what one configuration alone would have given. */
  readonly wrong: string[]
  readonly marks: Set<string>
}

/** Clients, each over one connection, that ask as fast as they are answered until they are told to stop. */
export function askAlways(
  { port, http }: Pick<Reloading, 'port' | 'http'>,
  clients: { readonly ldap: number; readonly scim: number },
): { readonly seen: Seen; stop(): Promise<Seen> } {
  const seen: Seen = { operations: 0, wrong: [], marks: new Set() }
  let isOver = false
  const repeatedly = async (ask: () => Promise<void>) => {
    while (!isOver) {
      await ask()
      seen.operations++
    }
  }
  const judge = (kind: string, marks: readonly unknown[], wanted: number) => {
    const [mark] = marks
    if (marks.length !== wanted || marks.some((one) => one !== mark))
      seen.wrong.push(`${kind}: ${JSON.stringify(marks)}`)
    seen.marks.add(String(mark))
  }
  const overLdap = async (n: number) => {
    const client = await LdapClient.connect({ port })
    await client.bind(service.dn, service.password)
    await repeatedly(async () => {
      try {
        const { entries } = await client.searchAll(suffix, {
          filter: `(uid=user.${(n % 200) + 1})`,
          attributes: ['title'],
        })
        judge(
          'LDAP',
          entries.map(({ attributes: [title] }) => String(title?.values[0])),
          2,
        )
      } catch (error) {
        seen.wrong.push(`LDAP: ${error}`)
        isOver = true
      }
    })
    client.close()
  }
  const overScim = (n: number) =>
    repeatedly(async () => {
      try {
        const filter = encodeURIComponent(`userName eq "user.${n + 1}"`)
        const response = await fetch(`${http}/scim/v2/Users?filter=${filter}&attributes=title`, {
          headers: { authorization: `Bearer ${TOKEN}` },
        })
        const { Resources: found = [] } = (await response.json()) as { Resources?: { title: string }[] }
        if (response.status !== 200) seen.wrong.push(`SCIM: ${response.status}`)
        judge(
          'SCIM',
          found.map(({ title }) => title),
          1,
        )
      } catch (error) {
        seen.wrong.push(`SCIM: ${error} ${(error as Error).cause}`)
        isOver = true
      }
    })
  const done = Promise.all([
    ...Array.from({ length: clients.ldap }, (_, n) => overLdap(n)),
    ...Array.from({ length: clients.scim }, (_, n) => overScim(n)),
  ])
  return {
    seen,
    stop: async () => {
      isOver = true
      await done
      return seen
    },
  }
}
