/** The names and options of the commands about copies. */
import { type Command, InvalidArgumentError } from 'commander'
import type { Operations } from '../copy/jobs/operations.js'
import { jobs } from './jobs.js'
import { problems } from './problems.js'
import { diffSnapshots, listSnapshots, rollback } from './snapshots.js'
import { type SyncOptions, sync } from './sync.js'

interface Common {
  readonly config: string
  readonly json?: true
}

type Run = <O>(fetched: () => Promise<(options: O) => Promise<number>>) => (options: O) => Promise<void>

const streams = { out: process.stdout, err: process.stderr }
const config = ['-c, --config <file>', 'the gateway’s configuration', 'gateway.yaml'] as const
const json = ['--json', 'JSON for scripts'] as const
const several = (value: string, before: readonly string[] = []) => [...before, value]

/** Runs a command on the copies of a configuration. */
function onCopies<O extends Common>(
  run: Run,
  options: O,
  command: (copies: Operations, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  return run<O>(async () => {
    const { withCopies } = await import('./copies.js')
    return ({ config }) => withCopies(config, command)
  })(options)
}

/** @param run makes an action of what fetches a command, which resolves with its exit code */
export function addCopyCommands(program: Command, run: Run): void {
  program
    .command('sync')
    .description('make copies what their sources are, and push to targets')
    .option(...config)
    .option('-d, --dry-run', 'say what would be done and why, and do nothing')
    .option('--target <name>', 'this target only; all of them unless given')
    .option('--view <name>', 'this view only; may be given several times', several)
    .option('--full', 'read everything, not only what has changed')
    .option('--retry', 'try entries with problems again though their time has not come')
    .option('--approve [job]', 'do what the guard holds: whatever it finds, or what that job was held for')
    .option('--limit <n>', 'entries that a dry run names', whole, 1000)
    .option(...json)
    .action((options: SyncOptions & Common) =>
      onCopies(run, options, (copies, signal) => sync(copies, options, streams, signal)),
    )

  program
    .command('jobs')
    .description('the runs of synchronizations, the newest first, or one of them')
    .argument('[job]', 'its id')
    .option(...config)
    .option('--limit <n>', 'so many at most', whole, 20)
    .option(...json)
    .action((id: string | undefined, options: Common & { limit: number }) =>
      onCopies(run, options, (copies) =>
        jobs(copies, { ...options, ...(id !== undefined && { id }) }, streams),
      ),
    )

  program
    .command('problems')
    .description('entries that could not be copied, why, and when they are tried again')
    .option(...config)
    .option('--target <name>', 'this target only; all of them unless given')
    .option('--view <name>', 'this view only')
    .option(...json)
    .action((options: Common & { target?: string; view?: string }) =>
      onCopies(run, options, (copies) => problems(copies, options, streams)),
    )

  addSnapshotCommands(program, run)
}

function addSnapshotCommands(program: Command, run: Run): void {
  const snapshots = program.command('snapshots').description('what the store has kept of copies')

  snapshots
    .command('list', { isDefault: true })
    .description('which snapshots are kept, the newest first')
    .option(...config)
    .option(...json)
    .action((options: Common) => onCopies(run, options, (copies) => listSnapshots(copies, options, streams)))

  snapshots
    .command('diff')
    .description('how one became another')
    .argument('<from>', 'a snapshot', whole)
    .argument('[to]', 'another; the current one unless given', whole)
    .option(...config)
    .option('--view <name>', 'this view only')
    .option(...json)
    .action((from: number, to: number | undefined, options: Common & { view?: string }) =>
      onCopies(run, options, (copies) =>
        diffSnapshots(copies, { ...options, from, ...(to !== undefined && { to }) }, streams),
      ),
    )

  snapshots
    .command('rollback')
    .description('make what a snapshot holds current again; nothing is copied then until vitrine sync is run')
    .argument('<to>', 'a snapshot', whole)
    .option(...config)
    .option(...json)
    .action((to: number, options: Common) =>
      onCopies(run, options, (copies) => rollback(copies, { ...options, to }, streams)),
    )
}

function whole(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is a whole number.')
  return Number(text)
}
