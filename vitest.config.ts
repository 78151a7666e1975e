/** How the tests run. Two workers: the servers the tests talk to need the rest of the machine. */
import { configDefaults, defineConfig } from 'vitest/config'

/** Those that take longer than a normal run has for them: `npm run test:programs` has all. */
const slowPrograms = ['dovecot', 'freeradius', 'postfix', 'sssd'].map(
  (name) => `test/programs/${name}.test.ts`,
)

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/slow/**', ...slowPrograms],
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
