/** What an operator should know of connections that somebody in between may read or change. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { Finding } from '../source.js'
import type { LdapSourceOptions } from './options.js'

const ownMachine = new BlockList()
ownMachine.addSubnet('127.0.0.0', 8)
ownMachine.addAddress('::1', 'ipv6')

export function risksOf({ servers, tls }: Pick<LdapSourceOptions, 'servers' | 'tls'>): readonly Finding[] {
  const findings: Finding[] = []
  for (const { host, port, security } of servers) {
    if (security === 'none' && !isOwn(host))
      findings.push({
        severity: 'warning',
        message: `what is said to ${host}:${port}, passwords included, can be read and changed on the way`,
        remedy: 'Write ldaps:// in its URL, or startTls: true',
      })
    if (security !== 'none' && !tls.verify)
      findings.push({
        severity: 'warning',
        message: `whoever answers in place of ${host}:${port} is taken for it, and told passwords`,
        remedy: "Remove verify: false, and give the file of whoever signs the server's certificate under ca",
      })
  }
  return findings
}

function isOwn(host: string): boolean {
  if (isIPv4(host)) return ownMachine.check(host, 'ipv4')
  return isIPv6(host) ? ownMachine.check(host, 'ipv6') : host === 'localhost'
}
