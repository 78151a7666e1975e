/** Stores as the suites open them. */
import { createStore, type StoreOptions } from '../../../src/copy/store/open.js'
import type { Store } from '../../../src/copy/store/store.js'

export const storeAt = (url: string, more: Partial<StoreOptions> = {}): Store =>
  createStore({
    url,
    pool: { max: 4, acquireTimeout: 10_000 },
    statementTimeout: 20_000,
    connectTimeout: 5000,
    ...more,
  })
