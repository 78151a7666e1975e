/** A table of the run: which program, of which version, did what, and whether it came out. */
import type { Reporter, TestModule } from 'vitest/node'

interface Row {
  readonly program: string
  readonly did: string
  readonly result: string
}

export class ProgramTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows: Row[] = []
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { program } = test.meta()
        const suite = test.parent.type === 'suite' ? test.parent.name : module.moduleId
        const { state } = test.result()
        rows.push({ program: program ?? suite, did: test.name, result: state === 'passed' ? 'ok' : state })
      }
    }
    const width = (cell: (row: Row) => string) => Math.max(0, ...rows.map((row) => cell(row).length))
    const [program, did] = [width((row) => row.program), width((row) => row.did)]
    const lines = rows.map((row, i) => {
      const isFirst = row.program !== rows[i - 1]?.program
      return `${(isFirst ? row.program : '').padEnd(program)}  ${row.did.padEnd(did)}  ${row.result}`
    })
    process.stdout.write(`\n${lines.join('\n')}\n\n`)
  }
}
