/** `vitrine problems`: entries that could not be copied, why, and when they are tried again. */

import type { Problem } from '../copy/cycle/problems.js'
import type { Operations } from '../copy/jobs/operations.js'
import { problemsText } from './copy-text.js'
import type { Streams } from './sync.js'

export interface ProblemsOptions {
  readonly target?: string
  readonly view?: string
  readonly json?: boolean
}

/** Rows of a table that are laid out together. */
const PAGE = 1000

export async function problems(
  operations: Operations,
  { target, view, json = false }: ProblemsOptions,
  { out }: Streams,
): Promise<number> {
  let count = 0
  for (const name of target === undefined ? operations.targets : [target]) {
    let page: Problem[] = []
    const flush = () => {
      if (page.length > 0) out.write(`${problemsText(page).join('\n')}\n`)
      page = []
    }
    for await (const problem of operations.problems(name)) {
      if (view !== undefined && problem.view !== view) continue
      count++
      if (json) out.write(`${JSON.stringify(problem)}\n`)
      else if (page.push(problem) === PAGE) flush()
    }
    flush()
  }
  if (!json) out.write(`${count} ${count === 1 ? 'problem' : 'problems'}\n`)
  return 0
}
