/** Attribute types as a server's subschema describes them (RFC 4512 4.1.2), with what they inherit filled in. */

export interface AttributeDescription {
  readonly oid: string
  /** As the server spells them; the first is the one it answers with. */
  readonly names: readonly [string, ...string[]]
  /** OID of the syntax. */
  readonly syntax?: string
  /** Names of matching rules. */
  readonly equality?: string
  readonly ordering?: string
  readonly substring?: string
  readonly singleValued: boolean
  readonly readOnly: boolean
}

type Parsed = Omit<AttributeDescription, 'singleValued' | 'readOnly'> & {
  readonly superior?: string
  readonly singleValued: boolean
  readonly readOnly: boolean
}

/** Those that make no sense are left out. */
export function describedAttributes(definitions: readonly string[]): readonly AttributeDescription[] {
  const parsed = definitions.flatMap((text) => parse(text) ?? [])
  const byName = new Map(
    parsed.flatMap((type) => [type.oid, ...type.names].map((n) => [n.toLowerCase(), type])),
  )
  const inherit = (type: Parsed, depth: number): AttributeDescription => {
    const above = type.superior === undefined ? undefined : byName.get(type.superior.toLowerCase())
    if (above === undefined || depth > MAX_DEPTH) return type
    const { syntax, equality, ordering, substring } = inherit(above, depth + 1)
    return {
      ...(syntax !== undefined && { syntax }),
      ...(equality !== undefined && { equality }),
      ...(ordering !== undefined && { ordering }),
      ...(substring !== undefined && { substring }),
      ...type,
    }
  }
  return parsed.map((type) => inherit(type, 0))
}

const MAX_DEPTH = 32

const TOKEN = /[()]|'(?:[^'])*'|[^\s()']+/g

function parse(text: string): Parsed | undefined {
  const tokens = text.match(TOKEN) ?? []
  const [open, oid] = tokens
  if (open !== '(' || oid === undefined) return undefined
  const fields = new Map<string, readonly string[]>()
  for (let at = 2; at < tokens.length; ) {
    const keyword = (tokens[at++] ?? '').toUpperCase()
    if (FLAGS.has(keyword)) {
      fields.set(keyword, [])
      continue
    }
    if (tokens[at] !== '(') {
      fields.set(keyword, [unquoted(tokens[at++] ?? '')])
      continue
    }
    const values: string[] = []
    for (at++; at < tokens.length && tokens[at] !== ')'; at++) {
      if (tokens[at] !== '$') values.push(unquoted(tokens[at] ?? ''))
    }
    at++
    fields.set(keyword, values)
  }
  const [name = oid, ...aliases] = fields.get('NAME') ?? []
  const one = (keyword: string) => fields.get(keyword)?.[0]
  const superior = one('SUP')
  // A length may stand behind the OID (RFC 4512 4.1.2), and some servers quote it.
  const syntax = one('SYNTAX')?.replace(/\{\d+\}$/, '')
  const [equality, ordering, substring] = ['EQUALITY', 'ORDERING', 'SUBSTR'].map(one)
  return {
    oid,
    names: [name, ...aliases],
    ...(superior !== undefined && { superior }),
    ...(syntax !== undefined && { syntax }),
    ...(equality !== undefined && { equality }),
    ...(ordering !== undefined && { ordering }),
    ...(substring !== undefined && { substring }),
    singleValued: fields.has('SINGLE-VALUE'),
    readOnly: fields.has('NO-USER-MODIFICATION'),
  }
}

const FLAGS: ReadonlySet<string> = new Set(['OBSOLETE', 'SINGLE-VALUE', 'COLLECTIVE', 'NO-USER-MODIFICATION'])

const unquoted = (token: string) => (token.startsWith("'") ? token.slice(1, -1) : token)
