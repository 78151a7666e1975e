/** What is measured: the bare handler, and the gateway as an operator runs it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Listening, startNode } from '../process.js'
import { type Shape, TOKEN } from './data.js'

const ACCOUNT = 'cn=bench,dc=example,dc=com'

const mappings: Readonly<Record<Shape, readonly string[]>> = {
  plain: ['plain'],
  related: ['people', 'groups'],
}

export function startBare(url: string, shape: Shape): Promise<Listening> {
  const program = fileURLToPath(import.meta.resolve('./bare.ts'))
  return startNode(['--import', import.meta.resolve('tsx'), program, url, shape], 'http')
}

/**
 * @param main the `dist/cli/main.js` of the gateway
 * @param folder where the configuration is written
 */
export async function startGateway(
  main: string,
  url: string,
  shape: Shape,
  folder: string,
): Promise<Listening> {
  const config = join(folder, 'gateway.yaml')
  const settings = {
    suffix: 'dc=example,dc=com',
    listen: { http: 0 },
    sources: { db: { type: 'sql', url } },
    views: mappings[shape].map((name) => fileURLToPath(new URL(`mappings/${name}.yaml`, import.meta.url))),
    serviceAccounts: [{ dn: ACCOUNT, password: '{CLEARTEXT}bench' }],
    access: [{ who: ACCOUNT, views: '*', allow: ['read', 'search'] }],
    scim: { tokens: [{ name: 'bench', token: `{CLEARTEXT}${TOKEN}`, as: ACCOUNT, scopes: '*' }] },
    log: { level: 'warn' },
  }
  await writeFile(config, JSON.stringify(settings))
  return startNode([main, 'serve', '--config', config], 'http')
}
