/** Networks of clients' addresses. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * The network that a client's address stands for, for whoever holds one address of an IPv6 /64 holds all of them: an IPv4 address as it is, also where IPv6 carries it (RFC 4291 2.5.5.2); of an IPv6 address its /64.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
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

/** Is an address in one of these networks (CIDR, or single addresses)? */
export function networks(list: readonly string[]): (address: string) => boolean {
  const blocks = new BlockList()
  for (const text of list) {
    const [address = '', length] = text.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (length === undefined) blocks.addAddress(address, family)
    else blocks.addSubnet(address, Number(length), family)
  }
  return (address) => {
    const plain = MAPPED.exec(address)?.[1] ?? address.replace(/%.*$/, '')
    if (isIPv4(plain)) return blocks.check(plain, 'ipv4')
    return isIPv6(plain) && blocks.check(plain, 'ipv6')
  }
}
