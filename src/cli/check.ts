/** `vitrine check`: configuration, mappings and sources held against each other; exit code 1 where something is wrong. */
import { ConfigError } from '../config/config-error.js'
import type { GatewayConfig, ViewConfig } from '../config/gateway-config.js'
import { scimFindings } from '../config/scim-findings.js'
import { readTls, validityWarning } from '../config/tls-material.js'
import type { CopiedView } from '../copy/views/tables.js'
import { filterText } from '../directory/explain.js'
import { assemble } from '../gateway/assembly.js'
import { compileAll } from '../gateway/compiling.js'
import type { GatewayParts } from '../gateway/parts.js'
import { readConfig } from '../gateway/reading.js'
import { notAllowed } from '../mapping/custom-classes.js'
import type { Filter } from '../model/filter.js'
import { ANONYMOUS } from '../model/request.js'
import { Ref, type Scalar } from '../model/value.js'
import type { View, ViewAttribute } from '../model/view.js'
import type { Finding, Source } from '../sources/source.js'
import { accessFindings } from './access-findings.js'
import { cacheFindings } from './cache-findings.js'
import { reachRemedy } from './reach-remedy.js'

/** What applications look people and groups up by. */
const SOUGHT: ReadonlySet<string> = new Set([
  'uid',
  'mail',
  'cn',
  'member',
  'memberOf',
  'uniqueMember',
  'memberUid',
  'manager',
  'owner',
  'entryUUID',
  'uidNumber',
  'gidNumber',
  'employeeNumber',
  'sAMAccountName',
  'userPrincipalName',
])

export async function check(
  options: { readonly config: string },
  out: { write(text: string): unknown } = process.stdout,
): Promise<number> {
  const parts = await assemble(await readConfig(options.config, { overrides: { log: { level: 'silent' } } }))
  try {
    const findings: Finding[] = [
      ...scimFindings(parts.config, Date.now()),
      ...(await certificateFindings(parts.config)),
      ...secretFindings(parts.config),
    ]
    const away = new Set<string>()
    for (const [name, source] of parts.sources) {
      const { ok, detail } = await source.health()
      if (ok) {
        findings.push(...(await rightsFindings(name, source, parts)))
        continue
      }
      away.add(name)
      findings.push({
        severity: 'error',
        message: `source ${name} cannot be asked: ${detail ?? 'no reason given'}`,
        remedy: `${reachRemedy(detail) ?? 'See that it runs and is where it is looked for'}: sources.${name}.url; its views were not held against it`,
      })
    }
    const store = await parts.copies?.store.health()
    if (store?.ok === false)
      findings.push({
        severity: 'error',
        message: `the store of copies cannot be asked: ${store.detail ?? 'no reason given'}`,
        remedy: 'See that copy.store leads to a database that the gateway may write to',
      })
    const broken = await problemsOf(parts)
    if (broken === undefined) {
      for (const view of parts.core.views.values()) {
        const asked = sourcesOf(view, parts)
        if (!asked.some((source) => away.has(source))) findings.push(...(await checkView(view, parts)))
      }
      const members = ({ name }: View) =>
        parts.unions.find(({ view }) => view.name === name)?.members ?? [name]
      const isAway = (name: string) => {
        const view = parts.core.views.get(name)
        return view !== undefined && sourcesOf(view, parts).some((source) => away.has(source))
      }
      findings.push(...(await accessFindings(parts, (view) => members(view).some(isAway))))
      findings.push(...(await cacheFindings(parts, isAway)))
    }
    const unique = [...new Map(findings.map((f) => [f.message, f])).values()]
    for (const { severity, message, remedy } of unique) {
      out.write(`${severity}: ${message}\n${remedy === undefined ? '' : `    ${remedy}\n`}`)
    }
    if (broken !== undefined) throw broken
    const errors = unique.filter((f) => f.severity === 'error').length
    const views = parts.core.views.size + parts.unions.length
    out.write(
      `${views} ${views === 1 ? 'view' : 'views'}: ${errors} errors, ${unique.length - errors} warnings\n`,
    )
    return errors > 0 ? 1 : 0
  } finally {
    await parts.close()
  }
}

/** What clients will soon complain of. */
async function certificateFindings({ tls }: GatewayConfig): Promise<readonly Finding[]> {
  const message = tls && validityWarning(await readTls(tls), Date.now())
  return message === undefined ? [] : [{ severity: 'warning', message, remedy: 'Renew it' }]
}

function secretFindings({ literalSecrets }: GatewayConfig): readonly Finding[] {
  return literalSecrets.map(({ file, line, column, path }) => ({
    severity: 'warning',
    message: `${file}:${line}:${column}  ${path}: a secret stands in the file itself`,
    remedy: `Write \${file:PATH} or \${VARIABLE} in its place, or a hash where one will do`,
  }))
}

/** Of rights named at most. */
const NAMED = 3

/** What the account of a source could do that nobody asks of it: whoever steals its password could do it, too. */
async function rightsFindings(
  name: string,
  source: Source,
  { config }: GatewayParts,
): Promise<readonly Finding[]> {
  const using = config.views.map(({ mapping }) => mapping).filter((spec) => namesOf(spec).includes(name))
  if (using.some(({ writable }) => writable !== undefined && writable !== false)) return []
  const found = (await source.rights?.()) ?? []
  if (found.length === 0) return []
  const more = found.length > NAMED ? `; and ${found.length - NAMED} more` : ''
  return [
    {
      severity: 'warning',
      message: `source ${name}: its account may do more than read: ${found.slice(0, NAMED).join('; ')}${more}`,
      remedy: 'No view writes to it: give it an account with SELECT on the tables of the mappings alone',
    },
  ]
}

