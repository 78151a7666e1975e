/** The names and options of the commands about copies. */
import { type Command, InvalidArgumentError } from 'commander'
import type { SyncOptions } from './sync.js'

interface Common {
  readonly config: string
  readonly json?: true
}

type Run = <O>(command: (options: O) => Promise<number>) => (options: O) => Promise<void>

/** What commands do, loaded when one is run. */
const actions = () => import('./copy-actions.js')

const streams = { out: process.stdout, err: process.stderr }
const config = ['-c, --config <file>', 'the gateway’s configuration', 'gateway.yaml'] as const
const json = ['--json', 'JSON for scripts'] as const
const several = (value: string, before: readonly string[] = []) => [...before, value]

/** @param run makes an action of a command that resolves with its exit code */
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
      run(async () => {
        const { sync, withCopies } = await actions()
        return withCopies(options.config, (copies, signal) => sync(copies, options, streams, signal))
      })(options),
    )

  program
    .command('jobs')
    .description('the runs of synchronizations, the newest first, or one of them')
    .argument('[job]', 'its id')
    .option(...config)
    .option('--limit <n>', 'so many at most', whole, 20)
    .option(...json)
    .action((id: string | undefined, options: Common & { limit: number }) =>
      run(async () => {
        const { jobs, withCopies } = await actions()
        return withCopies(options.config, (copies) =>
          jobs(copies, { ...options, ...(id !== undefined && { id }) }, streams),
        )
      })(options),
    )

  program
    .command('problems')
    .description('entries that could not be copied, why, and when they are tried again')
    .option(...config)
    .option('--target <name>', 'this target only; all of them unless given')
    .option('--view <name>', 'this view only')
    .option(...json)
    .action((options: Common & { target?: string; view?: string }) =>
      run(async () => {
        const { problems, withCopies } = await actions()
        return withCopies(options.config, (copies) => problems(copies, options, streams))
      })(options),
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
    .action((options: Common) =>
      run(async () => {
        const { listSnapshots, withCopies } = await actions()
        return withCopies(options.config, (copies) => listSnapshots(copies, options, streams))
      })(options),
    )

  snapshots
    .command('diff')
    .description('how one became another')
    .argument('<from>', 'a snapshot', whole)
    .argument('[to]', 'another; the current one unless given', whole)
    .option(...config)
    .option('--view <name>', 'this view only')
    .option(...json)
    .action((from: number, to: number | undefined, options: Common & { view?: string }) =>
      run(async () => {
        const { diffSnapshots, withCopies } = await actions()
        return withCopies(options.config, (copies) =>
          diffSnapshots(copies, { ...options, from, ...(to !== undefined && { to }) }, streams),
        )
      })(options),
    )

  snapshots
    .command('rollback')
    .description('make what a snapshot holds current again; nothing is copied then until vitrine sync is run')
    .argument('<to>', 'a snapshot', whole)
    .option(...config)
    .option(...json)
    .action((to: number, options: Common) =>
      run(async () => {
        const { rollback, withCopies } = await actions()
        return withCopies(options.config, (copies) => rollback(copies, { ...options, to }, streams))
      })(options),
    )
}

function whole(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is a whole number.')
  return Number(text)
}
