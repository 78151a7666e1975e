/**
 * Adds, modifies and deletes entries: what cannot be said in the source's transaction (hashes of passwords, references
 * by name) is made ready before it; what depends on the entry as it is, is decided inside.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { decoderFor } from '../mapping/decode.js'
import type { Mapping } from '../mapping/mapping.js'
import type { WriteOptions } from '../mapping/row-draft.js'
import { insertion, modification, removal } from '../mapping/write.js'
import { allows } from '../mapping/writes.js'
import { VitrineError } from '../model/errors.js'
import type { MatchingOf } from '../model/match.js'
import type { AddRequest, Change, Context, DeleteRequest, ModifyRequest } from '../model/request.js'
import { type EntryId, Ref, type Value } from '../model/value.js'
import type { View } from '../model/view.js'
import type { Cell, Column, Field, Row, RowChange, Slot, SourceWrite, Vacancy } from '../sources/source.js'
import { DoomedRows } from './doomed-rows.js'
import type { Mappings } from './mappings.js'
import type { PasswordHasher } from './password/hasher.js'
import { keptHash } from './password/prehashed.js'
import { type Resolve, refKey } from './resolve.js'
import { sparingUnshown } from './unshown.js'

export interface WriterParts {
  readonly mappingsOf: (view: string) => Mappings
  readonly matchingOf: MatchingOf
  readonly views: ReadonlyMap<string, View>
  readonly hasher: PasswordHasher
  readonly resolve: Resolve
}

/** What changes need that takes time, found out before the source is asked to do them. */
class Ready {
  readonly hashes = new Map<string, string>()
  /** By `refKey`: a change that is decided anew refers to the same entries by other objects. */
  readonly refs = new Map<string, Ref | undefined>()
}

/** Thrown out of a transaction that has to wait for something. */
class NotReady extends Error {
  readonly changes: readonly Change[]

  constructor(changes: readonly Change[]) {
    super('not ready')
    this.changes = changes
  }
}

/** Thrown out of a transaction that needs a cell which was not read. */
class NotRead extends Error {
  readonly column: Column

  constructor(column: Column) {
    super('not read')
    this.column = column
  }
}

export class Writer {
  readonly #parts: WriterParts

  constructor(parts: WriterParts) {
    this.#parts = parts
  }

  /** @param vacancy of its name */
  async add(request: AddRequest, ctx: Context, vacancy: Vacancy | undefined): Promise<EntryId> {
    const { mapping, write } = await this.#target(request.view, ctx)
    if (!mapping.writes.add) throw readOnly('entries cannot be added here')
    const ready = new Ready()
    const changes = [...request.attributes].map(([attr, values]): Change => ({ op: 'replace', attr, values }))
    for (const { attr } of changes) demandWritable(mapping, attr)
    await this.#prepare(mapping, changes, ready, request, ctx)
    const attributes = new Map(settled(changes, ready).map(({ attr, values }) => [attr, values]))
    const options = this.#options(mapping, ready, request.trusted, () => undefined)
    const change = withKeys(mapping, insertion(mapping, attributes, options, new Date()))
    const claiming = vacancy === undefined ? change : { ...change, vacancy }
    return mapping.idOf(await write.insert(mapping, claiming, ctx))
  }

