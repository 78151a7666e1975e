/**
 * `npm run bench:scim`: the CPU that the gateway uses per SCIM request, beside that of a bare Fastify handler that asks
 * the same databases the same.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { textOf } from './rounds.js'
import type { Shape } from './scim/data.js'
import { type Database, startDatabases } from './scim/databases.js'
import { cases, type Figures, measureAll, type Target } from './scim/measure.js'
import { startBare, startGateway } from './scim/servers.js'
import { markdown } from './scim/table.js'

interface Options {
  readonly quick?: boolean
  readonly gateway?: string
  readonly beside?: string
  readonly only?: string
  readonly out: string
}

const shapes: readonly Shape[] = ['plain', 'related']

const program = new Command('bench:scim')
  .option('--quick', 'fewer and shorter rounds')
  .option('--gateway <main.js>', 'the gateway, if not the one in dist')
  .option('--beside <main.js>', 'dist/cli/main.js of another build of the gateway, measured in the same run')
  .option('--only <text>', 'only what has this in its name, e.g. "SQLite, related"')
  .option('--out <dir>', 'where the results go', fileURLToPath(new URL('results', import.meta.url)))
  .action(async (options: Options) => {
    await bench(options).catch((error) => {
      process.stderr.write(`failed: ${textOf(error)}\n`)
      process.exitCode = 1
    })
  })

await program.parseAsync()

async function bench({ quick, gateway, beside, only = '', out }: Options): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-bench-'))
  const undo: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  try {
    const figures: Figures[] = []
    const databases = await startDatabases(folder, (name) =>
      shapes.some((s) => titleOf(name, s).includes(only)),
    )
    undo.push(...databases.map(({ stop }) => stop))
    for (const database of databases) {
      for (const shape of shapes) {
        const title = titleOf(database.name, shape)
        if (!title.includes(only)) continue
        process.stderr.write(`${title}\n`)
        const targets = await startTargets(database, shape, folder, gateway, beside)
        try {
          figures.push({ title, rows: await measureAll(targets, cases(shape), quick === true) })
        } finally {
          for (const { stop } of targets) await stop()
        }
      }
    }
    const text = [
      `Measured on ${new Date().toISOString().slice(0, 10)}: node ${process.version}, ` +
        `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), load ${loadavg()[0]?.toFixed(1)}.`,
      ...figures.map(markdown),
    ].join('\n\n')
    process.stdout.write(`${text}\n`)
    await mkdir(out, { recursive: true })
    await writeFile(join(out, 'scim.md'), `${text}\n`)
  } finally {
    for (const step of undo.reverse()) await step()
  }
}

function titleOf(database: string, shape: Shape): string {
  return `${database}, ${shape}`
}

/** The bare handler first, with which the others are compared. */
async function startTargets(
  { url }: Database,
  shape: Shape,
  folder: string,
  main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url)),
  beside: string | undefined,
): Promise<readonly Target[]> {
  return [
    { name: 'bare', ...(await startBare(url, shape)) },
    ...(beside === undefined
      ? []
      : [{ name: 'other build', ...(await startGateway(beside, url, shape, folder)) }]),
    { name: 'vitrine', ...(await startGateway(main, url, shape, folder)) },
  ]
}
