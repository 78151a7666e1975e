/** How the tests run. Two workers: the servers the tests talk to need the rest of the machine. */
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/** Files that share a process with those before them: most of their time would go into importing the product anew. */
const SHARING = ['unit', 'protocol', 'conformance', 'mappings'].map((folder) => `test/${folder}/**/*.test.ts`)

const common: TestProjectInlineConfiguration['test'] = {
  setupFiles: ['test/fast-check.setup.ts'],
  pool: 'forks',
  testTimeout: 30_000,
  hookTimeout: 120_000,
}

export default defineConfig({
  test: {
    // Of the run, not of each project: they share the servers.
    globalSetup: ['test/global.setup.ts'],
    maxWorkers: 2,
    teardownTimeout: 30_000,
    reporters: ['default'],
    projects: [
      { test: { ...common, name: 'sharing', include: SHARING, isolate: false } },
      {
        test: {
          ...common,
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/slow/**', 'test/programs/**', ...SHARING],
        },
      },
    ],
  },
})
