/**
 * The order of a bulk request's operations and what `bulkId`s in them mean (RFC 7644 3.7). What refers to a resource
 * that is created further down waits for it; where references go in a circle, one resource is created without them
 * and given them afterwards. The operations themselves are done by a `BulkRunner`.
 */
import { VitrineError } from '../../model/errors.js'
import { isArray, isObject, type Json, type JsonObject } from '../../scim/json.js'
import {
  type BulkMethod,
  type BulkOperation,
  bulkIdsIn,
  type Resolve,
  resolveBulkIds,
  withoutBulkIds,
  withoutSlashes,
} from './bulk-ids.js'
import { ScimError } from './errors.js'
import { PATCH_OP } from './patch-operations.js'

export const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
export const BULK_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse'

export interface BulkOutcome {
  readonly status: number
  /** Of the resource; unknown where it could not be read. */
  readonly id?: string | undefined
  readonly location?: string | undefined
  readonly version?: string | undefined
}

export interface BulkRunner {
  /** Throws what a single request with this operation would be refused with. */
  run(operation: BulkOperation): Promise<BulkOutcome>
  /** Takes back a creation that cannot be completed. */
  undo(operation: BulkOperation, created: BulkOutcome): Promise<void>
  /** As a single request would be told of it, and the location of what it was about, where there is one. */
  refused(error: unknown, operation: BulkOperation): { status: number; body: JsonObject; location?: string }
}

export interface BulkRequest {
  readonly failOnErrors: number
  readonly operations: readonly Json[]
}

/** @throws VitrineError protocolError (invalidSyntax); ScimError 413 where there are too many operations */
export function readBulk(message: JsonObject, maxOperations: number): BulkRequest {
  let operations: Json | undefined
  let failOnErrors: Json | undefined
  for (const name in message) {
    if (name.toLowerCase() === 'operations') operations = message[name]
    else if (name.toLowerCase() === 'failonerrors') failOnErrors = message[name]
  }
  if (!isArray(operations)) {
    throw new VitrineError('protocolError', { message: 'Operations must be a list' })
  }
  if (operations.length > maxOperations) {
    throw new ScimError(413, `a bulk request may hold at most ${maxOperations} operations`)
  }
  if (failOnErrors === undefined || failOnErrors === null) {
    return { operations, failOnErrors: Number.POSITIVE_INFINITY }
  }
  if (typeof failOnErrors !== 'number' || !Number.isInteger(failOnErrors) || failOnErrors < 1) {
    throw new VitrineError('protocolError', { message: 'failOnErrors must be a whole number above 0' })
  }
  return { operations, failOnErrors }
}

interface Step {
  /** What the answer repeats of the operation. */
  readonly told: { readonly method?: string; readonly bulkId?: string }
  readonly operation: BulkOperation
  readonly bulkId?: string
  /** Why it is none. */
  wrong?: VitrineError
  state: 'waiting' | 'running' | 'done'
  outcome?: BulkOutcome
  answer?: JsonObject
}

/** References that a creation left out, because what they refer to was waiting for it. */
interface Completion {
  readonly step: Step
  readonly operations: readonly JsonObject[]
  readonly missing: readonly string[]
}

export class BulkJob {
  readonly #runner: BulkRunner
  readonly #steps: readonly Step[]
  readonly #creations = new Map<string, Step>()
  readonly #failOnErrors: number
  #errors = 0
  #completions: Completion[] = []

  constructor(request: BulkRequest, runner: BulkRunner) {
    this.#runner = runner
    this.#failOnErrors = request.failOnErrors
    this.#steps = request.operations.map(readStep)
    for (const step of this.#steps) {
      if (step.bulkId === undefined || step.operation.method !== 'POST') continue
      if (!this.#creations.has(step.bulkId)) this.#creations.set(step.bulkId, step)
      else step.wrong = new VitrineError('protocolError', { message: `bulkId ${step.bulkId} is used twice` })
    }
  }

  /**
   * The answers to the operations that were done or tried, in the order of the request; fewer where errors were as
   * many as the client puts up with. Throws only what ends the whole request.
   */
  async run(): Promise<readonly JsonObject[]> {
    for (const step of this.#steps) await this.#perform(step)
    await this.#complete(true)
    return this.#steps.flatMap(({ answer }) => (answer === undefined ? [] : [answer]))
  }

  get #stopped(): boolean {
    return this.#errors >= this.#failOnErrors
  }

  async #perform(step: Step): Promise<void> {
    if (step.state !== 'waiting' || this.#stopped) return
    step.state = 'running'
    try {
      if (step.wrong !== undefined) throw step.wrong
      const circular = await this.#prepare(step)
      if (this.#stopped) {
        step.state = 'waiting'
        return
      }
      const { operation, completion } = this.#resolved(step, circular)
      const outcome = await this.#runner.run(operation)
      step.outcome = outcome
      this.#succeeded(step, outcome)
      if (completion !== undefined) this.#completions.push(completion)
    } catch (error) {
      this.#failed(step, error)
    }
    step.state = 'done'
    await this.#complete()
  }

  /** Sees that what the step refers to is there; names what waits for the step itself. */
  async #prepare(step: Step): Promise<ReadonlySet<string>> {
    const circular = new Set<string>()
    for (const id of bulkIdsIn(step.operation, (name) => this.#creations.has(name))) {
      const creation = this.#creations.get(id)
      if (creation === undefined) throw unresolved(id, 'is not among the operations')
      // A long chain of references must not become a deep stack.
      await Promise.resolve()
      await this.#perform(creation)
      if (creation.state === 'running') circular.add(id)
      else if (creation.state === 'done' && creation.outcome?.id === undefined)
        throw unresolved(id, 'was not created')
    }
    return circular
  }

  #resolved(
    step: Step,
    circular: ReadonlySet<string>,
  ): { operation: BulkOperation; completion?: Completion } {
    const resolve: Resolve = (name) => this.#creations.get(name)?.outcome?.id
    const { operation } = step
    if (circular.size === 0) return { operation: resolveBulkIds(operation, resolve) }
    if (operation.method !== 'POST' || !isObject(operation.data)) {
      throw unresolved([...circular].join(', '), 'waits for this operation')
    }
    const { data, operations } = withoutBulkIds(operation.data, circular)
    return {
      operation: resolveBulkIds({ ...operation, data }, resolve),
      completion: { step, operations, missing: [...circular] },
    }
  }

