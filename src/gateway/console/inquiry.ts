/** Searches of the console: made as anybody's, on behalf of one identity, with what sources were asked for it. */
import { isUtf8 } from 'node:buffer'
import type { GatewayConfig } from '../../config/gateway-config.js'
import type { Directory } from '../../directory/directory.js'
import { FilterTranslator } from '../../frontends/ldap/filter.js'
import type { Namespace } from '../../frontends/ldap/namespace.js'
import { Renderer } from '../../frontends/ldap/render.js'
import { Selection } from '../../frontends/ldap/selection.js'
import type { Subjects } from '../../frontends/scim/auth/subjects.js'
import { FilterSyntaxError, parseFilter as parseLdapFilter } from '../../ldap/index.js'
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import { TRUE } from '../../model/filter.js'
import type { Log } from '../../model/log.js'
import { Tally } from '../../model/observe.js'
import type { Context, Principal, SearchRequest } from '../../model/request.js'
import type { View } from '../../model/view.js'
import type { Asking } from '../../ops/console/console.js'
import type {
  Failure,
  FoundAttribute,
  FoundEntry,
  Question,
  SearchAnswer,
  SearchQuestion,
  ViewAnswer,
} from '../../ops/console/terms.js'
import { parseFilter as parseScimFilter } from '../../scim/filter.js'
import type { Json, JsonObject } from '../../scim/json.js'
import { Representations } from '../../scim/representation/representation.js'
import { bindingsText, type ExplainParts, explainSearch } from '../explain.js'

export interface InquiryParts extends ExplainParts {
  readonly config: GatewayConfig
  /** With access rules. */
  readonly directory: Directory
  readonly namespace: Namespace
  readonly subjects: Subjects
  readonly log: Log
  /** The DN of whoever it asks for. */
  readonly as: string
}

/** Milliseconds that a search may take, whatever the configuration allows. */
const PATIENCE = 30_000
/** Questions to sources that are explained. */
const EXPLAINED = 8
/** Values of an attribute that are shown. */
const VALUES = 200

/** What is asked of one view, and how it is shown. */
interface Asked {
  readonly request: SearchRequest
  /** Undefined for what has no name in this protocol. */
  show(entry: Entry): FoundEntry | undefined
}

/** How a view is asked. */
type Ask = (view: View) => Asked | Promise<Asked>

export class Inquiry {
  readonly #parts: InquiryParts
  readonly #representations: Representations
  readonly #renderer: Renderer

  constructor(parts: InquiryParts) {
    this.#parts = parts
    this.#representations = new Representations(parts.directory)
    this.#renderer = new Renderer(parts.namespace, parts.directory.views)
  }

  /** Never rejects for what is wrong with a filter or a source: that is an answer. */
  async search(question: SearchQuestion, from: Asking): Promise<SearchAnswer> {
    const { address, secure } = from
    const { time } = this.#parts.config.limits
    const late = new AbortController()
    const timer = setTimeout(
      () => late.abort(new VitrineError('timeLimitExceeded')),
      time === 0 ? PATIENCE : Math.min(time, PATIENCE),
    )
    const signal = AbortSignal.any([late.signal, from.signal])
    try {
      const views = this.#viewsFor(question)
      const ask = this.#asking(question)
      const principal = await this.#principal(address, signal)
      const answers: ViewAnswer[] = []
      for (const view of views) {
        answers.push(await this.#answer(view, ask, question.limit, { principal, address, secure, signal }))
      }
      return { views: answers }
    } catch (error) {
      return { error: this.#failureOf(error), views: [] }
    } finally {
      clearTimeout(timer)
    }
  }

  #viewsFor({ protocol, view: name }: SearchQuestion): readonly View[] {
    const shown = [...this.#parts.directory.views.values()].filter((view) =>
      protocol === 'ldap' ? view.inTree : view.resource !== undefined,
    )
    if (name === undefined) return shown
    const found = shown.filter((view) => view.name === name)
    if (found.length > 0) return found
    throw new VitrineError('noSuchObject', { message: `${protocol} shows no view ${name}` })
  }

  async #principal(address: string, signal: AbortSignal): Promise<Principal> {
    const { subjects, as } = this.#parts
    const principal = await subjects.principalOf({ dn: as }, { address, signal })
    if (principal !== undefined) return principal
    throw new VitrineError('insufficientAccessRights', {
      message: `${as}, for whom the console asks, does not exist or is disabled`,
    })
  }

