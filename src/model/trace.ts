/** What is done for an operation, as those are told who follow requests through several programs. Nothing of it is made where nobody does. */
import { VitrineError } from './errors.js'

/** Never values of anybody's entries. */
export type TraceAttributes = Readonly<Record<string, string | number | string[] | undefined>>

/** Something that takes time, from when it is made to its `end`. */
export interface Span {
  /** By which it is found among other programs' spans. */
  readonly traceId: string
  /** Does anybody want to know of it? Of what is not sampled only its parts' programs hear that it is not. */
  readonly isKept: boolean
  /** What `work` begins, whenever it does, is part of it. */
  run<T>(work: () => T): T
  /** @param fault a word for what went wrong, where that is nothing that was asked for */
  end(attributes?: TraceAttributes, fault?: string): void
}

export interface Tracing {
  /**
   * What a client asks for.
   * @param headers may say of whose span it is part
   */
  operation(
    name: string,
    attributes: TraceAttributes,
    headers?: Readonly<Record<string, string | string[] | undefined>>,
  ): Span
  /**
   * Part of what goes on; undefined where nothing does that anybody follows.
   * @param elsewhere is it done by another program, which may know it as ours?
   */
  part(name: string, attributes: TraceAttributes, elsewhere: boolean): Span | undefined
  /** Is what goes on now kept, so that parts of it can be? */
  isKept(): boolean
  /** What goes on now, for work that is done on its behalf later. */
  remember(): <T>(work: () => T) => T
  /** What goes on now, in the words of W3C Trace Context; undefined where nobody keeps it. */
  traceparent(): string | undefined
}

/** Does `work` as the span, and ends it. */
export async function spanned<T>(
  span: Span,
  work: () => Promise<T>,
  outcome: (result: T) => TraceAttributes = () => ({}),
): Promise<T> {
  try {
    const result = await span.run(work)
    span.end(outcome(result))
    return result
  } catch (error) {
    span.end({}, faultOf(error))
    throw error
  }
}

/** The code of what was thrown: messages may hold values. */
export function faultOf(error: unknown): string {
  return VitrineError.from(error).code
}
