/** Reads the definitions of RFC 4512 4.1 for tests, refusing everything that its grammar refuses. */

export interface Definition {
  readonly oid: string
  readonly names: readonly string[]
  readonly description: string | undefined
  /** Every field by its keyword, with its members; flags have none. */
  readonly fields: ReadonlyMap<string, readonly string[]>
}

const FLAGS = new Set([
  ...['OBSOLETE', 'SINGLE-VALUE', 'COLLECTIVE', 'NO-USER-MODIFICATION'],
  ...['ABSTRACT', 'STRUCTURAL', 'AUXILIARY'],
])
/** In the order in which RFC 4512 allows them. */
const ORDER = [
  ...['NAME', 'DESC', 'OBSOLETE', 'SUP', 'ABSTRACT', 'STRUCTURAL', 'AUXILIARY', 'MUST', 'MAY', 'APPLIES'],
  ...[
    'EQUALITY',
    'ORDERING',
    'SUBSTR',
    'SYNTAX',
    'SINGLE-VALUE',
    'COLLECTIVE',
    'NO-USER-MODIFICATION',
    'USAGE',
  ],
]

export function parseDefinition(text: string): Definition {
  const tokens = text.match(/'[^']*'|[()$]|[^\s()$']+/g) ?? []
  const fail = (why: string): never => {
    throw new Error(`${why}: ${text}`)
  }
  let at = 0
  const take = () => tokens[at++] ?? fail('ends too early')
  if (take() !== '(') fail('does not begin with a parenthesis')
  const oid = take()
  if (!/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+$/.test(oid)) fail('has no numeric OID')
  const fields = new Map<string, readonly string[]>()
  let last = -1
  for (let keyword = take(); keyword !== ')'; keyword = take()) {
    if (!/^[A-Z][A-Z-]*$/.test(keyword)) fail(`has "${keyword}" where a keyword must be`)
    const place = keyword.startsWith('X-') ? ORDER.length : ORDER.indexOf(keyword)
    if (place < last || place < 0 || fields.has(keyword)) fail(`has ${keyword} where it must not be`)
    last = place
    fields.set(keyword, FLAGS.has(keyword) ? [] : members())
  }
  if (at !== tokens.length) fail('goes on behind its end')
  return {
    oid,
    names: fields.get('NAME') ?? [],
    description: fields.get('DESC')?.[0],
    fields,
  }

  function members(): readonly string[] {
    const first = take()
    if (first !== '(') return [unquoted(first)]
    const list: string[] = []
    for (let token = take(); token !== ')'; token = take()) if (token !== '$') list.push(unquoted(token))
    if (list.length === 0) fail('has an empty list')
    return list
  }

  function unquoted(token: string): string {
    if (/^[()$]$/.test(token)) fail('misses a value')
    return token.startsWith("'") ? token.slice(1, -1) : token
  }
}
