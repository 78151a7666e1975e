/** The tests that take minutes, apart from the normal run: `npm run test:slow`. */
import { defineConfig } from 'vitest/config'
import config from './vitest.config.js'

export default defineConfig({
  ...config,
  test: { ...config.test, include: ['test/slow/**/*.test.ts'], exclude: [], testTimeout: 180_000 },
})
