/** Runs `vitrine init` as its users do, in a folder of its own, and tells what it printed and wrote. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { parse } from 'yaml'
import { init } from '../../src/cli/init.js'
import type { InitOptions } from '../../src/cli/init-options.js'
import type { Asking } from '../../src/cli/init-questions.js'
import { createSqliteFile } from '../../src/sources/sql/drivers/sqlite-file.js'

export interface Ran {
  readonly code: number
  readonly printed: string
  readonly complained: string
  /** The folder that was written to. */
  readonly out: string
  text(file: string): string
  /** A file of YAML, with its references as they stand there. */
  data(file: string): Record<string, unknown>
}

const folders: string[] = []

/** A folder that is there until `cleanUp`. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-init-'))
  folders.push(folder)
  return folder
}

export async function cleanUp(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
}

/** A new SQLite database. */
export function sqliteOf(...scripts: readonly string[]): string {
  const file = join(scratch(), 'test.sqlite')
  createSqliteFile(file, scripts)
  return `sqlite:${file}`
}

export async function ran(url: string, options: Partial<InitOptions> = {}, asked?: Asking): Promise<Ran> {
  const { out = join(scratch(), 'gateway') } = options
  const lines: string[] = []
  const complaints: string[] = []
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  const stderr = vi
    .spyOn(process.stderr, 'write')
    .mockImplementation((text) => complaints.push(String(text)) > 0)
  try {
    const code = await init({ ...options, url, out }, () => asked)
    const text = (file: string) => readFileSync(join(out, file), 'utf8')
    return {
      code,
      printed: lines.join(''),
      complained: complaints.join(''),
      out,
      text,
      data: (file) => parse(text(file)) as Record<string, unknown>,
    }
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
  }
}
