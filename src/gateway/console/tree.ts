/** The tree of views as the console shows it: where LDAP and SCIM find their entries, and where these come from. */
import type { GatewayConfig } from '../../config/gateway-config.js'
import type { Container, Namespace } from '../../frontends/ldap/namespace.js'
import type { View } from '../../model/view.js'
import type { Tree, TreeNode, ViewInfo } from '../../ops/console/terms.js'

export function treeOf(config: GatewayConfig, views: ReadonlyMap<string, View>, namespace: Namespace): Tree {
  const { http, https } = config.listen
  const isServed = http !== undefined || https !== undefined
  return {
    suffixes: namespace.suffixes.map(nodeOf),
    views: [...views.values()].map((view) => viewInfo(view, config, namespace)),
    ...(isServed && { scim: config.scim.prefix }),
  }
}

function nodeOf({ dn, containers, views }: Container): TreeNode {
  return { dn, containers: containers.map(nodeOf), views: views.map(({ name }) => name) }
}

function viewInfo(view: View, config: GatewayConfig, namespace: Namespace): ViewInfo {
  const { name, bindable, inTree, objectClasses, resource } = view
  const union = config.unions.find((one) => one.union.view === name)
  const members = union?.union.union.members
  const mapped = config.views.filter(({ mapping }) => (members ?? [name]).includes(mapping.view))
  const kept = (union ?? mapped[0])?.cache?.ttl
  const sources = mapped.flatMap(({ mapping: { source, join = {} } }) => [
    source,
    ...Object.values(join).map((joined) => joined.source),
  ])
  return {
    name,
    sources: [...new Set(sources)],
    ...(members && { members }),
    copied: union?.refreshMethod === 'copy' || mapped.some(({ refreshMethod }) => refreshMethod === 'copy'),
    ...(kept !== undefined && { kept }),
    bindable,
    ...(inTree && { dn: dnOf(view, namespace) }),
    objectClasses,
    ...(resource && {
      resource: {
        type: resource.type,
        endpoint: resource.endpoint,
        operations: [...resource.operations],
      },
    }),
    attributes: [...view.attributes.values()].map(
      ({ name: attribute, multiValued, writable, verifyOnly, refers }) => ({
        name: attribute,
        multiValued,
        writable,
        secret: verifyOnly,
        refers,
      }),
    ),
  }
}

/** With … in place of what each entry has its own of. */
function dnOf({ name, rdn, levels = [] }: View, namespace: Namespace): string {
  const own = rdn.map((attr) => `${attr}=…`).join('+')
  const above = levels.map(({ type }) => `${type}=…`).reverse()
  return [own, ...above, namespace.parentOf(name).dn].join(',')
}
