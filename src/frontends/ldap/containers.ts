/**
 * What an entry of the tree itself holds: what its RDN says, and what the configuration declares. Tells what of a
 * declaration the schema does not allow.
 */
import { createHash } from 'node:crypto'
import type { Rdn } from '../../ldap/index.js'
import type { Scalar } from '../../model/value.js'
import type { ObjectClass, Schema } from '../../schema/schema.js'
import { formatName, type Name } from './names.js'
import { type OwnEntry, ownEntry } from './own-entry.js'

/** An entry that the configuration declares, with the values of its attributes as texts. */
export interface DeclaredContainer {
  readonly dn: string
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

/** What is wrong with an attribute of a declared entry. */
export interface DeclarationProblem {
  /** As it is written; undefined if it is not written at all. */
  readonly attribute: string | undefined
  readonly message: string
  readonly remedy: string
}

const classOfType: Readonly<Record<string, string>> = {
  ou: 'organizationalUnit',
  o: 'organization',
  dc: 'domain',
  c: 'country',
  l: 'locality',
  cn: 'namedObject',
}

/** @param isSuffix a naming context: one of `dc` is the organization's, too */
export function containerEntry(
  name: Name,
  isSuffix: boolean,
  schema: Schema,
  declared: DeclaredContainer | undefined,
): OwnEntry {
  const attributes = new Map<string, readonly Scalar[]>()
  const given = new Map<string, readonly Scalar[]>()
  for (const [written, texts] of Object.entries(declared?.attributes ?? {})) {
    const type = schema.attribute(written)
    if (type !== undefined)
      given.set(
        type.name,
        texts.flatMap((text) => parsed(type.name, text, schema) ?? []),
      )
  }
  const classes = classesOf(name, isSuffix, schema, declared)
  attributes.set('objectClass', classes)
  for (const [attr, values] of namingValues(name.rdns[0] ?? [], schema)) attributes.set(attr, values)
  const organization = attributes.get('o') ?? attributes.get('dc')
  if (classes.includes('organization') && organization !== undefined) attributes.set('o', organization)
  for (const [attr, values] of given) {
    if (attr === 'objectClass') continue
    const equality = schema.matching(attr)?.equality
    const named = (attributes.get(attr) ?? []).filter((a) => !values.some((b) => isEqual(a, b, equality)))
    attributes.set(attr, [...named, ...values])
  }
  attributes.set('structuralObjectClass', [structuralOf(classes, schema)])
  attributes.set('entryUUID', [uuidOf(name)])
  const dn = formatName(name)
  return ownEntry({ view: '', id: dn, attributes }, dn, schema)
}

/** What of a declaration the schema does not allow (RFC 4512 2.4, 3.3, 4.1). */
export function declarationProblems(
  name: Name,
  isSuffix: boolean,
  schema: Schema,
  declared: DeclaredContainer,
): readonly DeclarationProblem[] {
  const problems: DeclarationProblem[] = []
  const known = new Map<string, string>()
  for (const [attribute, texts] of Object.entries(declared.attributes)) {
    const add = (message: string, remedy: string) => problems.push({ attribute, message, remedy })
    const type = schema.attribute(attribute)
    if (type === undefined || type.definition.hidden === true) {
      add(`the schema knows no attribute ${attribute}`, 'Correct its name')
      continue
    }
    if (known.has(type.name))
      add(`${known.get(type.name)} and ${attribute} are one attribute`, 'Write it once')
    known.set(type.name, attribute)
    if (type.noUserModification || type.name === 'structuralObjectClass')
      add(`${attribute} is kept by the gateway itself`, 'Leave it out')
    else if (type.name === 'userPassword') add('these entries do not bind', 'Declare a service account')
    else if (type.singleValued && texts.length > 1) add(`${attribute} has one value only`, 'Write one value')
    for (const text of texts) {
      if (parsed(type.name, text, schema) !== undefined) continue
      const message =
        type.name === 'objectClass'
          ? `the schema knows no object class ${text}`
          : `${JSON.stringify(text)} is no ${type.syntax.description}`
      add(message, 'Correct it')
    }
  }
  return problems.length > 0 ? problems : classProblems(name, isSuffix, schema, declared, known)
}

function classProblems(
  name: Name,
  isSuffix: boolean,
  schema: Schema,
  declared: DeclaredContainer,
  written: ReadonlyMap<string, string>,
): readonly DeclarationProblem[] {
  const classes = allClasses(classesOf(name, isSuffix, schema, declared), schema)
  const attribute = written.get('objectClass')
  const isDefault = attribute === undefined
  if (!isDefault && !classes.some(({ kind }) => kind === 'structural')) {
    const message = `none of ${classes.map((c) => c.name).join(', ')} is structural`
    return [{ attribute, message, remedy: 'Add a structural class, e.g. organizationalUnit' }]
  }
  const present = new Set([
    ...written.keys(),
    ...namingValues(name.rdns[0] ?? [], schema).keys(),
    'objectClass',
  ])
  const own = classes.filter(({ name: one }) => one !== 'top').map((c) => c.name)
  const missing = [...new Set(classes.flatMap((c) => c.must))].filter((attr) => !present.has(attr))
  if (missing.length > 0 && !isDefault) {
    const message = `${own.join(', ')} must have ${missing.join(', ')}`
    return [{ attribute, message, remedy: 'Add it' }]
  }
  if (own.includes('extensibleObject')) return []
  const allowed = new Set(classes.flatMap((c) => [...c.must, ...c.may]))
  return [...present]
    .filter((attr) => !allowed.has(attr) && schema.attribute(attr)?.operational !== true)
    .map((attr) => ({
      attribute: written.get(attr) ?? attribute,
      message: `${own.join(', ')} may not have ${attr}`,
      remedy: 'Leave it out, or give the entry an objectClass that may, e.g. one more: extensibleObject',
    }))
}

function classesOf(
  { rdns: [rdn] }: Name,
  isSuffix: boolean,
  schema: Schema,
  declared: DeclaredContainer | undefined,
): readonly string[] {
  const written = Object.entries(declared?.attributes ?? {}).find(
    ([attr]) => schema.attribute(attr)?.name === 'objectClass',
  )?.[1]
  if (written !== undefined) {
    const classes = written.map((text) => schema.objectClass(text)?.name ?? text)
    return classes.includes('top') ? classes : ['top', ...classes]
  }
  const types = (rdn ?? []).map(({ type }) => schema.attribute(type)?.name ?? type)
  if (isSuffix && types.includes('dc')) return ['top', 'dcObject', 'organization']
  const fitting = types.map((type) => classOfType[type]).find((found) => found !== undefined)
  return types.length > 1 || fitting === undefined
    ? ['top', ...(fitting === undefined ? [] : [fitting]), 'extensibleObject']
    : ['top', fitting]
}

function allClasses(names: readonly string[], schema: Schema): readonly ObjectClass[] {
  return schema.withSuperclasses(names).flatMap((one) => schema.objectClass(one) ?? [])
}

/** The one structural class that no other of them is derived from. */
function structuralOf(names: readonly string[], schema: Schema): string {
  const structural = names.filter((one) => schema.objectClass(one)?.kind === 'structural')
  const derived = structural.find((one) =>
    structural.every((other) => other === one || schema.withSuperclasses([one]).includes(other)),
  )
  return derived ?? structural[0] ?? names.at(-1) ?? 'top'
}

function namingValues(rdn: Rdn, schema: Schema): ReadonlyMap<string, readonly Scalar[]> {
  const values = new Map<string, readonly Scalar[]>()
  for (const { type, value } of rdn) {
    const attr = schema.attribute(type)?.name
    if (attr === undefined) continue
    const found = parsed(attr, value, schema) ?? (typeof value === 'string' ? value : undefined)
    if (found !== undefined) values.set(attr, [...(values.get(attr) ?? []), found])
  }
  return values
}

function parsed(attr: string, text: string | Buffer, schema: Schema): Scalar | undefined {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text
  const type = schema.attribute(attr)
  return type?.equality === undefined ? type?.syntax.parse(bytes) : schema.parse(attr, bytes, 'equality')
}

function isEqual(a: Scalar, b: Scalar, equality: ((value: Scalar) => unknown) | undefined): boolean {
  const form = equality?.(a)
  return form === undefined ? a === b : form === equality?.(b)
}

/** Always the same for the same name (RFC 9562 5.5, in the name space of X.500). */
function uuidOf(name: Name): string {
  const hash = createHash('sha1')
    .update(Buffer.from('6ba7b8149dad11d180b400c04fd430c8', 'hex'))
    .update(JSON.stringify(name.forms))
    .digest()
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}
