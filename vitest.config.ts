/** How the tests run. Two workers: the servers the tests talk to need the rest of the machine. */
import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/slow/**', 'test/programs/**'],
    globalSetup: ['test/global.setup.ts'],
    setupFiles: ['test/fast-check.setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    reporters: ['default'],
  },
})
