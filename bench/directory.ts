/** A server that speaks LDAP, under the load of the generator, which checks every answer. */
import { type Load, PAGE, type Target, type What } from './cases.js'
import { generate } from './lgen.js'

/**
 * What it takes part in: `all`; all but `pages`; all but long answers, which would take minutes; searches for one person
 * at a time; these on many connections.
 */
export type Part = 'all' | 'unpaged' | 'short' | 'lookups' | 'many'

export interface Server {
  readonly name: string
  readonly port: number
  /** Of the server, and of the server behind it if there is one. */
  readonly pids: readonly [number] | readonly [number, number]
  readonly part: Part
  readonly warmUp: number
  /** Only so many people are sought, again and again; anybody if not given. */
  readonly sought?: number
}

export interface Data {
  /** How many people there are. */
  readonly users: number
  /** The load generator. */
  readonly lgen: string
}

/** The attributes of a person that anonymous may read. */
const ATTRIBUTES = '10'
const DUMP = ['-m', 'paged', '-f', '(objectClass=inetOrgPerson)', '-A', ATTRIBUTES] as const

export function directory(server: Server, { users, lgen }: Data): Target {
  const { name, warmUp, port, pids } = server
  return {
    name,
    warmUp,
    load(what): Load | undefined {
      const args = argumentsFor(what, server, users)
      const unit = what.kind === 'pages' || what.kind === 'dump' ? 'entry' : 'op'
      return (
        args &&
        ((seconds, signal) => generate(lgen, ['-p', port, '-t', seconds, ...args], pids, unit, signal))
      )
    },
  }
}

/** For so many people; undefined where one that has this part is left out. */
function argumentsFor(
  what: What,
  { part, sought = 0 }: Server,
  users: number,
): readonly (string | number)[] | undefined {
  const isSingle = part === 'lookups' || part === 'many'
  switch (what.kind) {
    case 'equality':
      if (part === 'many' && what.connections === 1) return undefined
      return [
        ...[
          '-m',
          'search',
          '-c',
          what.connections,
          '-q',
          what.inFlight,
          '-n',
          users,
          '-R',
          Math.min(sought, users),
        ],
        ...['-f', '(uid=user%u)', '-E', 'uid=user%u,', '-x', 1, '-A', ATTRIBUTES],
      ]
    case 'bind':
      return isSingle ? undefined : ['-m', 'bind', '-c', 64, '-n', users]
    case 'department': {
      const drawn = ['-n', users, '-R', Math.min(1000, users / 100)]
      const search = [
        '-m',
        'search',
        '-c',
        16,
        '-f',
        '(departmentNumber=dept%d)',
        '-x',
        100,
        '-A',
        ATTRIBUTES,
      ]
      return isSingle ? undefined : [...search, ...drawn]
    }
    case 'pages': {
      if (isSingle || part === 'unpaged') return undefined
      return [...DUMP, '-g', PAGE, ...(part === 'short' ? ['-k', 1, '-x', PAGE] : ['-x', users])]
    }
    case 'dump':
      return part === 'all' || part === 'unpaged' ? [...DUMP, '-g', 0, '-x', users] : undefined
    case 'scim':
      return undefined
  }
}
