/** What is wrong with a mapping once it is held against its source; the configuration adds file and line. */

export interface MappingProblem {
  readonly view: string
  /** Key path within the mapping file. */
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly remedy: string
}

export class MappingError extends Error {
  readonly problems: readonly MappingProblem[]

  constructor(problems: readonly MappingProblem[]) {
    super(problems.map((p) => `${p.view}: ${p.path.join('.')}: ${p.message}. ${p.remedy}`).join('\n'))
    this.name = 'MappingError'
    this.problems = problems
  }
}

/** Collects problems, so that all are told at once, and each once. */
export class Problems {
  readonly list: MappingProblem[] = []

  add(view: string, path: readonly (string | number)[], message: string, remedy: string): undefined {
    const where = path.join('.')
    const known = this.list.some(
      (p) => p.view === view && p.path.join('.') === where && p.message === message,
    )
    if (!known) this.list.push({ view, path, message, remedy })
    return undefined
  }
}
