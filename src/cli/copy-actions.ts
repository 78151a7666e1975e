/** What the commands about copies do. */
export { withCopies } from './copies.js'
export { jobs } from './jobs.js'
export { problems } from './problems.js'
export { diffSnapshots, listSnapshots, rollback } from './snapshots.js'
export { sync } from './sync.js'
