/** BER put together element by element, for tests; shares nothing with the writer that is tested. */

/** One element with a minimal length; contents are octets, text or other elements. */
export function tlv(tag: number, ...contents: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(contents.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  const length: number[] = []
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256)
  const head = body.length < 0x80 ? [tag, body.length] : [tag, 0x80 | length.length, ...length]
  return Buffer.concat([Buffer.from(head), body])
}

export const int = (value: number): Buffer => tlv(0x02, Buffer.from([value]))
export const enumerated = (value: number): Buffer => tlv(0x0a, Buffer.from([value]))
export const bool = (value: boolean): Buffer => tlv(0x01, Buffer.from([value ? 0xff : 0]))
export const text = (value: string): Buffer => tlv(0x04, value)
export const sequence = (...contents: readonly Buffer[]): Buffer => tlv(0x30, ...contents)
export const hex = (octets: string): Buffer => Buffer.from(octets.replace(/\s/g, ''), 'hex')