  #asking({ protocol, filter, view, limit }: SearchQuestion): Ask {
    // One more than is shown tells whether there is more.
    const most = limit + 1
    return protocol === 'ldap' ? this.#askLdap(filter, most) : this.#askScim(filter, most, view === undefined)
  }

  #askLdap(text: string, limit: number): Ask {
    const filter = parseLdapFilter(withParentheses(text))
    const { namespace, directory } = this.#parts
    const translator = new FilterTranslator(namespace)
    const selection = new Selection(['*'], directory.schema)
    return (view) => ({
      request: {
        view: view.name,
        filter: translator.translate(filter, view),
        attributes: selection.attributesOf(view),
        limit,
      },
      show: (entry) => {
        const dn = namespace.dnOf(entry, view)
        if (dn === undefined) return undefined
        return { dn, attributes: this.#renderer.attributes(entry, dn, selection, false).map(attributeOf) }
      },
    })
  }

  #askScim(text: string, limit: number, isOfAll: boolean): Ask {
    const filter = text.trim() === '' ? undefined : parseScimFilter(text)
    const { prefix } = this.#parts.config.scim
    return async (view) => {
      const representation = await this.#representations.of(view)
      const question =
        filter === undefined
          ? { filter: TRUE }
          : representation.question(filter, isOfAll ? 'false' : 'refuse')
      const selection = representation.select({})
      const { attributes, displays } = selection
      return {
        request: { view: view.name, ...question, attributes, displays, limit },
        show: (entry) => {
          const [id, resource] = [representation.idOf(entry), selection.resource(entry, prefix)]
          return id === undefined || resource === undefined ? undefined : { id, ...shortened(resource) }
        },
      }
    }
  }

  async #answer(
    view: View,
    ask: Ask,
    limit: number,
    who: Pick<Context, 'principal' | 'signal' | 'address' | 'secure'>,
  ): Promise<ViewAnswer> {
    const tally = new Tally()
    const asked: SearchRequest[] = []
    const missing = new Set<string>()
    const entries: FoundEntry[] = []
    let more = false
    let error: Failure | undefined
    const begun = performance.now()
    try {
      const { request, show } = await ask(view)
      for await (const batch of this.#parts.directory.search(request, { ...who, tally, asked, missing })) {
        for (const entry of batch) {
          if (entries.length === limit) more = true
          else entries.push(...[show(entry)].filter((one) => one !== undefined))
        }
      }
    } catch (thrown) {
      error = this.#failureOf(thrown)
    }
    const milliseconds = performance.now() - begun
    const questions = await this.#explained(asked.slice(0, EXPLAINED), who)
    return {
      view: view.name,
      ...(error && { error }),
      missing: [...missing].sort(),
      entries,
      more,
      milliseconds,
      sourceMilliseconds: tally.source,
      rows: tally.rows,
      left: tally.left,
      questions,
      moreQuestions: Math.max(0, asked.length - EXPLAINED),
    }
  }

  #failureOf(thrown: unknown): Failure {
    if (thrown instanceof FilterSyntaxError) return { code: 'filterError', message: thrown.message }
    const { code, safeMessage: message } = VitrineError.from(thrown)
    if (code === 'internalError') this.#parts.log.error({ err: thrown }, 'a search of the console failed')
    return { code, message }
  }

  /** What cannot be explained, for its source is away, is left out. */
  async #explained(requests: readonly SearchRequest[], ctx: Context): Promise<readonly Question[]> {
    const explained = await Promise.all(
      requests.map((request) => explainSearch(this.#parts, request, ctx).catch(() => undefined)),
    )
    return explained.flatMap((one) =>
      one === undefined
        ? []
        : {
            ...one,
            statements: one.statements.map(({ text, bindings }) => ({
              text,
              values: bindingsText(bindings),
            })),
          },
    )
  }
}

/** As command-line clients take it: `uid=x` is `(uid=x)`, nothing is everything. */
function withParentheses(text: string): string {
  const filter = text.trim()
  if (filter === '') return '(objectClass=*)'
  return filter.startsWith('(') ? filter : `(${filter})`
}

function attributeOf({ type, values }: ReturnType<Renderer['attributes']>[number]): FoundAttribute {
  return {
    name: typeof type === 'string' ? type : Buffer.from(type).toString('utf8'),
    further: Math.max(0, values.length - VALUES),
    values: values.slice(0, VALUES).map((value) => {
      if (typeof value === 'string') return value
      return isUtf8(value) ? Buffer.from(value).toString('utf8') : { octets: value.length }
    }),
  }
}

function shortened(resource: JsonObject): { resource: JsonObject; shortened: readonly string[] } {
  const long = Object.entries(resource).flatMap(([name, value]): [string, Json][] =>
    Array.isArray(value) && value.length > VALUES ? [[name, value.slice(0, VALUES)]] : [],
  )
  return { resource: { ...resource, ...Object.fromEntries(long) }, shortened: long.map(([name]) => name) }
}
