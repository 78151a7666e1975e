/** `vitrine import`: another product's configuration made into a gateway's, and what of it has no equivalent. */
import { join } from 'node:path'
import { ConfigError } from '../config/config-error.js'
import { readTextFile } from '../config/text-file.js'
import { importAdConnect } from '../import/ad-connect.js'
import { filesOf, remarksText } from '../import/files.js'
import type { Imported } from '../import/imported.js'
import type { ImportSettings, Input } from '../import/input.js'
import { importJansLink } from '../import/jans-link.js'
import { saltOf } from '../import/jans-secret.js'
import { importLogintc } from '../import/logintc.js'
import { writeFiles } from './written-files.js'

export interface ImportOptions {
  readonly product: string
  readonly file: string
  /** The folder to write to. */
  readonly out: string
  /** Write over what is there. */
  readonly force?: boolean
  /** A file with the salt that opens passwords of Janssen. */
  readonly salt?: string
  /** The URL of a SCIM service that people are to be pushed to. */
  readonly target?: string
}

const importers: Readonly<Record<string, (input: Input, settings: ImportSettings) => Imported>> = {
  'jans-link': importJansLink,
  logintc: importLogintc,
  'ad-connect': importAdConnect,
}

export async function importConfiguration(options: ImportOptions): Promise<number> {
  const { product, file, out, force, salt, target } = options
  const importer = Object.hasOwn(importers, product) ? importers[product] : undefined
  if (importer === undefined) {
    const known = Object.keys(importers).join(', ')
    process.stderr.write(`there is no importer for ${product}; there are ${known}\n`)
    return 2
  }
  if (target !== undefined && !(URL.canParse(target) && /^https?:$/.test(new URL(target).protocol))) {
    process.stderr.write(`${target} is no URL of an HTTP service: write https://HOST/PATH\n`)
    return 2
  }
  const key = salt === undefined ? undefined : saltOf(await read(salt))
  const settings = { ...(key !== undefined && { salt: key }), ...(target !== undefined && { target }) }
  const imported = importer({ file, text: await read(file) }, settings)
  const files = filesOf(imported)
  await writeFiles(files, out, force === true)
  for (const { path, secret } of files)
    process.stdout.write(`wrote ${join(out, path)}${secret ? ' (a secret)' : ''}\n`)
  for (const line of remarksText(imported.remarks)) process.stdout.write(`${line}\n`)
  process.stdout.write(`\nNext: vitrine check --config ${join(out, 'gateway.yaml')}\n`)
  return 0
}

async function read(file: string): Promise<string> {
  const { text, reason } = await readTextFile(file)
  if (text !== undefined) return text
  const message = `cannot be read: ${reason}`
  throw new ConfigError([{ file, path: '', message, remedy: 'Check the path.' }])
}
