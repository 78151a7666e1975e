import { describe, expect, it } from 'vitest'
import {
  checkConditions,
  contentTag,
  isListed,
  isNotModified,
  versionTag,
} from '../../../../../src/frontends/scim/etag.js'
import type { Entry } from '../../../../../src/model/entry.js'
import { Ref, type Value } from '../../../../../src/model/value.js'

const entry = (attributes: Record<string, readonly Value[]>, version?: string): Entry => ({
  view: 'people',
  id: '1',
  attributes: new Map(Object.entries(attributes)),
  ...(version !== undefined && { version }),
})

describe('entity tags', () => {
  it('are weak and show the version that the source tells', () => {
    expect(versionTag(entry({}, '42'))).toBe('W/"42"')
    expect(versionTag(entry({}))).toBeUndefined()
    const odd = versionTag(entry({}, '2026-01-01 "x",é')) ?? ''
    expect(odd).toMatch(/^W\/"[\w-]+"$/)
    expect(odd).not.toBe(versionTag(entry({}, '2026-01-01 "y",é')))
  })

  it('tell contents apart, whatever order values come in and whatever targets are called', () => {
    const tag = (attributes: Record<string, readonly Value[]>) =>
      contentTag(entry(attributes), ['at', 'cn', 'jpegPhoto', 'mail', 'member', 'sn'])
    const a = tag({ cn: ['a', 'b'], member: [new Ref('people', ['x'], '1', 'X')] })
    expect(tag({ member: [new Ref('people', [], '1')], cn: ['b', 'a'] })).toBe(a)
    expect(tag({ member: [new Ref('people', [], '1')], cn: ['b', 'a'], title: ['not asked'] })).toBe(a)
    const different = [
      a,
      tag({ member: [new Ref('people', ['x'], '2')], cn: ['b', 'a'] }),
      tag({ member: [new Ref('groups', ['x'], '1')], cn: ['b', 'a'] }),
      tag({}),
      tag({ cn: ['a', 'b'] }),
      tag({ cn: ['ab'] }),
      tag({ cn: ['a'], sn: ['b'] }),
      tag({ cn: ['a1:b'] }),
      tag({ mail: [{ value: 'a@example.com', type: 'work' }] }),
      tag({ mail: [{ value: 'a@example.com', type: 'home' }] }),
      tag({ mail: [{ value: 'a@example.com' }] }),
      tag({ mail: ['a@example.com'] }),
      tag({ at: [new Date(0)] }),
      tag({ at: [new Date(1)] }),
      tag({ at: [true] }),
      tag({ at: ['true'] }),
      tag({ jpegPhoto: [new Uint8Array([1])] }),
      tag({ jpegPhoto: [new Uint8Array([2])] }),
    ]
    expect(new Set(different).size).toBe(different.length)
  })

  it.each([
    ['W/"1"', true],
    ['"1"', true],
    ['*', true],
    ['W/"2"', false],
    ['"2", W/"1"', true],
    ['W/"2","3" , "1"', true],
    ['W/"2", "3"', false],
    ['1', true],
    ['2', false],
    ['', false],
    ['"11"', false],
    ['garbage "1"', false],
  ])('are found in %j: %s', (header, found) => {
    expect(isListed('W/"1"', header)).toBe(found)
  })

  it('condition writes by If-Match and If-None-Match, and reads by If-None-Match', () => {
    expect(() => checkConditions({ ifMatch: '"1"' }, 'W/"1"')).not.toThrow()
    expect(() => checkConditions({ ifMatch: '"0"' }, 'W/"1"')).toThrow('now version W/"1"')
    expect(() => checkConditions({ ifNoneMatch: '"0"' }, 'W/"1"')).not.toThrow()
    expect(() => checkConditions({ ifNoneMatch: '*' }, 'W/"1"')).toThrow('now version')
    expect(isNotModified({ ifNoneMatch: '"1"' }, 'W/"1"')).toBe(true)
    expect(isNotModified({ ifNoneMatch: '"1"' }, undefined)).toBe(false)
    expect(isNotModified({}, 'W/"1"')).toBe(false)
  })
})
