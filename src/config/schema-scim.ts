/**
 * The grammar of `scim`: where and how SCIM is served. Who may use it stands in `schema-scim-auth.ts`; what must agree
 * with the rest of the configuration, in `cross-check-scim.ts`.
 */
import { z } from 'zod'
import type { Frozen } from './freeze.js'
import { complain, flag, wholeNumber } from './scalar.js'
import {
  introspectionSchema,
  jwtSchema,
  scopeNamesSchema,
  tokenEndpointSchema,
  tokensSchema,
  urlPath,
} from './schema-scim-auth.js'
import { size } from './size.js'

const baseUrl = z
  .string()
  .refine(
    (text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined
      return (
        url !== undefined &&
        /^https?:$/.test(url.protocol) &&
        url.search + url.hash + url.username + url.password === ''
      )
    },
    complain({
      message: 'is no URL that resources could be found below',
      remedy: 'Write https://host/path, without a query, a fragment or a password.',
    }),
  )
  .transform((text) => text.replace(/\/+$/, ''))

export const scimSchema = z
  .strictObject({
    prefix: urlPath.prefault('/scim/v2').describe('The path below which SCIM is served'),
    baseUrl: baseUrl
      .optional()
      .describe(
        'What clients put before /Users, e.g. https://id.example.com/scim/v2; as each request was addressed unless given',
      ),
    profile: z
      .enum(['rfc', 'entra', 'okta'])
      .prefault('rfc')
      .describe('Whose habits are followed where they differ from the standard: rfc, entra or okta'),
    maxCount: wholeNumber(1, 100_000).prefault(200).describe('Resources per page at most'),
    defaultCount: wholeNumber(1, 100_000)
      .prefault(100)
      .describe('Resources per page where the client does not say; never more than maxCount'),
    bulk: z
      .strictObject({
        maxOperations: wholeNumber(1, 100_000).prefault(1000).describe('Operations per bulk request at most'),
        maxPayloadSize: size().prefault('1MiB').describe('Size of a bulk request at most'),
      })
      .prefault({})
      .describe('Bounds on bulk requests'),
    bodyLimit: size().prefault('1MiB').describe('Size of any other request at most'),
    anonymousDiscovery: flag()
      .prefault(false)
      .describe('May the schemas and the like be read without a token? Resources never may'),
    tokens: tokensSchema.prefault([]),
    jwt: jwtSchema.prefault([]),
    introspection: introspectionSchema.optional(),
    tokenEndpoint: tokenEndpointSchema.optional(),
    scopes: scopeNamesSchema.prefault({}),
  })
  .transform((scim) => ({ ...scim, defaultCount: Math.min(scim.defaultCount, scim.maxCount) }))
  .describe('How SCIM is served on listen.http, and who may use it')

/** Times in milliseconds, sizes in bytes. */
export type ScimConfig = Frozen<z.output<typeof scimSchema>>
