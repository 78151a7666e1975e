/**
 * Sees to it that the real servers and clients the tests need are on this machine: with apt-get where that is
 * possible, else by saying exactly what is missing. Alone: `npx tsx test/servers/install.ts`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { type Missing, missingBrowsers, missingPrograms } from './programs.js'

const policy = '/usr/sbin/policy-rc.d'
const lockTimeout = 'DPkg::Lock::Timeout=300'

/** Throws, naming every missing program and the command that installs it, if they cannot be installed here. */
export function installServers(): void {
  installAll(missingPrograms)
}

/** The same for the browser of the tests in `test/programs`. */
export function installBrowsers(): void {
  installAll(missingBrowsers)
}

function installAll(look: () => readonly Missing[]): void {
  const missing = look()
  if (missing.length === 0) return
  const packages = [...new Set(missing.map((program) => program.debian))]
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw missingError(missing)

  process.stderr.write(`Installing ${packages.join(', ')} for the tests\n`)
  withoutStartingServices(() => {
    if (!install(packages)) {
      spawnSync('sleep', ['10'])
      install(packages)
    }
  })
  const still = look()
  if (still.length > 0) throw missingError(still)
}

function missingError(missing: readonly Missing[]): Error {
  const packages = [...new Set(missing.map((program) => program.debian))].join(' ')
  return new Error(
    `The tests run against real programs, and these programs are missing: ${missing.map((p) => p.name).join(', ')}.\n` +
      `Install them: sudo apt-get update && sudo apt-get install --no-install-recommends ${packages}`,
  )
}

function install(packages: readonly string[]): boolean {
  // A list that cannot be fetched need not be the one that has our packages.
  run('apt-get', ['-qq', '-o', lockTimeout, 'update'])
  // slapd's package asks for a directory to create; the tests bring their own.
  run('debconf-set-selections', [], 'slapd slapd/no_configuration boolean true\n')
  return run('apt-get', ['-qq', '-y', '-o', lockTimeout, 'install', '--no-install-recommends', ...packages])
}

/** Prints what the command said only if it fails. */
function run(command: string, args: readonly string[], input = ''): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
  const { status, stdout, stderr, error } = spawnSync(command, args, { env, input, encoding: 'utf8' })
  if (status === 0) return true
  process.stderr.write(`${command} failed: ${error?.message ?? `status ${status}`}\n${stdout}${stderr}\n`)
  return false
}

/** Debian starts a service as soon as it is installed, unless policy-rc.d refuses; one already there is kept. */
function withoutStartingServices(work: () => void): void {
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    work()
  } finally {
    if (ours) rmSync(policy)
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    installServers()
    process.stdout.write('Every server and client that the tests need is installed\n')
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    process.exitCode = 1
  }
}
