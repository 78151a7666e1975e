/** Tables of text for people: aligned columns, and nothing in a cell that a terminal would obey. */

/** The widest that a cell is shown, in characters; what is longer is cut. */
const WIDEST = 72

/**
 * Lines with a head and a rule below it. Without rows there are none.
 * @param right the columns whose cells stand at the right, as numbers do
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  right: readonly string[] = [],
): readonly string[] {
  if (rows.length === 0) return []
  const all = rows.map((row) => row.map((cell) => shown(String(cell))))
  const widths = head.map((name, i) => Math.max(...[name, ...all.map((row) => row[i] ?? '')].map(widthOf)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const space = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell)))
        return right.includes(head[i] ?? '') ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...all.map(line)]
}

/** Text without control and direction characters. */
export function plain(text: string): string {
  return text.replaceAll(/\p{Cc}|[\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '�')
}

/** The same, cut to what a cell holds. */
export function shown(text: string): string {
  const characters = [...plain(text)]
  return characters.length <= WIDEST ? characters.join('') : `${characters.slice(0, WIDEST - 1).join('')}…`
}

/** In columns of a terminal, where East Asian characters and emoji take two and marks none. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text) {
    if (/\p{M}|\u200d|\ufe0f/u.test(character)) continue
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1
  }
  return width
}
