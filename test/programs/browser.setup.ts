/** Before the tests of the console's page: installs a browser. */
import { installBrowsers } from '../servers/install.js'

export default function setup(): void {
  installBrowsers()
}
