/** What is measured: the cases, and what a server has to be to take part. */
import type { Measurement, Unit } from './measurement.js'

export const PAGE = 1000
/** Members of the large group, where there are as many people. */
export const MEMBERS = 10_000
export const LIST = 100

export type What =
  | { readonly kind: 'equality'; readonly connections: number; readonly inFlight: number }
  | { readonly kind: 'bind' | 'department' | 'pages' | 'dump' }
  | { readonly kind: 'scim'; readonly request: 'get' | 'filter' | 'list' | 'group' }

export interface Case {
  readonly title: string
  readonly unit: Unit
  readonly what: What
}

/** Seconds of load, or as long as a single answer takes. */
export type Load = (seconds: number, signal: AbortSignal) => Promise<Measurement>

export interface Target {
  readonly name: string
  /** Seconds of load before anything is counted, for compilers and caches to settle. */
  readonly warmUp: number
  /** Undefined where it takes no part. */
  load(what: What): Load | undefined
}

const equality = (title: string, connections: number, inFlight: number): Case => ({
  title,
  unit: 'op',
  what: { kind: 'equality', connections, inFlight },
})

export const titles = {
  one: 'Equality search, 1 connection',
  some: 'Equality search, 16 connections',
  many: 'Equality search, 64 connections',
  pipelined: 'Equality search, 16 connections with 8 in flight each',
  bind: 'Bind, {SSHA}, 64 connections',
  department: 'Search for the 100 people of a department, 16 connections',
  pages: `All people, pages of ${PAGE}`,
  dump: 'All people, one answer',
  get: 'SCIM: GET by id, 16 connections',
  filter: 'SCIM: filter by userName, 16 connections',
  list: `SCIM: list of ${LIST}, 16 connections`,
  group: `SCIM: GET of a group with ${MEMBERS.toLocaleString('en-US')} members, 4 connections`,
} as const

export const cases: readonly Case[] = [
  equality(titles.one, 1, 1),
  equality(titles.some, 16, 1),
  equality(titles.many, 64, 1),
  equality(titles.pipelined, 16, 8),
  { title: titles.bind, unit: 'op', what: { kind: 'bind' } },
  { title: titles.department, unit: 'op', what: { kind: 'department' } },
  { title: titles.pages, unit: 'entry', what: { kind: 'pages' } },
  { title: titles.dump, unit: 'entry', what: { kind: 'dump' } },
  { title: titles.get, unit: 'op', what: { kind: 'scim', request: 'get' } },
  { title: titles.filter, unit: 'op', what: { kind: 'scim', request: 'filter' } },
  { title: titles.list, unit: 'op', what: { kind: 'scim', request: 'list' } },
  { title: titles.group, unit: 'op', what: { kind: 'scim', request: 'group' } },
]

/** The loads before anything is counted: the most requests in the time. A target takes the first that it knows. */
export const warmUps: readonly What[] = [
  { kind: 'equality', connections: 16, inFlight: 8 },
  { kind: 'equality', connections: 64, inFlight: 1 },
  { kind: 'scim', request: 'get' },
]
