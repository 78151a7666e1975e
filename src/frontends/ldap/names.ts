/** DNs as this tree knows them: parsed, and in the normal form in which equal names are identical. */
import { type AttributeTypeAndValue, DnError, formatDn, parseDn, type Rdn } from '../../ldap/index.js'
import { VitrineError } from '../../model/errors.js'
import type { Schema } from '../../schema/schema.js'

/** A DN, leaf first. */
export interface Name {
  readonly rdns: readonly Rdn[]
  /** Per RDN; equal RDNs have identical forms. */
  readonly forms: readonly string[]
  /** What no entry of any directory can be called by: types that are unknown, values that are none of theirs. */
  readonly fault?: string
  /** The key of all forms but the first, where it is known. */
  readonly above?: string
}

/** What names have in common that differ in their first RDN only. */
interface Superior {
  readonly name: Name
  readonly key: string
}

/** Superiors that are remembered as they were spelled, of many names that differ in their first RDN only; and how long each may be. */
const REMEMBERED = 100
const LONGEST = 256
const superiors = new WeakMap<Schema, Map<string, Superior>>()
/** A longer name is none in any tree, and would take long to read; OpenLDAP's bound too. */
const LONGEST_DN = 8192
/** A first RDN that is what it looks like. */
const PLAIN = /^([A-Za-z][\w-]*)=([\w.@-]+),/

/** @throws VitrineError invalidDNSyntax */
export function parseName(text: string, schema: Schema): Name {
  const [first = '', type, value] = PLAIN.exec(text) ?? []
  const superior = value === undefined ? undefined : superiorNamed(text.slice(first.length), schema)
  if (type === undefined || value === undefined || superior === undefined) return wholeName(text, schema)
  const rdn = [{ type, value }]
  const faults: string[] = []
  const { name, key: above } = superior
  const forms = [formOf(rdn, schema, faults), ...name.forms]
  const fault = faults[0] ?? name.fault
  const rdns = [rdn, ...name.rdns]
  return fault === undefined ? { rdns, forms, above } : { rdns, forms, above, fault }
}

/** Undefined for what is none. */
function superiorNamed(text: string, schema: Schema): Superior | undefined {
  if (text.length > LONGEST) return undefined
  const known = superiors.get(schema) ?? new Map<string, Superior>()
  const found = known.get(text)
  if (found !== undefined) return found
  try {
    const name = wholeName(text, schema)
    if (name.rdns.length === 0) return undefined
    if (known.size >= REMEMBERED) known.clear()
    const superior = { name, key: keyOf(name.forms) }
    superiors.set(schema, known.set(text, superior))
    return superior
  } catch {
    return undefined
  }
}

function wholeName(text: string, schema: Schema): Name {
  if (text.length > LONGEST_DN) throw new VitrineError('invalidDNSyntax', { detail: 'the name is too long' })
  try {
    const rdns = parseDn(text)
    const faults: string[] = []
    const forms = rdns.map((rdn) => formOf(rdn, schema, faults))
    return faults[0] === undefined ? { rdns, forms } : { rdns, forms, fault: faults[0] }
  } catch (error) {
    if (error instanceof DnError)
      throw new VitrineError('invalidDNSyntax', { detail: error.message, cause: error })
    throw error
  }
}

/** The same for equal names, and for no others. */
export function keyOf(forms: readonly string[]): string {
  return forms.join('\x01')
}

/** The key of what is right above. */
export function keyAbove({ forms, above }: Pick<Name, 'forms' | 'above'>): string {
  return above ?? keyOf(forms.slice(1))
}

/**
 * Refuses names that are none in any tree: of attributes that the schema does not know, without a value, or with one
 * attribute twice in an RDN (RFC 4512 2.3.1). Takes a name as `parseName` made it.
 * @throws VitrineError invalidDNSyntax
 */
export function checkName({ rdns, fault }: Name, schema: Schema): void {
  if (fault === undefined) return
  for (const rdn of rdns) {
    for (const { type, value } of rdn)
      if (value.length === 0 || schema.attribute(type) === undefined)
        throw new VitrineError('invalidDNSyntax')
    if (rdn.length > 1 && new Set(rdn.map(({ type }) => schema.attribute(type))).size < rdn.length)
      throw new VitrineError('invalidDNSyntax')
  }
}

/** The name as a DN of RFC 4514, from its nth RDN up. */
export function formatName(name: Name, from = 0): string {
  return formatDn(name.rdns.slice(from))
}

/** Is `name` the ancestor or equal? Then how many RDNs stand before it, else undefined. */
export function depthBelow(name: Pick<Name, 'forms'>, ancestor: Pick<Name, 'forms'>): number | undefined {
  const depth = name.forms.length - ancestor.forms.length
  if (depth < 0) return undefined
  return ancestor.forms.every((form, i) => name.forms[depth + i] === form) ? depth : undefined
}

/** @param faults takes what nothing can be called by */
export function formOf(rdn: Rdn, schema: Schema, faults: string[] = []): string {
  const [only, ...more] = rdn
  if (only !== undefined && more.length === 0) return formOfPart(only, schema, faults)
  const types = rdn.map(({ type }) => schema.attribute(type)?.name ?? type.toLowerCase())
  const twice = rdn.find((_, i) => types.indexOf(types[i] as string) < i)
  if (twice !== undefined) faults.push(`${twice.type} stands twice in one RDN`)
  return rdn
    .map((part) => formOfPart(part, schema, faults))
    .sort()
    .join('\0')
}

function formOfPart({ type, value }: AttributeTypeAndValue, schema: Schema, faults: string[]): string {
  const known = schema.attribute(type)
  const scalar =
    known &&
    (typeof value === 'string'
      ? schema.parseText(known.name, value)
      : schema.parse(known.name, value, 'equality'))
  const name = known?.name ?? type.toLowerCase()
  if (known === undefined) faults.push(`there is no attribute type ${type}`)
  else if (value.length === 0) faults.push(`${type} has no value`)
  else if (scalar === undefined && known.equality !== undefined) faults.push(`${type} has no such value`)
  const form = scalar === undefined ? undefined : schema.matching(name)?.equality?.(scalar)
  return `${name.toLowerCase()}=${unambiguous(String(form ?? latin1Of(value)))}`
}

function latin1Of(value: string | Buffer): string {
  return (typeof value === 'string' ? Buffer.from(value) : value).toString('latin1')
}

/** Without what separates the parts of a form, which values may hold as well. */
function unambiguous(form: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what separates
  return /[\0\x01\x02]/.test(form)
    ? // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
      form.replace(/[\0\x01\x02]/g, (c) => `\x02${c.charCodeAt(0)}`)
    : form
}
