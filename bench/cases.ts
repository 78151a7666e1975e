/** What is measured: the cases, and with which arguments the load generator makes them. */
import type { Unit } from './lgen.js'

export interface Target {
  readonly name: string
  readonly port: number
  /** Of the server, and of the server behind it if there is one. */
  readonly pids: readonly [number] | readonly [number, number]
  /** Everything; all but pages; all but long answers, which would take minutes; equality only. */
  readonly scope: 'all' | 'unpaged' | 'short' | 'equality'
  /** Seconds of load before anything is counted, for compilers and caches to settle. */
  readonly warmUp: number
}

export interface Case {
  readonly title: string
  readonly unit: Unit
  /** Arguments of the generator for so many seconds; undefined where the target is left out. */
  arguments(target: Target, data: Data, seconds: number): readonly string[] | undefined
}

export interface Data {
  readonly users: number
}

/** The attributes of a person that anonymous may read. */
const ATTRIBUTES = '10'
const PAGE = 1000

/** The load before anything is counted: the most requests in the time. */
export const warmUp = equality('Equality search, 16 connections with 8 in flight each', 16, 8)

export const cases: readonly Case[] = [
  equality('Equality search, 1 connection', 1, 1),
  equality('Equality search, 16 connections', 16, 1),
  equality('Equality search, 64 connections', 64, 1),
  warmUp,
  {
    title: 'Bind, {SSHA}, 64 connections',
    unit: 'op',
    arguments: (target, { users }, seconds) =>
      target.scope === 'equality'
        ? undefined
        : ['-m', 'bind', '-c', '64', '-t', String(seconds), '-n', String(users)],
  },
  {
    title: 'Search for the 100 people of a department, 16 connections',
    unit: 'op',
    arguments: (target, { users }, seconds) =>
      target.scope === 'equality'
        ? undefined
        : [
            ...['-m', 'search', '-c', '16', '-t', String(seconds), '-n', String(users)],
            ...['-R', String(Math.min(1000, users / 100)), '-f', '(departmentNumber=dept%d)'],
            ...['-x', '100', '-A', ATTRIBUTES],
          ],
  },
  {
    title: `All people, pages of ${PAGE}`,
    unit: 'entry',
    arguments: (target, { users }) => {
      if (target.scope === 'equality' || target.scope === 'unpaged') return undefined
      const bounds = target.scope === 'short' ? ['-k', '1', '-x', String(PAGE)] : ['-x', String(users)]
      return [...dump, '-g', String(PAGE), ...bounds]
    },
  },
  {
    title: 'All people, one answer',
    unit: 'entry',
    arguments: (target, { users }) =>
      target.scope === 'all' || target.scope === 'unpaged'
        ? [...dump, '-g', '0', '-x', String(users)]
        : undefined,
  },
]

const dump = ['-m', 'paged', '-f', '(objectClass=inetOrgPerson)', '-A', ATTRIBUTES] as const

function equality(title: string, connections: number, inFlight: number): Case {
  return {
    title,
    unit: 'op',
    arguments: (_target, { users }, seconds) => [
      ...['-m', 'search', '-c', String(connections), '-q', String(inFlight), '-t', String(seconds)],
      ...['-n', String(users), '-f', '(uid=user%u)', '-E', 'uid=user%u,', '-x', '1', '-A', ATTRIBUTES],
    ],
  }
}
