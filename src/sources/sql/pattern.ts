/**
 * LIKE patterns and index prefixes that find at least every text whose prepared form (RFC 4518) equals or
 * contains a given one, whatever its case, its spaces and its Unicode composition. What a database cannot be
 * trusted to compare becomes a wildcard; `!` escapes.
 */

/** How far the compared expression ignores case. ASCII case is always ignored. */
export interface Folding {
  /** In the other scripts of Europe too. */
  readonly unicode: boolean
}

/** Of longer texts, the beginning is enough to seek by. In UTF-16 units; databases bound their patterns. */
const LONGEST = 4000

/** The beginning of a prepared text, as long as is worth a pattern: one that finds it finds the whole. */
export function beginningOf(text: string, among = 1): string {
  const most = Math.floor(LONGEST / among)
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '')
}

/** Does the pattern hold anything that a database can look for? */
export function hasLiteral(pattern: string): boolean {
  return /[^% ]/.test(pattern)
}

/** Printable ASCII only: what every database compares alike. */
export function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text)
}

/** The pattern of a prepared text, open at neither end. A space stands for one or more. */
export function likeBody(text: string, folding: Folding): string {
  let pattern = ''
  let open = false
  for (const char of text) {
    const isLiteral = char === ' ' || isComparable(char, folding)
    if (isLiteral) pattern += /[%_!]/.test(char) ? `!${char}` : char
    if (!isLiteral ? !open : char === ' ') pattern += '%'
    open = !isLiteral || char === ' '
  }
  return pattern
}

/**
 * Marks compose with what is before them. Format characters count for nothing in some collations, and those beyond
 * the basic plane are all one there: MariaDB's index ranges miss texts with them.
 */
function isUnsteady(char: string): boolean {
  return char.length > 1 || /[\p{M}\p{Cf}]/u.test(char)
}

/** Does a database find this character by itself, and does no other spelling of it exist? */
function isComparable(char: string, folding: Folding): boolean {
  if (char >= ' ' && char <= '~') return true
  const code = char.codePointAt(0) ?? 0
  // Capitals stand here where case counts, or where their small letter would be another one.
  if (code < 0xa0 || isUnsteady(char) || char !== char.toLowerCase()) return false
  const spellings = spellingsOf(char)
  const upper = char.toUpperCase()
  if (spellings.size === 1) return upper === char
  return folding.unicode && code < 0x590 && spellings.size === 2 && upper !== char && spellings.has(upper)
}

/**
 * What texts with this prepared form can start with, so that an index can seek, but for leading spaces.
 * To be compared ignoring ASCII case. Undefined where nothing can be said.
 */
export function headsOf(text: string): readonly string[] | undefined {
  const plain = /^[!-~]+ ?/.exec(text)?.[0]
  if (plain !== undefined) return [plain]
  const [first] = text
  if (first === undefined || first < '\u00a0' || isUnsteady(first)) return undefined
  return [...new Set([...spellingsOf(first), ...spellingsOf(first.toLowerCase())])]
}

/** The first characters with which texts can start whose prepared form starts with `char`. */
function spellingsOf(char: string): ReadonlySet<string> {
  spellings ??= allSpellings()
  return spellings.get(char) ?? new Set([char])
}

let spellings: ReadonlyMap<string, ReadonlySet<string>> | undefined

/** Only characters that have another spelling. Letters with case and canonical decompositions lie in these ranges. */
const RANGES = [
  [0x00a0, 0x33ff],
  [0xa000, 0xabff],
  [0xac00, 0xd7a3],
  [0xf900, 0xffff],
  [0x10400, 0x1e9ff],
  [0x2f800, 0x2fa1f],
] as const

function allSpellings(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const [from, to] of RANGES) {
    for (let code = from; code <= to; code++) {
      const char = String.fromCodePoint(code)
      const lower = char.toLowerCase()
      const [prepared = char] = ([...lower].length === 1 ? lower : char).normalize('NFC')
      const [base = char] = char.normalize('NFD')
      if (prepared === char && base === char) continue
      const set = found.get(prepared) ?? new Set([prepared])
      set.add(char)
      set.add(base)
      if (base !== base.toLowerCase()) set.add(base.toLowerCase())
      found.set(prepared, set)
    }
  }
  return found
}
