/** What operations that write work with. */
import type { Directory } from '../../../directory/directory.js'
import { VitrineError } from '../../../model/errors.js'
import type { Context } from '../../../model/request.js'
import type { View } from '../../../model/view.js'
import type { FilterTranslator } from '../filter.js'
import type { Namespace } from '../namespace.js'
import type { Renderer } from '../render.js'
import type { Selections } from '../selection.js'
import { ClassRules } from './class-rules.js'

/** What is needed to show entries, too. */
type ReadParts = Pick<WriteParts, 'directory' | 'namespace' | 'translator' | 'selections' | 'renderer'>

export class WriteParts {
  readonly directory: Directory
  readonly namespace: Namespace
  readonly translator: FilterTranslator
  readonly selections: Selections
  readonly renderer: Renderer
  /** Does any access rule let those write who have not bound? */
  readonly anonymousWrites: boolean
  readonly #rules = new WeakMap<View, ClassRules>()

  constructor(parts: ReadParts, anonymousWrites: boolean) {
    this.directory = parts.directory
    this.namespace = parts.namespace
    this.translator = parts.translator
    this.selections = parts.selections
    this.renderer = parts.renderer
    this.anonymousWrites = anonymousWrites
  }

  rulesOf(view: View): ClassRules {
    const known = this.#rules.get(view) ?? new ClassRules(view, this.namespace.schema)
    this.#rules.set(view, known)
    return known
  }
}

/** @throws VitrineError strongerAuthRequired for those who have not bound, unless they may write something */
export function mayWrite({ anonymousWrites }: WriteParts, { principal }: Context): void {
  if (principal.kind === 'anonymous' && !anonymousWrites)
    throw new VitrineError('strongerAuthRequired', { message: 'only who has bound may write' })
}
