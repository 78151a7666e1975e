/** The network that a client's address stands for: whoever holds one address of an IPv6 /64 holds all of them. */
import { isIPv6 } from 'node:net'

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** An IPv4 address as it is, also where IPv6 carries it (RFC 4291 2.5.5.2); of an IPv6 address its /64. */
export function networkOf(address: string): string {
  const mapped = MAPPED.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [left = '', right] = address.split('::')
  const groups = groupsOf(left)
  const behind = groupsOf(right ?? '')
  while (groups.length + behind.length < 8) groups.push('0')
  const prefix = [...groups, ...behind].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${prefix.join(':')}::/64`
}

const groupsOf = (text: string): string[] => (text === '' ? [] : text.split(':'))
