/** Before the tests of other programs: unpacks these. */
import { unpackPackages } from '../servers/packages.js'

export default function setup(): void {
  unpackPackages()
}
