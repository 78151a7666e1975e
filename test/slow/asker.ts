/**
 * A process of clients that ask as fast as they are answered, over LDAP and SCIM, and look at every answer: is it right, is
 * it an honest refusal, or is it wrong? `asking.ts` starts it; it counts on standard output until its standard input ends.
 */
import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { LdapClient, LdapError, resultCode } from '../../src/ldap/index.js'
import type { Asked, Counted } from './asking.js'

const asked = JSON.parse(process.argv[2] ?? '') as Asked
const counted: Counted = { right: { ldap: 0, bind: 0, scim: 0 }, honest: {}, lost: 0, wrong: [], marks: [] }
/** Milliseconds after which nobody answers any more. */
const PATIENCE = 8000
/** Codes by which a server says that it cannot answer now; 81, 91 and 85 are this client's, for one that is gone. */
const HONEST: ReadonlySet<number> = new Set([
  resultCode.timeLimitExceeded,
  resultCode.busy,
  resultCode.unavailable,
  81,
  91,
])
const TIMED_OUT = 85

const marks = new Set<string>()
let isOver = false
let next = 0

function honest(what: string): void {
  counted.honest[what] = (counted.honest[what] ?? 0) + 1
}

function wrong(what: string): void {
  if (counted.wrong.length < 20) counted.wrong.push(what)
}

/** What was thrown in place of an answer. */
function judgeThrown(kind: string, error: unknown): void {
  if (!(error instanceof LdapError)) wrong(`${kind}: ${error}`)
  else if (error.code === TIMED_OUT) counted.lost++
  else if (HONEST.has(error.code)) honest(`${kind} ${error.code}`)
  else wrong(`${kind}: ${error.code} ${error.message}`)
}

/** Work over one connection after the other. */
async function overLdap(
  kind: 'ldap' | 'bind',
  work: (client: LdapClient, n: number) => Promise<void>,
): Promise<void> {
  while (!isOver) {
    let client: LdapClient | undefined
    try {
      client = await LdapClient.connect({ port: asked.ldap, timeoutMs: PATIENCE })
      if (kind === 'ldap') await client.bind(asked.dn, asked.password)
      while (!isOver && !client.closed) {
        await work(client, (next++ % asked.people) + 1)
        counted.right[kind]++
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ECONNREFUSED' || code === 'ECONNRESET') honest(code)
      else judgeThrown(kind, error)
      await sleep(20)
    } finally {
      client?.close()
    }
  }
}

async function search(client: LdapClient, n: number): Promise<void> {
  const attributes = ['uid', 'cn', 'title']
  const { entries } = await client.searchAll(asked.base, { filter: `(uid=user.${n})`, attributes })
  const seen = entries.map((entry) =>
    Object.fromEntries(entry.attributes.map(({ type, values: [value] }) => [type, String(value)])),
  )
  const isRight = seen.length === asked.copies && seen.every(({ uid, cn }) => isPerson(n, uid, cn))
  judge(`(uid=user.${n})`, isRight, seen)
}

async function bind(client: LdapClient, n: number): Promise<void> {
  const dn = asked.user.replace('*', String(n))
  await client.bind(dn, asked.userPassword)
  try {
    await client.bind(dn, 'wrong')
    wrong(`bind: a wrong password of ${dn} was taken`)
  } catch (error) {
    if (!(error instanceof LdapError) || error.code !== resultCode.invalidCredentials) throw error
  }
}

const agent = new Agent({ keepAlive: true })

async function overScim(): Promise<void> {
  while (!isOver) {
    const n = (next++ % asked.people) + 1
    const { status, text } = await requested(
      `/scim/v2/Users?filter=${encodeURIComponent(`userName eq "user.${n}"`)}`,
    )
    if (status === 200) {
      const { Resources: found = [] } = JSON.parse(text) as { Resources?: Record<string, string>[] }
      const isRight = found.length === 1 && found.every((one) => isPerson(n, one.userName, one.displayName))
      judge(`userName eq user.${n}`, isRight, found)
      counted.right.scim++
      continue
    }
    if (status === 0 || status === 429 || status >= 502) honest(`scim ${status === 0 ? text : status}`)
    else if (status === TIMED_OUT) counted.lost++
    else wrong(`scim: ${status} ${text}`)
    await sleep(20)
  }
}

/** Status 0 where the connection ended before the answer did. */
function requested(path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve({ status: 0, text: error.code ?? error.message })
    const headers = { authorization: `Bearer ${asked.token}` }
    const request = get(
      { host: '127.0.0.1', port: asked.http, path, headers, agent, timeout: PATIENCE },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (more: string) => {
          text += more
        })
        response.once('error', failed)
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
      },
    )
    request.once('error', failed)
    request.once('timeout', () => {
      resolve({ status: TIMED_OUT, text: '' })
      request.destroy()
    })
  })
}

const isPerson = (n: number, uid: string | undefined, cn: string | undefined) =>
  uid === `user.${n}` && (cn === undefined || cn === `User ${n}`)

/** All that one answer shows is of one configuration. */
function judge(what: string, isRight: boolean, seen: readonly Record<string, string>[]): void {
  const [{ title } = {}] = seen
  if (!isRight || seen.some((one) => one.title !== title)) wrong(`${what}: ${JSON.stringify(seen)}`)
  if (title !== undefined && !marks.has(title)) counted.marks = [...marks.add(title)]
}

const { clients } = asked
const all = [
  ...Array.from({ length: clients.ldap }, () => overLdap('ldap', search)),
  ...Array.from({ length: clients.bind }, () => overLdap('bind', bind)),
  ...Array.from({ length: clients.scim }, () => overScim()),
]
const tell = () => process.stdout.write(`${JSON.stringify(counted)}\n`)
const timer = setInterval(tell, 100)
process.stdin.once('end', () => {
  isOver = true
})
process.stdin.resume()
await Promise.all(all)
clearInterval(timer)
tell()
agent.destroy()
