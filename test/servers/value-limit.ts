/**
 * Stands before Samba's domain controller and asks it for members in ranges, whatever it was asked for: so that a large
 * group is answered as by one of Windows (MS-ADTS 3.1.1.3.1.3.3), which Samba does only where it is told to.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { decodeMessage, encodeMessage, Framer } from '../../src/ldap/index.js'
import type { Domain } from './samba.js'
import { HOST } from './server.js'

export interface ValueLimit {
  /** `ldap://`, not encrypted, for binds too. */
  readonly url: string
  close(): Promise<void>
}

/** @param most values of `member` in one answer */
export async function limitValues({ secureUrl, ca }: Domain, most = 1500): Promise<ValueLimit> {
  const { hostname: host, port } = new URL(secureUrl)
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(port), ca })
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
    upstream.pipe(client)
    const framer = new Framer()
    client.on('data', (octets) => {
      framer.push(octets)
      while (framer.next())
        upstream.write(inRanges(Buffer.from(framer.buffer.subarray(framer.start, framer.end)), most))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  return {
    url: `ldap://${HOST}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

function inRanges(pdu: Buffer, most: number): Buffer {
  const message = decodeMessage(pdu)
  if (message.op !== 'searchRequest') return pdu
  const asked = message.attributes
  const range = (from: number) => `member;range=${from}-${from + most - 1}`
  const attributes = asked.map((name) => {
    if (name.toLowerCase() === 'member') return range(0)
    const [, from] = /^member;range=(\d+)-\*$/i.exec(name) ?? []
    return from === undefined ? name : range(Number(from))
  })
  const all = asked.length === 0 || asked.includes('*')
  if (all) attributes.push(range(0), ...(asked.length === 0 ? ['*'] : []))
  return encodeMessage({ ...message, attributes })
}
