/** The programs of others that the gateway serves, with a table of what each did: `npm run test:programs`. */
import { ProgramTable } from './test/programs/table.js'
import { each, run } from './vitest.config.js'

export default {
  test: {
    ...run,
    ...each,
    include: ['test/programs/*.test.ts'],
    globalSetup: [...run.globalSetup, 'test/programs/unpack.setup.ts', 'test/programs/browser.setup.ts'],
    reporters: ['default', new ProgramTable()],
  },
}
