/** The tests that take minutes, apart from the normal run: `npm run test:slow`. */
import { defineConfig } from 'vitest/config'
import { each, run } from './vitest.config.js'

/** Of the normal run; here they go on for longer. */
const longer = ['test/fault/cycle.test.ts', 'test/fault/push.test.ts']

export default defineConfig({
  test: {
    ...run,
    ...each,
    include: ['test/slow/**/*.test.ts', ...longer],
    testTimeout: 180_000,
    env: { VITRINE_RUNS: '300' },
  },
})
