/** Files of sections and properties, as `name = value` or `name: value`, with the place of each. */
import { type Origin, type Path, showPath, valueAt } from '../config/origin.js'

export interface IniFile {
  /** By section, in lower case. */
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly origin: Origin
}

/** Lines that begin with `#` or `;` say nothing. What stands twice is what stands last. */
export function parseIni(text: string, file: string): IniFile {
  const data: Record<string, Record<string, string>> = Object.create(null)
  const lines = new Map<string, number>()
  let section = ''
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim()
    if (line === '' || /^[#;]/.test(line)) continue
    const head = /^\[([^\]]*)\]$/.exec(line)
    if (head !== null) {
      section = (head[1] ?? '').trim().toLowerCase()
      data[section] ??= {}
      lines.set(showPath([section]), index + 1)
      continue
    }
    const [, name = '', value = ''] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? []
    if (name === '') continue
    data[section] = { ...data[section], [name.toLowerCase()]: value }
    lines.set(showPath([section, name.toLowerCase()]), index + 1)
  }
  const origin: Origin = {
    place: (path: Path) => {
      const line = lines.get(showPath(path)) ?? lines.get(showPath(path.slice(0, 1))) ?? 1
      return { file, line, column: 1, path: showPath(path) }
    },
    written: (path) => valueAt(data, path),
  }
  return { data, origin }
}
