/**
 * WordPress since 6.8: `$wp` before a bcrypt hash of the base64 HMAC-SHA384 of the password, so that all of a
 * long password counts. Older WordPress hashes are phpass.
 */
import { createHmac } from 'node:crypto'
import { readBcrypt } from './bcrypt.js'
import { prehashed, type Scheme } from './scheme.js'

export const wordpressSchemes: readonly Scheme[] = [
  {
    tag: '$wp$',
    read: (rest) =>
      prehashed(readBcrypt(`$${rest}`), (password) =>
        Buffer.from(createHmac('sha384', 'wp-sha384').update(password).digest('base64')),
      ),
  },
]
