/** What a search would do, in words: what the source is asked, what is left to decide, and the statements sent. */
import { type Filter, filterAttributes } from '../model/filter.js'
import { Ref, type Scalar } from '../model/value.js'
import type { FieldFilter, Operand, Test } from '../sources/source.js'

/** A canonical filter, in the look of RFC 4515 where that has one. */
export function filterText(filter: Filter): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return `(${filter.op === 'and' ? '&' : '|'}${filter.of.map(filterText).join('')})`
    case 'not':
      return `(!${filterText(filter.of)})`
    case 'const':
      return `(${filter.value === undefined ? 'Undefined' : filter.value ? 'True' : 'False'})`
    case 'key':
      return `(key ${filter.id})`
    case 'present':
      return `(${filter.attr}=*)`
    case 'substring':
      return `(${filter.attr}=${[filter.initial ?? '', ...filter.any, filter.final ?? ''].join('*')})`
    case 'element':
      return `(${filter.attr}[${filterText(filter.of)}])`
    default: {
      const operator = { eq: '=', approx: '~=', ge: '>=', le: '<=', gt: '>', lt: '<' }[filter.op]
      return `(${filter.attr}${filter.rule === undefined ? '' : `:${filter.rule}:`}${operator}${scalarText(filter.value)})`
    }
  }
}

function scalarText(value: Scalar): string {
  if (value instanceof Ref) return `${value.view}:${value.names.join('+')}`
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`
  return value instanceof Date ? value.toISOString() : String(value)
}

/** The question to the source, indented by one level per line. */
export function fieldFilterText(filter: FieldFilter, indent = ''): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return [`${indent}${filter.op}`, ...filter.of.map((f) => fieldFilterText(f, `${indent}  `))].join('\n')
    case 'const':
      return `${indent}${filter.value ? 'every row' : 'no row'}`
    case 'unknown':
      return `${indent}unknown`
    case 'test':
      return `${indent}${filter.negated ? 'not ' : ''}${operandText(filter.on)} ${testText(filter.test)}`
    case 'some': {
      const { table, join } = filter.relation
      const tables = join === undefined ? table.name : `${table.name} and ${join.table.name}`
      return `${indent}${filter.negated ? 'no' : 'some'} related row of ${tables} where\n${fieldFilterText(filter.of, `${indent}  `)}`
    }
    case 'reach':
      return `${indent}${filter.negated ? 'does not reach' : 'reaches'}, through ${filter.step.table.name}, a row of ${filter.target.table.name} where\n${fieldFilterText(filter.of, `${indent}  `)}`
  }
}

function operandText(on: Operand): string {
  return 'concat' in on ? on.concat.map((p) => (typeof p === 'string' ? p : `{${p.name}}`)).join('') : on.name
}

function testText(test: Test): string {
  switch (test.test) {
    case 'present':
      return 'has a value'
    case 'text':
      return `= ${JSON.stringify(test.value)} (${test.rule})`
    case 'texts':
      return `= one of ${test.values.map((value) => JSON.stringify(value)).join(', ')} (${test.rule})`
    case 'substring': {
      const [first] = test.pieces
      const last = test.pieces.at(-1)
      const text = test.pieces.map((p) => p.text).join('*')
      return `like ${JSON.stringify(`${first?.place === 'initial' ? '' : '*'}${text}${last?.place === 'final' ? '' : '*'}`)} (${test.rule})`
    }
    case 'compare':
      return `${{ eq: '=', ge: '>=', le: '<=', gt: '>', lt: '<' }[test.op]} ${scalarText(test.value)}`
    case 'oneOf':
      return `is one of ${test.values.map(scalarText).join(', ')}`
    case 'bits':
      return `has all bits of ${test.mask}`
  }
}

/** Why a part is residual, for people. */
export function residualText(residual: Filter): string {
  return `${filterText(residual)}, on ${[...filterAttributes(residual)].join(', ')}`
}
