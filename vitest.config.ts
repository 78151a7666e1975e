/** How the tests run. Two workers: the servers the tests talk to need the rest of the machine. */
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { keepInMemory } from './test/temporary.js'

keepInMemory()

/** Files that share a process with those before them: most of their time would go into importing the product anew. */
const SHARING = ['unit', 'protocol', 'conformance', 'mappings', 'init'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
)

/** Of each test. */
export const each = {
  setupFiles: ['test/fast-check.setup.ts'],
  pool: 'forks',
  testTimeout: 30_000,
  hookTimeout: 120_000,
} satisfies TestProjectInlineConfiguration['test']

/** Of a run, which shares the servers. */
export const run = {
  globalSetup: ['test/global.setup.ts'],
  maxWorkers: 2,
  teardownTimeout: 30_000,
  reporters: ['default'],
}

export default defineConfig({
  test: {
    ...run,
    projects: [
      { test: { ...each, name: 'sharing', include: SHARING, isolate: false } },
      {
        test: {
          ...each,
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/slow/**', 'test/programs/**', ...SHARING],
        },
      },
    ],
  },
})
