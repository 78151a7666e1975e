/**
 * The header with which a proxy says for whom it connects: the PROXY protocol, versions 1 and 2. Reads it from a socket
 * and leaves everything behind it there; who may send one is left to the caller.
 */
import { isIPv4, isIPv6, type Socket } from 'node:net'

export interface ProxiedClient {
  readonly address: string
  readonly port: number
}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
/** Of version 1, line break included. */
const LONGEST_LINE = 107
const FIXED_PART = 16

/**
 * What the octets begin with: a header of `length` octets, with the client unless the proxy speaks for itself or does
 * not know; undefined where more octets are needed.
 * @throws Error where it is no header
 */
export function parseProxyHeader(
  octets: Buffer,
): { readonly length: number; readonly client: ProxiedClient | undefined } | undefined {
  return octets[0] === SIGNATURE[0] ? parseBinary(octets) : parseLine(octets)
}

function parseLine(octets: Buffer): ReturnType<typeof parseProxyHeader> {
  const start = Math.min(octets.length, 6)
  if (octets.toString('latin1', 0, start) !== 'PROXY '.slice(0, start))
    throw malformed('it does not begin with PROXY')
  const end = octets.subarray(0, LONGEST_LINE).indexOf('\r\n')
  if (end < 0) {
    if (octets.length >= LONGEST_LINE) throw malformed('its line does not end')
    return undefined
  }
  const [, family, address = '', target = '', port, targetPort, ...more] = octets
    .toString('latin1', 0, end)
    .split(' ')
  const length = end + 2
  if (family === 'UNKNOWN') return { length, client: undefined }
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : undefined
  if (
    isAddress === undefined ||
    more.length > 0 ||
    !isAddress(address) ||
    !isAddress(target) ||
    !isPort(port) ||
    !isPort(targetPort)
  )
    throw malformed('its line is not understood')
  return { length, client: { address, port: Number(port) } }
}

function isPort(text: string | undefined): boolean {
  return text !== undefined && /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 0xffff
}

function parseBinary(octets: Buffer): ReturnType<typeof parseProxyHeader> {
  const start = Math.min(octets.length, SIGNATURE.length)
  if (octets.compare(SIGNATURE, 0, start, 0, start) !== 0) throw malformed('its signature is wrong')
  if (octets.length < FIXED_PART) return undefined
  const [version, family] = [octets.readUInt8(12), octets.readUInt8(13)]
  const command = version & 0xf
  if (version >> 4 !== 2 || command > 1) throw malformed('its version or command is unknown')
  const length = FIXED_PART + octets.readUInt16BE(14)
  if (octets.length < length) return undefined
  const body = octets.subarray(FIXED_PART, length)
  if (command === 0) return { length, client: undefined }
  if (family === 0x11) {
    if (body.length < 12) throw malformed('its addresses are cut off')
    return { length, client: { address: [...body.subarray(0, 4)].join('.'), port: body.readUInt16BE(8) } }
  }
  if (family === 0x21) {
    if (body.length < 36) throw malformed('its addresses are cut off')
    return { length, client: { address: ipv6(body.subarray(0, 16)), port: body.readUInt16BE(32) } }
  }
  // Local sockets, datagrams and what is not specified: addresses that are none of a client over TCP.
  return { length, client: undefined }
}

/** As RFC 5952 writes it. */
function ipv6(octets: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => octets.readUInt16BE(2 * i).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

function malformed(why: string): Error {
  return new Error(`no PROXY protocol header: ${why}`)
}

/**
 * Takes the header from a connected socket that nobody has read from. Rejects where there is none within `timeoutMs`;
 * the caller then destroys the socket.
 */
export function readProxyHeader(socket: Socket, timeoutMs: number): Promise<ProxiedClient | undefined> {
  return new Promise((resolve, reject) => {
    let octets: Buffer = Buffer.alloc(0)
    const leave = () => {
      clearTimeout(timer)
      socket.removeListener('readable', receive)
      socket.removeListener('end', closed)
      socket.removeListener('close', closed)
    }
    const fail = (error: Error) => {
      leave()
      reject(error)
    }
    const closed = () => fail(new Error('the connection was closed before its PROXY protocol header'))
    const timer = setTimeout(
      () => fail(new Error(`no PROXY protocol header within ${timeoutMs} ms`)),
      timeoutMs,
    )
    const receive = () => {
      const chunk: Buffer | null = socket.read()
      if (chunk === null) return
      octets = octets.length === 0 ? chunk : Buffer.concat([octets, chunk])
      try {
        const header = parseProxyHeader(octets)
        if (header === undefined) return
        leave()
        if (header.length < octets.length) socket.unshift(octets.subarray(header.length))
        resolve(header.client)
      } catch (error) {
        fail(error as Error)
      }
    }
    socket.on('readable', receive)
    socket.once('end', closed)
    socket.once('close', closed)
  })
}
