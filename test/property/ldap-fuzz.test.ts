/**
 * Whatever sound messages, filters, names and controls are turned into: the codec takes it or says what is wrong with a
 * typed error, in no time, and what it takes it gives back the same. What once was not so is kept in `test/data/corpus`.
 * VITRINE_RUNS widens a run, VITRINE_SEED makes other cases.
 */
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BerError,
  type Control,
  DnError,
  decodeMessage,
  encodeMessage,
  FilterSyntaxError,
  formatDn,
  formatFilter,
  MessageError,
  pagedResultsControl,
  parseDn,
  parseFilter,
  parsePagedResults,
  parseProxiedAuthorization,
  parseSortRequest,
  parseSortResponse,
  proxiedAuthorizationControl,
  sortRequestControl,
  sortResponseControl,
} from '../../src/ldap/index.js'
import { mutate, mutateText } from '../data/mutations.js'
import { Random } from '../data/random.js'
import { filter, message, rdn } from './ldap-arbitraries.js'

const seed = Number(process.env.VITRINE_SEED ?? 20261121)
const runs = Number(process.env.VITRINE_RUNS ?? 300) * 5
/** Milliseconds that one input may take. */
const LONGEST = 50

type Kind = new (...args: never[]) => Error

/** What the work makes of its input; undefined where it says, with one of these errors, what is wrong with it. */
function attempt<T>(input: string, refusals: readonly Kind[], work: () => T): T | undefined {
  let outcome: T | undefined
  // What takes long may have been held up by others: it is given the chance to be fast.
  for (let times = 0; times < 4; times++) {
    const started = performance.now()
    try {
      outcome = work()
    } catch (error) {
      if (!refusals.some((kind) => error instanceof kind)) throw new Error(`about ${input}`, { cause: error })
    }
    if (performance.now() - started < LONGEST) return outcome
  }
  throw new Error(`more than ${LONGEST} ms for ${input}`)
}

function checkMessage(octets: Buffer): boolean {
  const input = octets.toString('hex')
  const decoded = attempt(input, [BerError, MessageError], () => decodeMessage(octets))
  if (decoded === undefined) return false
  expect(isDeepStrictEqual(decodeMessage(encodeMessage(decoded)), decoded), input).toBe(true)
  return true
}

function checkFilter(text: string): boolean {
  const input = JSON.stringify(text)
  const parsed = attempt(input, [FilterSyntaxError], () => parseFilter(text))
  if (parsed === undefined) return false
  expect(isDeepStrictEqual(parseFilter(formatFilter(parsed)), parsed), input).toBe(true)
  return true
}

function checkName(text: string): boolean {
  const input = JSON.stringify(text)
  const parsed = attempt(input, [DnError], () => parseDn(text))
  if (parsed === undefined) return false
  expect(isDeepStrictEqual(parseDn(formatDn(parsed)), parsed), input).toBe(true)
  return true
}

const parsers = [parsePagedResults, parseSortRequest, parseSortResponse, parseProxiedAuthorization]

function checkControl(control: Control): boolean {
  const input = `${control.type} ${control.value?.toString('hex')}`
  const parsed = parsers.map((parse) => attempt(input, [MessageError], () => parse(control)))
  return parsed.some((one) => one !== undefined)
}

const samplesOf = <T>(arbitrary: fc.Arbitrary<T>) => fc.sample(arbitrary, { numRuns: 300, seed })

/** Changes samples and checks what comes of them: some are still taken, some are not. */
function fuzz<T>(
  samples: readonly T[],
  change: (random: Random, one: T, other: T) => T,
  check: (mutant: T) => boolean,
) {
  const random = new Random(seed)
  let taken = 0
  for (let run = 0; run < runs; run++) {
    if (check(change(random, random.pick(samples), random.pick(samples)))) taken++
  }
  expect(taken).toBeGreaterThan(0)
  expect(taken).toBeLessThan(runs)
}

