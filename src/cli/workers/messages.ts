/** What the processes of one gateway say to each other. */
import type { Addresses } from '../../frontends/frontend.js'

export type ToWorker =
  | { readonly kind: 'serve'; readonly cookieSecret: string }
  | { readonly kind: 'heard'; readonly topic: string; readonly message: string }
  | { readonly kind: 'reload' }
  /** What is to be said of oneself, and what the others have said. */
  | { readonly kind: 'asked'; readonly id: number }
  | { readonly kind: 'answers'; readonly id: number; readonly answers: readonly string[] }
  | { readonly kind: 'stop' }

export type FromWorker =
  | { readonly kind: 'started' }
  | { readonly kind: 'listening'; readonly addresses: Addresses }
  | { readonly kind: 'tell'; readonly topic: string; readonly message: string }
  | { readonly kind: 'ask'; readonly id: number }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: string }
