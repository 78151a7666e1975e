/**
 * The attributes of entries that have the same names: these are kept once for all of them, and an entry has nothing but its
 * values, in their order. A map of its own for each entry takes several times the room, and grows while it is filled.
 */
import type { Value } from './value.js'

/** Names, each with its place. */
export class Shape {
  readonly names: readonly string[]
  readonly #places: ReadonlyMap<string, number>

  /** @param names different ones */
  constructor(names: readonly string[]) {
    this.names = names
    this.#places = new Map(names.map((name, place) => [name, place]))
  }

  placeOf(name: string): number | undefined {
    return this.#places.get(name)
  }
}

/** Values by place; undefined for an attribute that the entry does not have. */
export type Values = readonly (readonly Value[] | undefined)[]

export class ShapedAttributes implements ReadonlyMap<string, readonly Value[]> {
  readonly shape: Shape
  readonly byPlace: Values

  constructor(shape: Shape, byPlace: Values) {
    this.shape = shape
    this.byPlace = byPlace
  }

  get size(): number {
    let size = 0
    for (const values of this.byPlace) if (values !== undefined) size++
    return size
  }

  get(name: string): readonly Value[] | undefined {
    const place = this.shape.placeOf(name)
    return place === undefined ? undefined : this.byPlace[place]
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  without(names: readonly string[]): ShapedAttributes {
    const byPlace = this.byPlace.slice()
    for (const name of names) {
      const place = this.shape.placeOf(name)
      if (place !== undefined) byPlace[place] = undefined
    }
    return new ShapedAttributes(this.shape, byPlace)
  }

  forEach(
    callback: (values: readonly Value[], name: string, map: ReadonlyMap<string, readonly Value[]>) => void,
  ): void {
    for (const [name, values] of this) callback(values, name, this)
  }

  *entries(): MapIterator<[string, readonly Value[]]> {
    const { names } = this.shape
    for (let place = 0; place < names.length; place++) {
      const values = this.byPlace[place]
      if (values !== undefined) yield [names[place] as string, values]
    }
  }

  *keys(): MapIterator<string> {
    for (const [name] of this) yield name
  }

  *values(): MapIterator<readonly Value[]> {
    for (const [, values] of this) yield values
  }

  [Symbol.iterator](): MapIterator<[string, readonly Value[]]> {
    return this.entries()
  }
}

/** Attributes of any kind as those of a shape, for who goes through the attributes of many entries. */
export function shaped(attributes: ReadonlyMap<string, readonly Value[]>): ShapedAttributes {
  return attributes instanceof ShapedAttributes
    ? attributes
    : new ShapedAttributes(new Shape([...attributes.keys()]), [...attributes.values()])
}
