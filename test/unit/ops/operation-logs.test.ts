/** Lines of the access log and the audit log are JSON, whatever was asked by whom. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { type Observed, Tally, type Told } from '../../../src/model/observe.js'
import { operationLogs } from '../../../src/ops/operation-logs.js'

const folder = mkdtempSync(join(tmpdir(), 'vitrine-logs-'))
afterAll(() => rmSync(folder, { recursive: true }))

const texts = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '\n', '\u2028'))
const told: fc.Arbitrary<Told> = fc.oneof(
  texts,
  fc.integer(),
  fc.boolean(),
  fc.array(texts),
  fc.constant(undefined),
)
const observed = fc
  .record({
    who: texts,
    address: texts,
    request: texts,
    result: fc.nat(),
    ok: fc.boolean(),
    milliseconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
    trace: fc.option(texts, { nil: undefined }),
    asked: fc.record({ base: told, filter: told, attributes: told }),
  })
  .map(
    ({ asked, trace, ...given }): Observed => ({
      ...given,
      protocol: 'ldap',
      operation: 'search',
      tally: new Tally(),
      what: () => asked,
      audited: true,
      ...(trace !== undefined && { trace }),
    }),
  )

it('say what was observed', () => {
  let runs = 0
  fc.assert(
    fc.property(fc.array(observed, { minLength: 1, maxLength: 5 }), (all) => {
      const [access, audit] = [join(folder, `access-${runs}`), join(folder, `audit-${runs++}`)]
      const logs = operationLogs({ access, audit, values: false })
      for (const one of all) logs?.observe(one)
      logs?.close()
      const common = ({ who, address, request, trace, result, milliseconds, what }: Observed) => ({
        ...{ level: 30, protocol: 'ldap', operation: 'search', ...what(false) },
        ...{ who, address, request, trace, result, ms: Math.round(milliseconds * 1000) / 1000 },
      })
      expect(linesOf(access)).toEqual(
        all.map((one) => timeless({ ...common(one), module: 'access', entries: 0, sourceMs: 0 })),
      )
      expect(linesOf(audit)).toEqual(
        all.map((one) => timeless({ ...common(one), module: 'audit', ok: one.ok })),
      )
    }),
    { numRuns: 50 },
  )
})

function linesOf(file: string): unknown[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => {
    const { time, ...rest } = JSON.parse(line) as Record<string, unknown>
    expect(Math.abs(Date.parse(String(time)) - Date.now())).toBeLessThan(60_000)
    return rest
  })
}

/** As JSON has it: what is undefined is not there. */
function timeless(line: object): unknown {
  return JSON.parse(JSON.stringify(line))
}
