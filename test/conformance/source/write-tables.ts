/** The empty tables that the suite writes to, and what their store is to hold of them. */
import type { Fixture } from './tables.js'

export const writtenFixtures: readonly Fixture[] = [
  {
    name: 'accounts',
    numbered: true,
    columns: [
      { name: 'id', kind: 'integer' },
      { name: 'name', kind: 'text', required: true, unique: true },
      { name: 'nick', kind: 'text' },
      { name: 'kind', kind: 'text' },
      { name: 'score', kind: 'integer' },
      { name: 'flag', kind: 'boolean', kinds: ['boolean', 'integer'] },
      { name: 'at', kind: 'time' },
      { name: 'day', kind: 'date' },
      { name: 'photo', kind: 'binary' },
      { name: 'uid', kind: 'uuid', kinds: ['uuid', 'text'] },
    ],
    rows: [],
  },
  {
    name: 'clubs',
    columns: [
      { name: 'code', kind: 'text' },
      { name: 'title', kind: 'text' },
    ],
    rows: [],
  },
  // Any number of the same, as far as the store is concerned.
  {
    name: 'members',
    numbered: true,
    columns: [
      { name: 'id', kind: 'integer' },
      { name: 'club', kind: 'text', indexed: true },
      { name: 'account_id', kind: 'integer', indexed: true },
      { name: 'role', kind: 'text' },
      { name: 'since', kind: 'date' },
    ],
    rows: [],
  },
  {
    name: 'unique_members',
    numbered: true,
    together: ['club', 'account_id'],
    columns: [
      { name: 'id', kind: 'integer' },
      { name: 'club', kind: 'text', indexed: true },
      { name: 'account_id', kind: 'integer', references: 'accounts' },
      { name: 'role', kind: 'text' },
      { name: 'since', kind: 'date' },
    ],
    rows: [],
  },
  {
    name: 'addresses',
    numbered: true,
    columns: [
      { name: 'id', kind: 'integer' },
      { name: 'account_id', kind: 'integer', references: 'accounts' },
      { name: 'kind', kind: 'text', required: true },
      { name: 'place', kind: 'text', required: true, unique: true },
      { name: 'is_main', kind: 'boolean', kinds: ['boolean', 'integer'] },
    ],
    rows: [],
  },
]
