/** Files that nobody may change but root, whom modes do not bind. */
import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

export function readOnly(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) readOnly(path)
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o555)
  }
  chmodSync(folder, 0o555)
}
