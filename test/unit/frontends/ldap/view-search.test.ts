/** Which views a filter can select anything of; the others are not asked. */
import { describe, expect, it } from 'vitest'
import { mightSelect } from '../../../../src/frontends/ldap/view-search.js'
import { FALSE, type Filter, TRUE, UNDEFINED } from '../../../../src/model/filter.js'
import type { View } from '../../../../src/model/view.js'

const view = { name: 'groups', attributes: new Map([['cn', {}]]) } as unknown as View
const cn: Filter = { op: 'eq', attr: 'cn', value: 'staff' }
const uid: Filter = { op: 'eq', attr: 'uid', value: 'ann' }

describe('a view without uid', () => {
  it.each<[string, Filter]>([
    ['what it has', cn],
    ['what it has, or what it has not', { op: 'or', of: [uid, cn] }],
    ['that something is not so', { op: 'not', of: uid }],
    ['that something is not so, beside what it has', { op: 'and', of: [cn, { op: 'not', of: uid }] }],
    ['a key', { op: 'key', id: '1' }],
    ['everything', TRUE],
    ['nothing in particular', { op: 'and', of: [] }],
  ])('is asked for %s', (_, filter) => {
    expect(mightSelect(filter, view)).toBe(true)
  })

  it.each<[string, Filter]>([
    ['a uid', uid],
    ['any uid', { op: 'present', attr: 'uid' }],
    ['a uid and what it has', { op: 'and', of: [cn, uid] }],
    ['one uid or another', { op: 'or', of: [uid, { op: 'substring', attr: 'uid', any: ['a'] }] }],
    ['nothing', FALSE],
    ['what cannot be decided', UNDEFINED],
    ['one of none', { op: 'or', of: [] }],
  ])('is not asked for %s', (_, filter) => {
    expect(mightSelect(filter, view)).toBe(false)
  })
})
