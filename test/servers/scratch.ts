/**
 * Folders and ports that a test's server has to itself, and the account it runs under. Both end with the
 * process that asked for them.
 */

import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders = new Set<string>()

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** Servers refuse to run as root, or should: root's tests run them as nobody. Undefined: as ourselves. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function idOf(option: string): number {
  const id = Number.parseInt(spawnSync('id', [option, 'nobody'], { encoding: 'utf8' }).stdout, 10)
  if (!Number.isInteger(id))
    throw new Error('the account "nobody", under which root runs the servers, is missing')
  return id
}

/**
 * A new folder that the server's account owns; removed by `removeScratch`, or when this process exits. Its path
 * is short enough for sockets in it: a socket's path has room for about 100 bytes.
 */
export function makeScratch(account: Account | undefined): string {
  const parent = tmpdir().length <= 60 ? tmpdir() : '/tmp'
  const folder = mkdtempSync(join(parent, 'vitrine-'))
  if (account !== undefined) chownSync(folder, account.uid, account.gid)
  folders.add(folder)
  return folder
}

export function removeScratch(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  folders.delete(folder)
}

/**
 * A TCP port of 127.0.0.1 that is free, below those that the kernel hands out by itself: so no client's socket and no
 * listener on port 0 takes it before its server does, or while that is restarted.
 */
export async function freePort(): Promise<number> {
  const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
  const handedOut = Math.max(Number.parseInt(range, 10), 12_000)
  for (;;) {
    const port = randomInt(10_000, handedOut)
    if (await isFree(port)) return port
  }
}

/** Could a server listen there? */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

process.on('exit', () => {
  for (const folder of folders) removeScratch(folder)
})
