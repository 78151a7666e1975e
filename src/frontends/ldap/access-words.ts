/** What access rules say in names and filters of this tree: who is meant, which groups, which certificates. */
import type { Group } from '../../directory/layers/access/rule.js'
import type { Complaint, Words } from '../../directory/layers/access/rules.js'
import type { Filter } from '../../model/filter.js'
import type { Principal } from '../../model/request.js'
import { Ref } from '../../model/value.js'
import type { View } from '../../model/view.js'
import { parseName } from './names.js'
import type { Namespace } from './namespace.js'
import { principalNamed } from './principals.js'
import { RowFilters } from './row-filter.js'

/** Attributes by which groups name their members. */
const MEMBERS = ['member', 'uniqueMember'] as const
/** Names its members by what is their `uid` (RFC 2307). */
const MEMBER_UID = 'memberUid'

export function accessWords(namespace: Namespace, views: ReadonlyMap<string, View>): Words {
  const rowFilters = new RowFilters(namespace, views)
  return {
    named: (dn) => principalNamed(dn, namespace),
    group: (dn, nested) => groupNamed(dn, nested, namespace, views),
    certificate: (pattern) => certified(pattern, namespace),
    filter: (text, view) => rowFilters.compile(text, view),
  }
}

function groupNamed(
  dn: string,
  nested: boolean,
  namespace: Namespace,
  views: ReadonlyMap<string, View>,
): Group | Complaint {
  const location = namespace.locate(parseName(dn, namespace.schema))
  if (location.kind !== 'entry') {
    return { message: `no entry of a view can have the name ${dn}`, remedy: 'Name a group that a view shows' }
  }
  const { view, names } = location
  const attributes = [...MEMBERS, MEMBER_UID].filter((name) => view.attributes.has(name))
  if (attributes.length === 0) {
    const message = `the entries of view ${view.name} have no members`
    return {
      message,
      remedy: `Map one of ${[...MEMBERS, MEMBER_UID].join(', ')} there, or name another group`,
    }
  }
  const chain = nested ? { rule: 'inChain' } : {}
  const membership = (principal: Principal): Filter | undefined => {
    const of = attributes.flatMap((attr): Filter[] => {
      const described = view.attributes.get(attr)
      const refers = described?.refers ?? []
      if (principal.kind === 'entry') {
        if (attr === MEMBER_UID) {
          const [naming, ...more] = views.get(principal.view)?.rdn ?? []
          const [value = ''] = principal.names
          return naming === 'uid' && more.length === 0 ? [{ op: 'eq', attr, value }] : []
        }
        // By key, which renaming leaves as it is.
        const value = new Ref(principal.view, [], principal.id)
        return refers.includes(principal.view) || (nested && refers.length > 0)
          ? [{ op: 'eq', attr, value, ...chain }]
          : []
      }
      const own = principal.kind === 'service' ? principal.name : undefined
      const holdsNames = attr !== MEMBER_UID && (refers.length === 0 || described?.mixed === true)
      return own !== undefined && holdsNames ? [{ op: 'eq', attr, value: own }] : []
    })
    const [only] = of
    return only === undefined ? undefined : of.length === 1 ? only : { op: 'or', of }
  }
  return { view: view.name, names, membership }
}

/** Whom the certificate names; `*` stands for any text within a value. */
function certified(pattern: string, namespace: Namespace): (principal: Principal) => boolean {
  const wanted = parseName(pattern, namespace.schema).forms.map(
    (form) =>
      new RegExp(
        `^${form
          .split('*')
          .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
          .join('[^\\0]*')}$`,
        's',
      ),
  )
  return (principal) => {
    if (principal.kind !== 'certificate') return false
    const { forms } = parseName(principal.subject, namespace.schema)
    return forms.length === wanted.length && forms.every((form, i) => wanted[i]?.test(form) === true)
  }
}