describe(`changed at random (seed ${seed})`, { timeout: 600_000 }, () => {
  it('messages', () => {
    fuzz(
      samplesOf(message).map((one) => encodeMessage(one)),
      mutate,
      checkMessage,
    )
  })

  it('filters as text', () => {
    const alphabet = '()&|!=<>~:*\\ aé0\0;-.\u{1f600}'
    fuzz(
      samplesOf(filter).map((one) => formatFilter(one)),
      (random, one) => mutateText(random, one, alphabet),
      checkFilter,
    )
  })

  it('distinguished names', () => {
    const alphabet = ' "#+,;<=>\\a0Fé\0.\u{1f600}'
    fuzz(
      samplesOf(fc.array(rdn, { maxLength: 4 })).map((one) => formatDn(one)),
      (random, one) => mutateText(random, one, alphabet),
      checkName,
    )
  })

  it('values of controls', () => {
    const sound = [
      pagedResultsControl({ size: 100, cookie: Buffer.from('cookie') }, true),
      sortRequestControl([
        { attribute: 'sn', reverse: true, orderingRule: 'caseIgnoreOrderingMatch' },
        { attribute: 'cn', reverse: false },
      ]),
      sortResponseControl({ code: 16, attribute: 'sn' }),
      proxiedAuthorizationControl('dn:cn=someone'),
    ]
    const value = (control: Control) => control.value ?? Buffer.alloc(0)
    fuzz<Control>(
      sound,
      (random, one, other) => ({ ...one, value: mutate(random, value(one), value(other)) }),
      checkControl,
    )
  })
})

describe('cost time in proportion to their length', () => {
  const count = 150_000
  const times = (piece: string) => piece.repeat(count)

  it.each([
    ['many comparisons', `(|${times('(cn=x)(cn=x)')})`],
    ['many comparisons with escapes', `(|${times('(cn=\\41)(cn=x)')})`],
    ['many pieces', `(cn=${times('*x')})`],
    ['many escapes', `(cn=${times('\\41')})`],
    ['many extensible matches', `(|${times('(cn:dn:1.2:=x)')})`],
    ['many stars', `(cn=${times('*')})`],
    ['many colons', `(cn${times(':')}=x)`],
    ['many options', `(cn${times(';x')}=x)`],
    ['many hyphens', `(cn${times('-')} =x)`],
    ['many numbers', `(1${times('.1')}a=x)`],
    ['nothing but parentheses', times('(')],
    ['nothing but spaces', times(' ')],
    ['many spaces', `(&${times(' ')}(cn=x)${times(' ')})`],
  ])('filters of %s', (_name, text) => {
    const started = process.cpuUsage()
    try {
      parseFilter(text)
    } catch (error) {
      expect(error).toBeInstanceOf(FilterSyntaxError)
    }
    const { user, system } = process.cpuUsage(started)
    expect(user + system).toBeLessThan(2_500_000)
  })

  it.each([
    ['many RDNs', `${times('cn=x,')}cn=x`],
    ['many values', `${times('cn=x+')}cn=x`],
    ['many escapes', `cn=${times('\\,')}`],
    ['many hex pairs', `cn=${times('\\41')}`],
    ['a long hex string', `cn=#${times('41')}`],
    ['many spaces', `cn=${times(' ')}x${times(' ')}`],
    ['many quotes', `cn=${times('"x"')}`],
    ['a long type', `${times('a')}`],
    ['many numbers', `1${times('.1')}a=x`],
  ])('names of %s', (_name, text) => {
    const started = process.cpuUsage()
    try {
      parseDn(text)
    } catch (error) {
      expect(error).toBeInstanceOf(DnError)
    }
    const { user, system } = process.cpuUsage(started)
    expect(user + system).toBeLessThan(2_500_000)
  })
})

/** Lines of `taken` or `refused`, the input as JSON or, of messages, in hex, and what it was about. */
function corpus(name: string): readonly (readonly [about: string, isTaken: boolean, input: string])[] {
  const text = readFileSync(new URL(`../data/corpus/${name}`, import.meta.url), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [outcome, input = '', about = ''] = line.split('\t')
      return [about, outcome === 'taken', input] as const
    })
}

describe('the corpus', () => {
  it.each(corpus('messages.hex'))('of messages: %s', (_about, isTaken, input) => {
    expect(checkMessage(Buffer.from(input, 'hex'))).toBe(isTaken)
  })
  it.each(corpus('filters.txt'))('of filters: %s', (_about, isTaken, input) => {
    expect(checkFilter(JSON.parse(input))).toBe(isTaken)
  })
  it.each(corpus('names.txt'))('of names: %s', (_about, isTaken, input) => {
    expect(checkName(JSON.parse(input))).toBe(isTaken)
  })
})
