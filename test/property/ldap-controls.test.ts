/** Values of controls: what is written is read again, and whatever octets come are read or refused as protocolError. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  assertionControl,
  type Control,
  controlType,
  domainScopeControl,
  dontUseCopyControl,
  listViewRequestControl,
  listViewResponseControl,
  MessageError,
  noOpControl,
  parseAssertion,
  parseListViewRequest,
  parseListViewResponse,
  parsePagedResults,
  parseReadRequest,
  parseReadResponse,
  parseSearchOptions,
  parseSortRequest,
  parseSortResponse,
  parseSubentries,
  parseValuesFilter,
  postReadControl,
  preReadControl,
  readResponseControl,
  searchOptionsControl,
  sortRequestControl,
  sortResponseControl,
  subentriesControl,
  treeDeleteControl,
  type ValueFilter,
  valuesFilterControl,
} from '../../src/ldap/index.js'
import { filter as filterArbitrary } from './ldap-arbitraries.js'

const int = fc.nat({ max: 2 ** 31 - 1 })
const octets = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const isOfValue = ({ tag }: { tag: string }) => tag !== 'and' && tag !== 'or' && tag !== 'not'

describe('what is written is read again', () => {
  it('sort keys and results', () => {
    const key = fc.record(
      { attribute: text, orderingRule: text, reverse: fc.boolean() },
      { requiredKeys: ['attribute', 'reverse'] },
    )
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 5 }), (keys) => {
        expect(parseSortRequest(sortRequestControl(keys))).toEqual(keys)
      }),
    )
    const result = fc.record({ code: int, attribute: text }, { requiredKeys: ['code'] })
    fc.assert(
      fc.property(result, (one) => {
        expect(parseSortResponse(sortResponseControl(one))).toEqual(one)
      }),
    )
  })

  it('list views', () => {
    const target = fc.oneof(fc.record({ offset: int, contentCount: int }), fc.record({ value: octets }))
    const request = fc.record(
      { before: int, after: int, target, contextId: octets },
      { requiredKeys: ['before', 'after', 'target'] },
    )
    fc.assert(
      fc.property(request, (one) => {
        expect(parseListViewRequest(listViewRequestControl(one))).toEqual(one)
      }),
    )
    const response = fc.record(
      { position: int, contentCount: int, code: int, contextId: octets },
      { requiredKeys: ['position', 'contentCount', 'code'] },
    )
    fc.assert(
      fc.property(response, (one) => {
        expect(parseListViewResponse(listViewResponseControl(one))).toEqual(one)
      }),
    )
  })

  it('filters of values and assertions', () => {
    const items = fc.array(filterArbitrary.filter(isOfValue), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(items, (filters) => {
        expect(parseValuesFilter(valuesFilterControl(filters as ValueFilter[]))).toEqual(filters)
      }),
    )
    fc.assert(
      fc.property(filterArbitrary, (one) => {
        expect(parseAssertion(assertionControl(one))).toEqual(one)
      }),
    )
  })

  it('entries before and after a change', () => {
    const names = fc.array(text, { maxLength: 5 })
    fc.assert(
      fc.property(names, (attributes) => {
        expect(parseReadRequest(preReadControl(attributes))).toEqual(attributes)
        expect(parseReadRequest(postReadControl(attributes))).toEqual(attributes)
      }),
    )
    const attributes = fc.array(fc.record({ type: text, values: fc.array(octets, { maxLength: 4 }) }), {
      maxLength: 4,
    })
    fc.assert(
      fc.property(text, attributes, (dn, all) => {
        for (const type of [controlType.preRead, controlType.postRead])
          expect(parseReadResponse(readResponseControl(type, dn, all))).toEqual({ dn, attributes: all })
      }),
    )
  })

  it('flags', () => {
    expect(noOpControl()).toEqual({ type: '1.3.6.1.4.1.4203.666.5.2', critical: true })
    expect(treeDeleteControl(false)).toEqual({ type: '1.2.840.113556.1.4.805', critical: false })
    for (const visible of [true, false]) expect(parseSubentries(subentriesControl(visible))).toBe(visible)
    fc.assert(
      fc.property(int, (flags) => {
        expect(parseSearchOptions(searchOptionsControl(flags))).toBe(flags)
      }),
    )
    expect(dontUseCopyControl()).toEqual({ type: '1.3.6.1.1.22', critical: true })
    expect(domainScopeControl()).toEqual({ type: '1.2.840.113556.1.4.1339', critical: false })
  })
})

const readers: readonly [string, (control: Control) => unknown][] = [
  [controlType.sortRequest, parseSortRequest],
  [controlType.sortResponse, parseSortResponse],
  [controlType.listViewRequest, parseListViewRequest],
  [controlType.listViewResponse, parseListViewResponse],
  [controlType.valuesFilter, parseValuesFilter],
  [controlType.assertion, parseAssertion],
  [controlType.subentries, parseSubentries],
  [controlType.searchOptions, parseSearchOptions],
  [controlType.pagedResults, parsePagedResults],
  [controlType.preRead, parseReadRequest],
  [controlType.postRead, parseReadResponse],
]

describe.each(readers)('octets of %s', (type, read) => {
  it('are read or refused', () => {
    const ber = fc.oneof(
      octets,
      fc.tuple(fc.constantFrom(0x30, 0x01, 0xa0), octets).map(([tag, bytes]) => {
        const length = Math.min(bytes.length, 100)
        return Buffer.concat([Buffer.from([tag, length]), bytes.subarray(0, length)])
      }),
    )
    const refusals: unknown[] = []
    fc.assert(
      fc.property(ber, (value) => {
        try {
          read({ type, critical: true, value })
        } catch (error) {
          refusals.push(error)
        }
      }),
    )
    try {
      read({ type, critical: true })
    } catch (error) {
      refusals.push(error)
    }
    expect(refusals.length).toBeGreaterThan(0)
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(MessageError)
      expect(refusal).toMatchObject({ resultCode: 2 })
    }
  })
})
