/** Runs the programs that prepare a server's data, under the server's account, to their end. */
import { execFile } from 'node:child_process'
import { programPath } from './programs.js'
import type { Account } from './scratch.js'

/** Rejects with what the program printed if it fails. */
export function runAs(account: Account | undefined, program: string, args: readonly string[]): Promise<void> {
  const asAccount =
    account === undefined ? [] : [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups']
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH, LC_ALL: 'C', HOME: '/' }
    execFile(
      programPath('setpriv'),
      [...asAccount, '--pdeathsig=KILL', program, ...args],
      { cwd: '/', env, timeout: 120_000 },
      (error, stdout, stderr) => {
        if (error === null) resolve()
        else reject(new Error(`${program} failed: ${error.message}\n${stdout}\n${stderr}`))
      },
    )
  })
}
