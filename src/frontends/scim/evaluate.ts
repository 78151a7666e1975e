/** Tells which elements of a multi-valued attribute a value filter selects (RFC 7644 3.5.2), by their JSON. */
import { VitrineError } from '../../model/errors.js'
import type { ScimAttribute } from '../../model/resource.js'
import { caseExact, caseIgnore, compareCodePoints, type TextPlace } from '../../schema/normalize.js'
import { standardAttribute } from '../../schema/scim/standard.js'
import type { AttributePath, ScimComparison, ScimFilter } from '../../scim/filter-ast.js'
import { isAbsent, isArray, isObject, type Json } from '../../scim/json.js'
import { formatPath } from '../../scim/path.js'
import { normalForm } from '../../scim/scalars.js'
import { subAttribute } from './attributes.js'

export interface ElementTest {
  /** About how many comparisons it takes for one element. */
  readonly cost: number
  readonly holds: (element: Json) => boolean
}

type Comparison = Extract<ScimFilter, { op: ScimComparison }>
type Read = (element: Json) => readonly Json[]

/**
 * Compares by the types and case rules of the sub-attributes; the elements of an attribute that is not complex are
 * called `value`. What the standard knows but is not kept has no value. Throws `filterError` for unknown
 * sub-attributes and `inappropriateMatching` for values and operators that do not fit a type.
 *
 * @param schema URN of the attribute's schema
 */
export function elementTest(filter: ScimFilter, schema: string, attribute: ScimAttribute): ElementTest {
  return new Compiler(schema, attribute).test(filter)
}

class Compiler {
  readonly #schema: string
  readonly #attribute: ScimAttribute

  constructor(schema: string, attribute: ScimAttribute) {
    this.#schema = schema
    this.#attribute = attribute
  }

  test(filter: ScimFilter): ElementTest {
    switch (filter.op) {
      case 'and': {
        const tests = filter.of.map((f) => this.test(f))
        return { cost: costOf(tests), holds: (element) => tests.every((t) => t.holds(element)) }
      }
      case 'or': {
        const tests = this.#alternatives(filter.of)
        return { cost: costOf(tests), holds: (element) => tests.some((t) => t.holds(element)) }
      }
      case 'not': {
        const { cost, holds } = this.test(filter.of)
        return { cost, holds: (element) => !holds(element) }
      }
      case 'pr': {
        const { read } = this.#part(filter.path)
        return { cost: 1, holds: (element) => read(element).length > 0 }
      }
      case 'element':
        throw new VitrineError('filterError', { message: 'a value filter cannot hold another' })
      default:
        return this.#comparison(filter)
    }
  }

  /** Those that ask for one of several values of the same part become one test. */
  #alternatives(of: readonly ScimFilter[]): readonly ElementTest[] {
    const tests: ElementTest[] = []
    const sought = new Map<string, Set<unknown>>()
    for (const f of of) {
      if (f.op !== 'eq' || f.value === null) {
        tests.push(this.test(f))
        continue
      }
      const { part, read } = this.#part(f.path)
      const form = formOf(part, f)
      const key = formatPath(f.path).toLowerCase()
      const forms = sought.get(key)
      if (forms !== undefined) {
        forms.add(form)
        continue
      }
      const wanted = new Set<unknown>([form])
      sought.set(key, wanted)
      tests.push({
        cost: 1,
        holds: (element) => read(element).some((value) => wanted.has(normalForm(part, value))),
      })
    }
    return tests
  }

  #comparison(f: Comparison): ElementTest {
    const { part, read } = this.#part(f.path)
    const some = (test: (value: Json) => boolean): ElementTest => ({
      cost: 1,
      holds: (element) => read(element).some(test),
    })
    switch (f.op) {
      case 'eq':
      case 'ne': {
        const wanted = f.op === 'eq'
        if (f.value === null) return { cost: 1, holds: (element) => (read(element).length === 0) === wanted }
        const form = formOf(part, f)
        const { cost, holds } = some((value) => normalForm(part, value) === form)
        return { cost, holds: (element) => holds(element) === wanted }
      }
      case 'co':
      case 'sw':
      case 'ew': {
        if ((part.type !== 'string' && part.type !== 'reference') || typeof f.value !== 'string')
          throw unfit(f)
        const piece = textForm(part, f.value, places[f.op])
        const contains = containment[f.op]
        return some((value) => typeof value === 'string' && contains(textForm(part, value, 'whole'), piece))
      }
      default: {
        const form = formOf(part, f)
        if (typeof form === 'boolean' || part.type === 'binary') throw unfit(f)
        const holds = orders[f.op]
        return some((value) => {
          const order = compare(normalForm(part, value), form)
          return order !== undefined && holds(order)
        })
      }
    }
  }

  #part(path: AttributePath): { part: ScimAttribute; read: Read } {
    const attribute = this.#attribute
    if (path.schema === undefined && path.sub === undefined) {
      if (attribute.type !== 'complex') {
        if (path.attribute.toLowerCase() === 'value') return { part: attribute, read: (element) => [element] }
      } else {
        const part = subAttribute(attribute, path.attribute)
        if (part !== undefined) return { part, read: (element) => partOf(element, part.name) }
        const known = standardAttribute({
          schema: this.#schema,
          attribute: attribute.name,
          sub: path.attribute,
        })
        if (known !== undefined) return { part: known, read: () => [] }
      }
    }
    throw new VitrineError('filterError', {
      message: `${formatPath(path)} is no sub-attribute of ${attribute.name}`,
    })
  }
}

function partOf(element: Json, name: string): readonly Json[] {
  const value = isObject(element) ? element[name] : undefined
  return isAbsent(value) ? [] : isArray(value) ? value : [value as Json]
}

function costOf(tests: readonly ElementTest[]): number {
  return tests.reduce((sum, test) => sum + test.cost, 0)
}

function formOf(part: ScimAttribute, f: Comparison): string | number | boolean {
  const form = f.value === null ? undefined : normalForm(part, f.value)
  if (form === undefined) throw unfit(f)
  return form
}

function unfit(f: Comparison): VitrineError {
  return new VitrineError('inappropriateMatching', {
    message: `${formatPath(f.path)} cannot be compared with this value by "${f.op}"`,
  })
}

const places = { co: 'any', sw: 'initial', ew: 'final' } as const

const containment = {
  co: (text: string, piece: string) => text.includes(piece),
  sw: (text: string, piece: string) => text.startsWith(piece),
  ew: (text: string, piece: string) => text.endsWith(piece),
}

const orders = {
  gt: (order: number) => order > 0,
  ge: (order: number) => order >= 0,
  lt: (order: number) => order < 0,
  le: (order: number) => order <= 0,
}

function textForm(part: ScimAttribute, text: string, place: TextPlace): string {
  if (part.type !== 'string') return text
  return part.caseExact ? caseExact(text, place) : caseIgnore(text, place)
}

function compare(a: string | number | boolean | undefined, b: string | number): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return typeof a === 'string' && typeof b === 'string' ? compareCodePoints(a, b) : undefined
}
