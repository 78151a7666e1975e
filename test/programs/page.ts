/** The configuration that `docs/clients.md` shows, as the programs of these tests are given it. */
import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/^```(?:conf|apache)\n((?:(?!```).*\n)*)/gm)].map(([, text = '']) => text)

/** What the page shows for a file, with the gateway's URL in place of the page's. */
export function shown(file: string, url: string): string {
  const block = blocks.find((text) => text.startsWith(`# ${file}\n`))
  if (block === undefined) throw new Error(`docs/clients.md shows nothing for ${file}`)
  return block.replaceAll('ldap://ldap.example.com', url)
}

/** Is that line on the page? */
export function isShown(line: string): boolean {
  return blocks.some((text) => text.split('\n').includes(line))
}
