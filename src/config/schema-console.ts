/** The grammar of `console`: whether operators have a page, and as whom it looks at entries. */
import { z } from 'zod'
import { dn } from './schema-access.js'
import { tokenForm } from './token-hash.js'

export const consoleSchema = z
  .strictObject({
    token: tokenForm.describe(
      'What opens it: {SHA256} and the SHA-256 of a token, or {CLEARTEXT} and the token',
    ),
    as: dn.describe('Searches act as this service account or entry, to which the access rules are applied'),
  })
  .describe('A page for operators on listen.ops, below /console/')
