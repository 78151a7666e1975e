/** Writes configuration files into a folder: all of them, or none where one is there already. */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ConfigError } from '../config/config-error.js'
import { readTextFile } from '../config/text-file.js'
import type { WrittenFile } from '../config/written.js'

/**
 * @param force write over what is there
 * @throws ConfigError
 */
export async function writeFiles(files: readonly WrittenFile[], out: string, force: boolean): Promise<void> {
  if (!force) await refuseWhatIsThere(files, out)
  for (const { path, text, secret } of files) {
    const whole = join(out, path)
    await mkdir(dirname(whole), { recursive: true, ...(secret && { mode: 0o700 }) })
    await writeFile(whole, text, secret ? { mode: 0o600 } : {})
    if (secret) await chmod(whole, 0o600)
  }
}

/** @throws ConfigError */
export async function refuseWhatIsThere(
  files: readonly Pick<WrittenFile, 'path'>[],
  out: string,
): Promise<void> {
  const there: string[] = []
  for (const { path } of files)
    if ((await readTextFile(join(out, path))).reason !== 'there is no such file') there.push(path)
  if (there.length > 0)
    throw new ConfigError(
      there.map((path) => ({
        file: join(out, path),
        path: '',
        message: 'is there already',
        remedy: 'Name another folder with --out, or write over it with --force.',
      })),
    )
}
