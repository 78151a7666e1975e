/** The public API of the library. */
export { ConfigError, type ConfigProblem } from './config/config-error.js'
export type { GatewayConfig } from './config/gateway-config.js'
export type { Overrides } from './config/load.js'
export type { GatewayInput } from './config/schema.js'
export type { Comparison, Directory, Layer } from './directory/directory.js'
export type { Address } from './frontends/frontend.js'

import { embeddable } from './frontends/scim/mount.js'
import { type Gateway, scimOptionsOf } from './gateway/gateway.js'

export { type Addresses, createGateway, type Gateway, type GatewayOptions } from './gateway/gateway.js'
export type { Entry } from './model/entry.js'
export { type ErrorCode, VitrineError } from './model/errors.js'
export type { Filter } from './model/filter.js'
export type { Log } from './model/log.js'
export type { Context, EntryName, Identity, Principal, SearchRequest } from './model/request.js'
export { Ref, type Scalar, type Value } from './model/value.js'
export type { View, ViewAttribute } from './model/view.js'

/** The SCIM face as a Fastify plugin: `app.register(scim, { gateway, prefix: '/scim/v2' })`. */
export const scim = embeddable<Gateway>(scimOptionsOf)
