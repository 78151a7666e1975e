/** Tiny JPEG images (ITU-T T.81): 8 by 8 pixels of one grey, enough to show that a photo is a photo. */

/** A marker segment: its code, its length and its content. */
function segment(marker: number, ...content: number[]): number[] {
  const length = content.length + 2
  return [0xff, marker, length >> 8, length & 0xff, ...content]
}

/** A Huffman table with one symbol, whose code is a single 0. */
function huffmanTable(id: number, symbol: number): number[] {
  return segment(0xc4, id, 1, ...Array.from({ length: 15 }, () => 0), symbol)
}

/** @param grey from 129 to 255 */
export function portrait(grey: number): Uint8Array {
  const level = grey - 128
  const width = level.toString(2).length
  // The difference to the first block's prediction, the end of the block, and ones up to a whole byte.
  const bits = `0${level.toString(2)}0`.padEnd(16, '1')
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xe0, ...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0),
    ...segment(0xdb, 0, ...Array.from({ length: 64 }, () => 8)),
    ...segment(0xc0, 8, 0, 8, 0, 8, 1, 1, 0x11, 0),
    ...huffmanTable(0x00, width),
    ...huffmanTable(0x10, 0),
    ...segment(0xda, 1, 1, 0, 0, 63, 0),
    ...[Number.parseInt(bits.slice(0, 8), 2), Number.parseInt(bits.slice(8), 2)],
    ...[0xff, 0xd9],
  ])
}
