/** Directories of one's own for tests: what a test does not give is empty, or fails when it is used. */
import type { Directory } from '../../src/directory/directory.js'
import type { View, ViewAttribute, ViewPart } from '../../src/model/view.js'
import { standardSchema } from '../../src/schema/schema.js'

const unused = (name: string) => async () => {
  throw new Error(`${name} is not part of this test`)
}

export function directoryOf(given: Partial<Directory>): Directory {
  const schema = standardSchema()
  return {
    schema,
    views: new Map(),
    matchingOf: schema.matching,
    // biome-ignore lint/correctness/useYield: it finds nothing
    search: async function* () {
      return
    },
    ordersStrictly: async () => false,
    count: unused('count'),
    countValues: async () => 0,
    compare: unused('compare'),
    authenticate: async () => undefined,
    vouchFor: async () => undefined,
    actAs: async () => undefined,
    isVisible: () => true,
    add: unused('add'),
    modify: unused('modify'),
    delete: unused('delete'),
    deleteAll: unused('deleteAll'),
    // biome-ignore lint/correctness/useYield: none is remembered
    deletions: async function* () {
      return
    },
    uniqueAttributes: async () => new Set(),
    handles: async () => ({ of: (id) => id, idOf: (handle) => handle, declared: false }),
    ...given,
  }
}

export function viewOf(name: string, given: Partial<View> = {}): View {
  return {
    name,
    rdn: [],
    base: `ou=${name}`,
    objectClasses: [],
    attributes: new Map(),
    bindable: false,
    inTree: true,
    writes: { add: true, delete: true },
    ...given,
  }
}

/** Parts of elements, text but for `primary`. */
export function partsOf(...names: readonly string[]): readonly ViewPart[] {
  return names.map((name) => ({ name, kind: name === 'primary' ? 'boolean' : 'text' }))
}

export function attributeOf(name: string, given: Partial<ViewAttribute> = {}): ViewAttribute {
  return {
    name,
    kind: 'text',
    refers: [],
    multiValued: false,
    verifyOnly: false,
    writable: true,
    parts: [],
    ...given,
  }
}