  async modify(request: ModifyRequest, ctx: Context, vacancy: Vacancy | undefined): Promise<void> {
    const { mapping, write } = await this.#target(request.view, ctx)
    const { attributes: writable } = mapping.writes
    if (writable !== 'all' && writable.size === 0) throw readOnly('entries cannot be changed here')
    const decoder = decoderFor(mapping, request.attributes, this.#parts.matchingOf, request.displays === true)
    const ready = new Ready()
    const fields = withColumns(decoder.fields, keepingColumns(mapping, request.attributes))
    const decide = (row: Row): RowChange => {
      const entry = decoder.decode(row)
      const changes = request.change(entry)
      for (const { attr } of changes) demandWritable(mapping, attr)
      if (this.#needs(mapping, changes, ready)) throw new NotReady(changes)
      const options = this.#options(mapping, ready, request.trusted, cellsOf(fields, row))
      const left = sparingUnshown(mapping, settled(changes, ready), entry, request.attributes)
      const change = modification(mapping, left, options, new Date())
      return vacancy === undefined || left.length === 0 ? change : { ...change, vacancy }
    }
    for (;;) {
      try {
        await this.#onRow(request, mapping, (key) => write.update(mapping, key, fields, decide, ctx))
        return
      } catch (error) {
        if (error instanceof NotReady) await this.#prepare(mapping, error.changes, ready, request, ctx)
        else if (error instanceof NotRead) fields.push({ kind: 'column', column: error.column })
        else throw error
      }
    }
  }

  async delete(request: DeleteRequest, ctx: Context): Promise<void> {
    const { mapping, write } = await this.#target(request.view, ctx)
    if (!mapping.writes.delete) throw readOnly('entries cannot be deleted here')
    const decoder = decoderFor(mapping, request.attributes ?? [], this.#parts.matchingOf)
    const decide = (row: Row): RowChange => {
      request.check?.(decoder.decode(row))
      return removal(mapping, new Date())
    }
    await this.#onRow(request, mapping, (key) => write.remove(mapping, key, decoder.fields, decide, ctx))
  }

  async deleteAll(requests: readonly DeleteRequest[], ctx: Context): Promise<void> {
    const views = new Set(requests.map(({ view }) => view))
    const targets = new Map<string, { mapping: Mapping; write: SourceWrite }>()
    for (const view of views) targets.set(view, await this.#target(view, ctx))
    const [first] = [...targets.values()]
    if (first === undefined) return
    const { write } = first
    if ([...targets.values()].some((target) => target.write !== write))
      throw new VitrineError('affectsMultipleDSAs', {
        message: 'these are kept in several places, and not deleted at once',
      })
    if (write.removeAll === undefined)
      throw new VitrineError('unwillingToPerform', { message: 'what is kept there is not deleted at once' })
    const doomed = new DoomedRows()
    for (const request of requests) {
      const { mapping } = targets.get(request.view) ?? first
      if (mapping.writes.deleteTree !== true) throw readOnly('entries here are deleted one by one')
      const decoder = decoderFor(mapping, request.attributes ?? [], this.#parts.matchingOf)
      doomed.add(mapping, request.id, decoder.fields, (row) => {
        request.check?.(decoder.decode(row))
        return removal(mapping, new Date())
      })
    }
    await write.removeAll(doomed.removals, (rows) => doomed.inOrder(rows), ctx)
  }

  async #target(view: string, ctx: Context): Promise<{ mapping: Mapping; write: SourceWrite }> {
    const mappings = this.#parts.mappingsOf(view)
    const { write } = mappings.source
    if (write === undefined)
      throw new VitrineError('unwillingToPerform', { message: 'this cannot be written' })
    if (ctx.rehearses === true && write.rehearses !== true)
      throw new VitrineError('unwillingToPerform', { message: 'what is kept there cannot be tried out' })
    return { mapping: await mappings.of(view), write }
  }

  async #onRow(
    { id }: { readonly id: EntryId },
    mapping: Mapping,
    work: (key: Exclude<Cell, null>) => Promise<boolean>,
  ): Promise<void> {
    const key = mapping.cellOf(id)
    if (key === undefined || !(await work(key))) throw new VitrineError('noSuchObject')
  }

  /** What type elements of a view's attributes are of that say none, where there is but one. */
  #typesOf(view: string): WriteOptions['typeOf'] {
    const bindings = [...(this.#parts.views.get(view)?.resource?.bindings.values() ?? [])]
    return (attr) => {
      const types = bindings.flatMap((binding) =>
        binding.kind === 'elements' ? binding.stores.filter((s) => s.attr === attr).map((s) => s.type) : [],
      )
      return types.length === 1 ? types[0] : undefined
    }
  }

  #needs(mapping: Mapping, changes: readonly Change[], ready: Ready): boolean {
    return changes.some(
      ({ attr, values }) =>
        (isHashed(mapping, attr) && values.slice(0, 1).some((v) => !ready.hashes.has(hashKey(attr, v)))) ||
        values.some((v) => v instanceof Ref && v.id === undefined && !ready.refs.has(refKey(v))),
    )
  }

  async #prepare(
    mapping: Mapping,
    changes: readonly Change[],
    ready: Ready,
    { prehashed }: Pick<AddRequest, 'prehashed'>,
    ctx: Context,
  ): Promise<void> {
    const open = new Map<string, Ref>()
    for (const { attr, values } of changes) {
      for (const secret of mapping.secrets.filter((s) => s.attr === attr)) {
        const { hash } = secret
        const [password] = values
        if (hash === undefined || hash === 'none' || password === undefined) continue
        const key = hashKey(attr, password)
        if (ready.hashes.has(key)) continue
        const bytes = bytesOf(password)
        const kept = prehashed === true ? keptHash(bytes, secret.prehashed) : undefined
        ready.hashes.set(key, kept ?? (await this.#parts.hasher.hash(hash, bytes, ctx.signal)))
      }
      for (const value of values) {
        if (value instanceof Ref && value.id === undefined && !ready.refs.has(refKey(value)))
          open.set(refKey(value), value)
      }
    }
    if (open.size === 0) return
    const found = await this.#parts.resolve([...open.values()], ctx)
    for (const [key, ref] of open) ready.refs.set(key, found.get(ref))
  }

  #options(
    mapping: Mapping,
    ready: Ready,
    trusted: boolean | undefined,
    cellOf: WriteOptions['cellOf'],
  ): WriteOptions {
    return {
      matchingOf: this.#parts.matchingOf,
      cellOf,
      typeOf: this.#typesOf(mapping.view),
      hashed: (attr, password) => ready.hashes.get(hashKey(attr, password)) ?? '',
      trusted: trusted === true,
      absent: (view, [key = null]) => {
        const target = this.#parts.mappingsOf(view).known(view) ?? mapping
        const id = target.idOf(key)
        return noSuchTarget(target.handleOf(id) ?? id)
      },
    }
  }
}

/** Of what the mapping does not let be written. */
const readOnly = (message: string) => new VitrineError('unwillingToPerform', { message })

function demandWritable({ writes, attributes, secrets }: Mapping, attr: string): void {
  const isKept =
    secrets.some((secret) => secret.attr === attr) ||
    attributes.get(attr)?.operations.some(({ store }) => store !== undefined) === true
  // What is made of others is not written at all.
  if (!isKept || allows(writes, attr)) return
  throw new VitrineError('notModifiable', {
    message: `${attr.slice(attr.lastIndexOf(':') + 1)} cannot be changed here`,
  })
}

const isHashed = (mapping: Mapping, attr: string) =>
  mapping.secrets.some((s) => s.attr === attr && s.hash !== undefined && s.hash !== 'none')

const bytesOf = (password: Value) =>
  password instanceof Uint8Array ? password : Buffer.from(String(password), 'utf8')

const hashKey = (attr: string, password: Value) =>
  `${attr} ${Buffer.from(bytesOf(password)).toString('base64')}`

function noSuchTarget(name: string): VitrineError {
  return new VitrineError('constraintViolation', { message: `there is no entry ${name} to refer to` })
}

/** The changes with the keys of what they refer to. */
function settled(changes: readonly Change[], { refs }: Ready): readonly Change[] {
  if (refs.size === 0) return changes
  return changes.map((change) => ({
    ...change,
    values: change.values.map((value) => {
      if (!(value instanceof Ref) || value.id !== undefined || !refs.has(refKey(value))) return value
      const found = refs.get(refKey(value))
      if (found !== undefined) return found
      throw change.op === 'delete' && change.strict === true
        ? new VitrineError('noSuchAttribute', { message: `${change.attr}: there is no such value` })
        : noSuchTarget(value.uuid ?? value.names.join('+'))
    }),
  }))
}

/** The columns that keep values of these attributes, which are not always those that they are read from. */
function keepingColumns(mapping: Mapping, attributes: ReadonlySet<string>): readonly Column[] {
  return [...attributes].flatMap((name) =>
    (mapping.attributes.get(name)?.operations ?? []).flatMap(({ store }) =>
      store?.kind === 'column' ? [store.column] : [],
    ),
  )
}

function withColumns(fields: readonly Field[], columns: readonly Column[]): Field[] {
  const all = [...fields]
  for (const column of columns) if (placeOf(all, column) < 0) all.push({ kind: 'column', column })
  return all
}

const placeOf = (fields: readonly Field[], { name }: Column) =>
  fields.findIndex((f) => f.kind === 'column' && f.column.name === name)

/** The cells of a row that was read with these fields. */
function cellsOf(fields: readonly Field[], row: Row): (column: Column) => Cell | undefined {
  return (column) => {
    const at = placeOf(fields, column)
    if (at < 0) throw new NotRead(column)
    const slot: Slot | undefined = row[at]
    return Array.isArray(slot) ? undefined : (slot as Cell | undefined)
  }
}

/** Keys and UUIDs that a database does not count up by itself are made here. */
function withKeys(mapping: Mapping, change: RowChange): RowChange {
  const cells = [...change.cells]
  const make = (column: Column | undefined) => {
    if (column === undefined || cells.some((c) => c.column.name === column.name)) return
    if (column.kind === 'uuid' || column.kind === 'text') cells.push({ column, value: randomUUID() })
    else if (column.kind === 'binary') cells.push({ column, value: randomBytes(16) })
  }
  make(mapping.key)
  make(mapping.upkeep.uuid)
  return { ...change, cells }
}
