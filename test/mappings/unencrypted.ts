/** The gateway of the mapping for Active Directory in front of a controller that does not encrypt. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { mappingFile } from './databases.js'

/** @returns its gateway file, in a new folder within the given one */
export function unencrypted(within: string): string {
  const folder = mkdtempSync(join(within, 'plain-'))
  cpSync(dirname(mappingFile('active-directory/gateway.yaml')), folder, { recursive: true })
  const file = join(folder, 'gateway.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^ *ca:.*\n/m, ''))
  return file
}
