/** Where to listen: `host:port`, `[address]:port` or a port alone. */
import { scalarSchema } from './scalar.js'

export interface Endpoint {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

/** A port alone is this machine's only: anything wider is to be written out. */
const loopback = '127.0.0.1'

/** The endpoint, or undefined if the text is none. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const found = /^(?:(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^\s:/[\]@]+)):)?(\d{1,5})$/.exec(text)
  const port = Number(found?.[3])
  if (found === null || port > 65_535) return undefined
  return { host: found[1] ?? found[2] ?? loopback, port }
}

export function endpoint() {
  return scalarSchema(parseEndpoint, {
    message: 'is no place to listen',
    remedy: 'Write a port, or host:port, e.g. 127.0.0.1:1389, 0.0.0.0:1389 or [::]:1389.',
  })
}
