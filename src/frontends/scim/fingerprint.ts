/**
 * A short text that tells contents apart: 64 bits, fast rather than proof against those who want two contents to look
 * alike, who could only deceive themselves.
 */
import { isComplex, Ref, type Scalar, type Value } from '../../model/value.js'

/** Two lanes of 32 bits, each multiplied by an odd number of its own after every step. */
class Lanes {
  #a = 0
  #b = 0

  start(): void {
    this.#a = 0x9e3779b9 | 0
    this.#b = 0x7f4a7c15 | 0
  }

  add(bits: number): void {
    this.#a = Math.imul(this.#a ^ bits, 0x01000193)
    this.#b = Math.imul(this.#b ^ bits, 0x5bd1e995)
    this.#b ^= this.#b >>> 15
  }

  text(text: string): void {
    const { length } = text
    this.add(length)
    let i = 1
    for (; i < length; i += 2) this.add(text.charCodeAt(i - 1) | (text.charCodeAt(i) << 16))
    if (i === length) this.add(text.charCodeAt(i - 1))
  }

  scalar(scalar: Scalar): void {
    if (typeof scalar === 'string') {
      this.add(1)
      this.text(scalar)
    } else if (scalar instanceof Ref) {
      this.add(2)
      this.text(scalar.view)
      const id = scalar.id ?? scalar.uuid
      if (id !== undefined) this.text(id)
      else for (const name of scalar.names) this.text(name)
    } else if (scalar instanceof Date) {
      const time = scalar.getTime()
      this.add(3)
      this.add(time | 0)
      this.add(time / 2 ** 32)
    } else if (scalar instanceof Uint8Array) {
      this.add(4)
      this.add(scalar.length)
      for (const byte of scalar) this.add(byte)
    } else {
      this.add(typeof scalar === 'boolean' ? 5 : 6)
      this.text(String(scalar))
    }
  }

  value(value: Value): void {
    if (!isComplex(value)) {
      this.scalar(value)
      return
    }
    this.add(7)
    // Elements of one attribute come with their parts in one order.
    for (const part in value) {
      const scalar = value[part]
      if (scalar === undefined) continue
      this.text(part)
      this.scalar(scalar)
    }
  }

  get high(): number {
    return mixed(this.#a ^ Math.imul(this.#b, 0x27d4eb2f))
  }

  get low(): number {
    return mixed(this.#b ^ Math.imul(this.#a, 0x165667b1))
  }
}

/** So that every bit of the result hangs on every one that came in. */
function mixed(lane: number): number {
  let bits = lane ^ (lane >>> 16)
  bits = Math.imul(bits, 0x7feb352d)
  bits ^= bits >>> 15
  bits = Math.imul(bits, 0x6c62272f)
  return bits ^ (bits >>> 16)
}

// One for all: nothing waits while it is used.
const lanes = new Lanes()

/** @param names the attributes that count, always in the same order; that of an attribute's values does not matter */
export function fingerprint(
  attributes: ReadonlyMap<string, readonly Value[]>,
  names: readonly string[],
): string {
  let high = 0
  let low = 0
  for (let place = 0; place < names.length; place++) {
    const values = attributes.get(names[place] ?? '')
    if (values === undefined) continue
    for (const value of values) {
      lanes.start()
      lanes.add(place)
      lanes.value(value)
      high = (high + lanes.high) | 0
      low = (low + lanes.low) | 0
    }
  }
  return `${(high >>> 0).toString(36)}-${(low >>> 0).toString(36)}`
}
