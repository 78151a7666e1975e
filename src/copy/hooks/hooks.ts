/**
 * What a user's module may do: change or refuse entries (`updateEntry`), say that a cycle is not to begin (`startCycle`), and
 * give the credentials of a source (`getBindCredentials`). Entries and answers cross as plain objects.
 */
import { VitrineError } from '../../model/errors.js'
import { isComplex, Ref, type Scalar, type Value } from '../../model/value.js'
import type { SourceEntry } from '../cycle/plan.js'
import type { Reason } from '../cycle/problems.js'
import { type CallResult, HookModule } from './module.js'

/** A reference as the module sees it. */
interface PlainRef {
  readonly ref: { readonly view: string; readonly id?: string; readonly names: readonly string[] }
}

export interface BindCredentials {
  readonly dn: string
  readonly password: string
}

export class Hooks {
  readonly #module: HookModule

  /** @param path of an ES module; `timeout` in milliseconds, for one call */
  constructor({ module, timeout }: { readonly module: string; readonly timeout: number }) {
    this.#module = new HookModule(module, timeout)
  }

  /** The names of its functions. Rejects where the module cannot be loaded. */
  functions(): Promise<ReadonlySet<string>> {
    return this.#module.functions()
  }

  /** Entries as the module makes them, or why not. Rejects where the module cannot be loaded. */
  async updateEntries(
    view: string,
    entries: readonly SourceEntry[],
  ): Promise<readonly (SourceEntry | Reason)[]> {
    if (!(await this.functions()).has('updateEntry')) return entries
    const calls = entries.map((one) => [plainEntry(view, one)])
    const results = await this.#module.call('updateEntry', calls)
    return entries.map((one, i) => updated(one, results[i]))
  }

  /** Why a cycle is not to begin; undefined lets it. */
  async mayStart(target: string): Promise<string | undefined> {
    if (!(await this.functions()).has('startCycle')) return undefined
    const [result] = await this.#module.call('startCycle', [[{ target }]])
    if (result === undefined || 'error' in result) return `the hook failed: ${result?.error}`
    if (result.value === false) return 'the hook said no'
    return typeof result.value === 'string' ? result.value : undefined
  }

  /** As whom to bind to a source; undefined where the module does not say. */
  async bindCredentials(source: string): Promise<BindCredentials | undefined> {
    if (!(await this.functions()).has('getBindCredentials')) return undefined
    const [result] = await this.#module.call('getBindCredentials', [[{ source }]])
    if (result === undefined || 'error' in result)
      throw new VitrineError('unavailable', { detail: `the hook for credentials failed: ${result?.error}` })
    const { dn, password } = (result.value ?? {}) as Partial<Record<string, unknown>>
    if (typeof dn === 'string' && typeof password === 'string') return { dn, password }
    if (result.value === undefined || result.value === null) return undefined
    throw new VitrineError('unavailable', { detail: 'the hook for credentials gave no { dn, password }' })
  }

  close(): Promise<void> {
    return this.#module.close()
  }
}

function plainEntry(view: string, { entry, enabled }: SourceEntry): object {
  const attributes = Object.fromEntries(
    [...entry.attributes].map(([name, values]) => [name, values.map(plain)]),
  )
  return { view, key: entry.id, enabled, attributes }
}

function plain(value: Value): unknown {
  if (value instanceof Ref) {
    const { view, id, names } = value
    return { ref: { view, names, ...(id !== undefined && { id }) } } satisfies PlainRef
  }
  if (!isComplex(value)) return value
  return Object.fromEntries(Object.entries(value).map(([part, scalar]) => [part, plain(scalar)]))
}

function updated(given: SourceEntry, result: CallResult | undefined): SourceEntry | Reason {
  const refused = (message: string): Reason => ({ code: 'hook', message })
  if (result === undefined || 'error' in result) return refused(result?.error ?? 'it was not called')
  const { value } = result
  if (value === undefined) return given
  if (value === false || value === null) return refused('the hook refused it')
  if (typeof value === 'string') return refused(value)
  const { attributes, enabled = given.enabled } = value as { attributes?: unknown; enabled?: unknown }
  if (typeof attributes !== 'object' || attributes === null || typeof enabled !== 'boolean')
    return refused('the hook returned no entry')
  const made = new Map<string, readonly Value[]>()
  for (const [name, values] of Object.entries(attributes)) {
    const list = (Array.isArray(values) ? values : [values]).map(readValue)
    if (list.some((one) => one === undefined))
      return refused(`the hook returned no value that ${name} could have`)
    made.set(name, list as Value[])
  }
  return { ...given, enabled, entry: { ...given.entry, attributes: made } }
}

/** Undefined for what is none. */
function readValue(given: unknown): Value | undefined {
  const scalar = scalarOf(given)
  if (scalar !== undefined) return scalar
  if (typeof given !== 'object' || given === null) return undefined
  const parts = Object.entries(given).map(([name, part]) => [name, scalarOf(part)] as const)
  if (parts.length === 0 || parts.some(([, part]) => part === undefined)) return undefined
  return Object.fromEntries(parts) as Value
}

function scalarOf(given: unknown): Scalar | undefined {
  switch (typeof given) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return given
    case 'object':
      if (given instanceof Date || given instanceof Uint8Array) return given
      return refOf(given)
    default:
      return undefined
  }
}

function refOf(given: object | null): Ref | undefined {
  const { ref } = (given ?? {}) as Partial<PlainRef>
  if (typeof ref !== 'object' || ref === null || typeof ref.view !== 'string') return undefined
  return new Ref(ref.view, Array.isArray(ref.names) ? ref.names.map(String) : [], ref.id)
}
