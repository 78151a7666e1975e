/** HTTP for those who call others. What is needed for it takes room, and is loaded by the first of them. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export function httpClient(): typeof import('undici') {
  return require('undici')
}
