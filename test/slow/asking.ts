/** Clients in a process of their own that look at every answer, for tests that disturb what is asked. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { GatewayInput } from '../../src/index.js'
import { eventually } from '../fault/running.js'
import { password, people, service, suffix } from '../fault/staff.js'

/** Where, as whom and how much is asked. */
export interface Asked {
  readonly ldap: number
  readonly http: number
  readonly clients: { readonly ldap: number; readonly bind: number; readonly scim: number }
  readonly base: string
  /** How many entries each person is. */
  readonly copies: number
  readonly people: number
  readonly dn: string
  readonly password: string
  /** The DN of person `*`. */
  readonly user: string
  readonly userPassword: string
  readonly token: string
}

export interface Counted {
  readonly right: Record<'ldap' | 'bind' | 'scim', number>
  /** Refusals that say that nobody can answer now, and connections that ended. */
  readonly honest: Record<string, number>
  /** Requests that were not answered at all. */
  lost: number
  readonly wrong: string[]
  /** What was shown by which configurations are told apart. */
  marks: string[]
}

export interface Asking {
  readonly counted: Counted
  /** Resolves when clients of each kind have been answered rightly so many times more; rejects after `ms`. */
  answered(times: number, ms: number): Promise<void>
  /**
   * From now on; returns how often a right answer came in a second.
   * @param pid of what is asked: what other programs take of the machine in the meantime is made up for
   */
  mark(pid: number): () => number
  stop(): Promise<Counted>
}

const script = fileURLToPath(new URL('asker.ts', import.meta.url))
const TOKEN = 'a-token-of-the-application'

export function startAsking(asked: Partial<Asked> & Pick<Asked, 'ldap' | 'http' | 'clients'>): Asking {
  const whole: Asked = {
    base: suffix,
    copies: 1,
    people: 200,
    dn: service.dn,
    password: service.password,
    user: `uid=user.*,${people}`,
    userPassword: password,
    token: TOKEN,
    ...asked,
  }
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(whole)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = new Promise((resolve) => child.once('close', resolve))
  let counted: Counted = { right: { ldap: 0, bind: 0, scim: 0 }, honest: {}, lost: 0, wrong: [], marks: [] }
  let at = 0
  let left = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (left + text).split('\n')
    left = lines.pop() ?? ''
    for (const line of lines) counted = JSON.parse(line) as Counted
    at = performance.now()
  })
  const kinds = (Object.keys(whole.clients) as (keyof Asked['clients'])[]).filter(
    (kind) => whole.clients[kind] > 0,
  )
  return {
    get counted() {
      return counted
    },
    answered: async (times, ms) => {
      const before = { ...counted.right }
      await eventually(
        ms,
        async () => counted,
        ({ right }) => kinds.every((kind) => right[kind] >= before[kind] + times),
      )
    },
    mark: (pid) => {
      const [before, begun, others] = [sum(counted), at, othersOf([pid, child.pid ?? 0])]
      return () => (sum(counted) - before) / ((at - begun) / 1000) / (1 - others())
    },
    stop: async () => {
      child.stdin.end()
      await exited
      return counted
    },
  }
}

/** The share of the machine that is others' from now on. */
function othersOf(pids: readonly number[]): () => number {
  const now = () => {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
    const times = line.trim().split(/\s+/).slice(1, 9).map(Number)
    const all = times.reduce((total, time) => total + time, 0)
    const [, , , idle = 0, waiting = 0] = times
    const own = pids.reduce((total, pid) => total + ticksOf(pid), 0)
    return { all, others: all - idle - waiting - own }
  }
  const before = now()
  return () => {
    const after = now()
    return Math.max(0, (after.others - before.others) / (after.all - before.all))
  }
}

/** Fields 14 and 15 of proc(5)'s stat. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

const sum = ({ right }: Counted) => right.ldap + right.bind + right.scim

/** What a gateway needs besides for what is asked. */
export const askable = {
  listen: { ldap: 0, http: 0, ops: 0 },
  log: { level: 'warn' },
  access: [{ who: ['authenticated', service.dn], views: '*' }],
  scim: { tokens: [{ name: 'asking', token: `{CLEARTEXT}${TOKEN}`, as: service.dn, scopes: ['*'] }] },
  limits: { bindFailures: { perDn: 1_000_000, perAddress: 1_000_000, window: '1s' } },
} satisfies Partial<GatewayInput>

/** The view of people alone, over both protocols. */
export function askedView({ views: [view] }: GatewayInput): GatewayInput['views'] {
  return [{ ...(view as object), scim: { resource: 'User' } } as never]
}
