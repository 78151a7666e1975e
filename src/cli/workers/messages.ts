/** What the processes of one gateway say to each other. */
import type { Addresses } from '../../frontends/frontend.js'

export type ToWorker =
  | { readonly kind: 'serve'; readonly cookieSecret: string }
  | { readonly kind: 'heard'; readonly topic: string; readonly message: string }
  | { readonly kind: 'reload' }
  | { readonly kind: 'stop' }

export type FromWorker =
  | { readonly kind: 'started' }
  | { readonly kind: 'listening'; readonly addresses: Addresses }
  | { readonly kind: 'tell'; readonly topic: string; readonly message: string }
