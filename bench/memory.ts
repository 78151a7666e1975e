/** How much memory long answers take: a gateway that has done nothing else, alone and beside a client that stops reading. */
import { connect, type Socket } from 'node:net'
import { type Data, directory } from './directory.js'
import type { Listening } from './process.js'
import { memoryOf } from './usage.js'

export interface Memory {
  readonly target: string
  /** MB resident after a first search. */
  readonly idle: number
  /** Most MB while all people are read in one answer. */
  readonly dump: number
  /** The same in pages. */
  readonly pages: number
  /** The same in one answer, while another client has asked for all people and does not read. */
  readonly stalled: number
}

/** Rejects where an answer is wrong. */
export async function measureMemory(
  target: string,
  { pid, port }: Listening,
  data: Data,
  signal: AbortSignal,
): Promise<Memory> {
  const reader = directory({ name: target, port, pids: [pid], part: 'all', warmUp: 0 }, data)
  const peak = async (kind: 'dump' | 'pages', times = 3) => {
    let most = 0
    for (let n = 0; n < times; n++) {
      const measured = await reader.load({ kind })?.(1, signal)
      most = Math.max(most, measured?.peakMemory ?? 0)
    }
    return most
  }
  await reader.load({ kind: 'equality', connections: 1, inFlight: 1 })?.(0.1, signal)
  const idle = Math.round(memoryOf(pid, 'VmRSS'))
  const dump = await peak('dump')
  const pages = await peak('pages')
  const stopped = await stall(port)
  const stalled = await peak('dump')
  stopped.destroy()
  return { target, idle, dump, pages, stalled }
}

/** A client that has asked for everything, and has read nothing for two seconds. */
async function stall(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined).pause()
  socket.write(everything())
  await new Promise((resolve) => setTimeout(resolve, 2000))
  return socket
}

/** The request for all below the suffix, RFC 4511 section 4.5.1. */
function everything(): Buffer {
  const text = (tag: number, value: string) => element(tag, Buffer.from(value))
  const integer = (tag: number, value: number) => element(tag, Buffer.of(value))
  return element(
    0x30,
    integer(0x02, 1),
    element(
      0x63,
      text(0x04, 'dc=example,dc=com'),
      integer(0x0a, 2),
      integer(0x0a, 0),
      integer(0x02, 0),
      integer(0x02, 0),
      integer(0x01, 0),
      text(0x87, 'objectClass'),
      element(0x30),
    ),
  )
}

function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(tag, content.length), content])
}
