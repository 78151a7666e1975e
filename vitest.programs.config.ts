/** The programs of others that the gateway serves, with a table of what each did: `npm run test:programs`. */
import { ProgramTable } from './test/programs/table.js'
import config from './vitest.config.js'

export default {
  ...config,
  test: {
    ...config.test,
    include: ['test/programs/*.test.ts'],
    exclude: [],
    globalSetup: ['test/global.setup.ts', 'test/programs/unpack.setup.ts'],
    reporters: ['default', new ProgramTable()],
  },
}
