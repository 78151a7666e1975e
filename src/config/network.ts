/** Addresses and networks as people write them: `10.0.0.0/8`, `2001:db8::/32`, `127.0.0.1`. */
import { isIP } from 'node:net'
import { z } from 'zod'
import { complain } from './scalar.js'

function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const bits = { 4: 32, 6: 128 }[isIP(address)]
  return bits !== undefined && (prefix === undefined || Number(prefix) <= bits)
}

export const network = z.string().refine(
  isNetwork,
  complain({
    message: 'is neither an address nor a network',
    quote: true,
    remedy: 'Write e.g. 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32.',
  }),
)