/** The source of a view, and all that are joined to views of that one: they are compiled together. */
function sourcesOf({ name }: View, { config }: GatewayParts): readonly string[] {
  const specs = config.views.map((v) => v.mapping)
  const own = specs.find((spec) => spec.view === name)?.source
  const together = specs.filter((spec) => spec.source === own)
  return together.flatMap(namesOf)
}

/** The sources that a mapping reads. */
function namesOf({ source, join }: ViewConfig['mapping']): readonly string[] {
  return [source, ...Object.values(join ?? {}).map((joined) => joined.source)]
}

/** What is wrong with the configuration, as far as the sources that can be asked tell. */
async function problemsOf(parts: GatewayParts): Promise<ConfigError | undefined> {
  try {
    await compileAll(parts)
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

/** Asks what the most usual searches would, and hears what would make each slow. */
async function checkView(view: View, parts: GatewayParts): Promise<readonly Finding[]> {
  const { core, mappings, copies } = parts
  const source = mappings.get(view.name)?.source
  const findings: Finding[] = [...missingAttributes(view, parts), ...excessAttributes(view, parts)]
  // Nobody searches the source of a copy, and the store has the indexes that it needs.
  const copied = copies?.views.get(view.name)
  if (copied !== undefined) return [...findings, ...untoldChanges(copied)]
  // A union looks for the same entries by these.
  const same = new Set(parts.unions.find(({ members }) => members.includes(view.name))?.by)
  for (const attribute of view.attributes.values()) {
    if (attribute.verifyOnly) continue
    for (const filter of samples(attribute, parts)) {
      const request = { view: view.name, filter, attributes: new Set([attribute.name]) }
      const { plan, query } = await core.prepare(request, {
        principal: ANONYMOUS,
        signal: AbortSignal.timeout(60_000),
      })
      if (plan.residual !== undefined && query.filter.op === 'const') {
        findings.push({
          severity: 'warning',
          message: `view ${view.name}: ${filterText(filter)} cannot be asked of the source; every entry is read to decide it`,
          remedy: 'Map the attribute to a column of its own type if applications search by it',
        })
      } else if (source !== undefined && (isSought(attribute.name, view) || same.has(attribute.name))) {
        findings.push(...(await source.advise(query)))
      }
    }
  }
  return findings
}

/** A time of change that says nothing of some of what is copied. */
function untoldChanges({ name, untold = [] }: CopiedView): readonly Finding[] {
  if (untold.length === 0) return []
  const places = untold.map(({ attr, where }) => `${attr} (${where})`).join(', ')
  return [
    {
      severity: 'warning',
      message: `view ${name} is read whole each time in spite of changedBy, which tells nothing of changes of ${places}`,
      remedy:
        'Where such a change changes that time too, as by a trigger, name the attributes under changedWith; or leave them out by sourceAttributes',
    },
  ]
}

function isSought(name: string, { rdn }: View): boolean {
  return SOUGHT.has(name) || rdn.includes(name) || /:(?:userName|externalId)$/.test(name)
}

/** Attributes that the view's object classes require (RFC 4512 2.4) and its mapping lacks. */
function missingAttributes(view: View, { schema }: GatewayParts): readonly Finding[] {
  const required = schema
    .withSuperclasses(view.objectClasses)
    .flatMap((name) => schema.objectClass(name)?.must ?? [])
  const missing = [...new Set(required)].filter((attr) => !view.attributes.has(attr))
  return missing.map((attr) => ({
    severity: 'warning',
    message: `view ${view.name}: its object classes require ${attr}, which is not mapped`,
    remedy: `Map ${attr}; clients that check the schema expect it`,
  }))
}

/** Attributes that entries of the view's object classes may not have (RFC 4512 2.4). */
function excessAttributes(view: View, { schema }: GatewayParts): readonly Finding[] {
  if (!view.inTree) return []
  const shown = [...view.attributes.values()].filter(({ face }) => face === undefined)
  const names = shown.map(({ name }) => name)
  return notAllowed(names, view.objectClasses, schema).map((attr) => ({
    severity: 'warning',
    message: `view ${view.name}: none of its object classes allows ${attr}`,
    remedy: 'Add a class that does, one of your own, whose name you choose, or extensibleObject',
  }))
}

/** A plain equality for every attribute that has one. */
function samples(attribute: ViewAttribute, { schema, core }: GatewayParts): readonly Filter[] {
  const attr = attribute.name
  const values: Scalar[] = attribute.refers.flatMap((view) => {
    const target = core.views.get(view)
    return target === undefined
      ? []
      : [
          new Ref(
            view,
            target.rdn.map(() => 'sample'),
          ),
        ]
  })
  if (attribute.refers.length === 0) {
    const text = {
      text: 'sample',
      integer: '1',
      decimal: '1.5',
      boolean: 'TRUE',
      time: '20250101000000Z',
      binary: undefined,
    }[attribute.kind]
    const bytes = attr === 'entryUUID' ? '00000000-0000-8000-8000-000000000000' : text
    const value = bytes === undefined ? undefined : schema.parse(attr, Buffer.from(bytes), 'equality')
    if (value !== undefined) values.push(value)
  }
  return values.map((value) => ({ op: 'eq', attr, value }))
}
