/** What is wrong with a configuration: every problem of every file, in one error. */

export interface ConfigProblem {
  /** As the reader knows it; absent for configuration that was handed over as an object. */
  readonly file?: string
  /** From 1. */
  readonly line?: number
  /** From 1. */
  readonly column?: number
  /** Where in the data, e.g. `attributes.mail[1].column`; empty for the whole file. */
  readonly path: string
  /** A phrase without a full stop. Never holds an interpolated value. */
  readonly message: string
  /** What to do, in sentences. */
  readonly remedy?: string
}

/** Its message has one line per problem: `people.yaml:12:5  attributes.mail.colum: unknown key. …` */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[]
  /** What is left without all these, where that is something. */
  readonly sound?: unknown

  constructor(problems: readonly ConfigProblem[], sound?: unknown) {
    super(problems.map(problemText).join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
    if (sound !== undefined) this.sound = sound
  }
}

/** One problem as one line. */
function problemText(problem: ConfigProblem): string {
  const { file, line, column, path, message, remedy } = problem
  const position = line === undefined ? '' : `:${line}:${column ?? 1}`
  const where = file === undefined ? '' : `${file}${position}  `
  const subject = path === '' ? '' : `${path}: `
  return `${where}${subject}${message}.${remedy === undefined ? '' : ` ${remedy}`}`
}
