/** How entries of unions are called: as by their members where that tells them apart, and back. */
import { describe, expect, it } from 'vitest'
import type { Handles } from '../../../src/directory/directory.js'
import { handlesOf } from '../../../src/directory/union/handles.js'
import { Sameness } from '../../../src/directory/union/sameness.js'
import type { Union } from '../../../src/directory/union/union.js'
import { standardSchema } from '../../../src/schema/schema.js'

const uuid = (n: number | string) => `00000000-0000-4000-9000-${String(n).padStart(12, '0')}`

/** Numbers have UUIDs of their own. */
const counted = (tag: string): Handles => ({
  declared: false,
  displays: ['cn'],
  of: (id) => uuid(`${tag}${id}`),
  idOf: (handle) => (handle.startsWith(uuid(`${tag}1`).slice(0, -2)) ? handle.slice(-1) : undefined),
})
/** Keys are UUIDs, or text that can be none. */
const text: Handles = { declared: false, displays: ['displayName'], of: (id) => id, idOf: (handle) => handle }
/** Only a column knows. */
const declared: Handles = { declared: true, of: () => undefined, idOf: () => undefined }

function united(...all: readonly Handles[]): Handles {
  const schema = standardSchema()
  const members = all.map((_, i) => `m${i}`)
  const view = {
    name: 'people',
    rdn: ['uid'],
    base: '',
    objectClasses: [],
    attributes: new Map(),
    bindable: false,
    inTree: true,
    writes: { add: true, delete: true },
  }
  const sameness = new Sameness([], ['uid'], schema.matching.bind(schema))
  const union: Union = { view, members, sameness, duplicates: 'first', partial: false }
  return handlesOf(union, all)
}

/** The handle of an entry, and what it leads to. */
const round = (handles: Handles, id: string) => {
  const handle = handles.of(id)
  return [handle, handle === undefined ? undefined : handles.idOf(handle)]
}

describe('the handles of a union', () => {
  it('are those of the members, where each knows its own', () => {
    const handles = united(counted('aa0'), counted('bb0'))
    expect(handles.declared).toBe(false)
    expect(round(handles, 'm0:7')).toEqual([uuid('aa07'), 'm0:7'])
    expect(round(handles, 'm1:7')).toEqual([uuid('bb07'), 'm1:7'])
    expect(handles.idOf(uuid('cc07'))).toBeUndefined()
    expect(handles.of('m2:7')).toBeUndefined()
    expect(handles.displays).toEqual(['cn'])
  })

  it('lead to the one member whose keys are UUIDs, unless another says that it is its own', () => {
    const handles = united(counted('aa0'), text)
    expect(handles.declared).toBe(false)
    expect(round(handles, `m1:${uuid(5)}`)).toEqual([uuid(5), `m1:${uuid(5)}`])
    expect(round(handles, 'm0:7')).toEqual([uuid('aa07'), 'm0:7'])
    expect(handles.displays).toEqual(['cn', 'displayName'])
  })

  it('of keys that are no UUIDs say in which member they are', () => {
    const handles = united(text, text)
    expect(round(handles, 'm0:somebody')).toEqual(['m0:somebody', 'm0:somebody'])
    expect(round(handles, 'm1:some:body')).toEqual(['m1:some:body', 'm1:some:body'])
    for (const handle of ['somebody', 'm2:somebody', `m0:${uuid(5)}`])
      expect(handles.idOf(handle)).toBeUndefined()
  })

  it('have to be looked for where several members could have one', () => {
    for (const handles of [united(text, text), united(text, declared), united(counted('aa0'), declared)]) {
      expect(handles.declared).toBe(true)
      expect(handles.idOf(uuid(5))).toBeUndefined()
    }
    const mixed = united(counted('aa0'), declared)
    expect(round(mixed, 'm0:7')).toEqual([uuid('aa07'), 'm0:7'])
    expect(mixed.of('m1:7')).toBeUndefined()
  })
})