  /** Gives creations what they had to leave out, as soon as it is there or certain that it will not be. */
  async #complete(isLast = false): Promise<void> {
    const due = this.#completions.filter(
      ({ missing }) => isLast || missing.every((name) => this.#creations.get(name)?.state === 'done'),
    )
    if (due.length === 0) return
    this.#completions = this.#completions.filter((completion) => !due.includes(completion))
    for (const { step, operations, missing } of due) {
      const created = step.outcome
      if (created?.id === undefined) continue
      try {
        const lost = missing.find((name) => this.#creations.get(name)?.outcome?.id === undefined)
        if (lost !== undefined) throw unresolved(lost, 'was not created')
        const patch: BulkOperation = {
          method: 'PATCH',
          path: `/${withoutSlashes(step.operation.path)}/${encodeURIComponent(created.id)}`,
          data: { schemas: [PATCH_OP], Operations: operations },
        }
        const resolve: Resolve = (name) => this.#creations.get(name)?.outcome?.id
        const { version } = await this.#runner.run(resolveBulkIds(patch, resolve))
        this.#succeeded(step, { ...created, ...(version !== undefined && { version }) })
      } catch (error) {
        delete step.outcome
        this.#failed(step, error)
        await this.#runner.undo(step.operation, created)
      }
    }
  }

  #succeeded(step: Step, { status, location, version }: BulkOutcome): void {
    step.answer = {
      ...(location !== undefined && { location }),
      ...step.told,
      ...(version !== undefined && { version }),
      status: String(status),
    }
  }

  #failed(step: Step, error: unknown): void {
    this.#errors++
    const { method, path } = step.operation
    const operation = resolveBulkIds({ method, path }, (name) => this.#creations.get(name)?.outcome?.id)
    const { status, body, location } = this.#runner.refused(error, operation)
    step.answer = {
      ...(location !== undefined && { location }),
      ...step.told,
      status: String(status),
      response: body,
    }
  }
}

const METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

function readStep(json: Json): Step {
  const members: Record<string, Json | undefined> = {}
  if (isObject(json)) for (const name in json) members[name.toLowerCase()] = json[name]
  const { method, path, bulkid, version, data } = members
  const known = typeof method === 'string' ? method.toUpperCase() : ''
  const wrong = !METHODS.has(known)
    ? 'method must be POST, PUT, PATCH or DELETE'
    : typeof path !== 'string'
      ? 'path must be text'
      : bulkid !== undefined && bulkid !== null && (typeof bulkid !== 'string' || bulkid === '')
        ? 'bulkId must be text'
        : known === 'POST' && typeof bulkid !== 'string'
          ? 'bulkId is needed with POST'
          : version !== undefined && version !== null && typeof version !== 'string'
            ? 'version must be text'
            : undefined
  return {
    told: {
      ...(typeof method === 'string' && { method }),
      ...(typeof bulkid === 'string' && { bulkId: bulkid }),
    },
    operation: {
      method: METHODS.has(known) ? (known as BulkMethod) : 'POST',
      path: typeof path === 'string' ? path : '',
      ...(typeof version === 'string' && { version }),
      ...(data !== undefined && { data }),
    },
    ...(typeof bulkid === 'string' && bulkid !== '' && { bulkId: bulkid }),
    ...(wrong !== undefined && { wrong: new VitrineError('protocolError', { message: wrong }) }),
    state: 'waiting',
  }
}

function unresolved(name: string, why: string): ScimError {
  return new ScimError(409, `bulkId ${name} ${why}`)
}
