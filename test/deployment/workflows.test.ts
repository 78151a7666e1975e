/** The workflows: what they run is there, and nothing is released that was not checked, packed and listed before. */
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { root } from './compose.js'

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>
}

const folder = join(root, '.github/workflows')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>
}
const read = (name: string) => parse(readFileSync(join(folder, name), 'utf8')) as Workflow
const commands = (workflow: Workflow, job: string) =>
  (workflow.jobs[job]?.steps ?? []).flatMap(({ run }) => run ?? [])

it.each(readdirSync(folder))('%s runs what is there, with no more rights than it names', (name) => {
  const workflow = read(name)
  expect(workflow.permissions).toBeDefined()
  const all = Object.keys(workflow.jobs).flatMap((job) => commands(workflow, job))
  for (const [, script = ''] of all.join('\n').matchAll(/npm run ([\w:]+)/g))
    expect(scripts).toHaveProperty(script)
  for (const [, file = ''] of all.join('\n').matchAll(/^(\.ci\/\w+)/gm))
    accessSync(join(root, file), constants.X_OK)
})

it('a change is tested, and what is shipped is audited: then, and once a week', () => {
  const workflow = read('check.yml')
  expect(Object.keys(workflow.on)).toEqual(['push', 'pull_request', 'schedule'])
  expect(commands(workflow, 'dependencies')).toContain('npm audit --omit=dev --audit-level=high')
  expect(commands(workflow, 'tests').slice(-2)).toEqual(['npm ci', 'npm run check'])
  expect(scripts.check).toBe('npm run build && tsc -p tsconfig.json && npm run lint && npm test')
})

it('a release is audited, built, tested, packed and listed before anybody gets it', () => {
  const steps = commands(read('release.yml'), 'package')
  const wanted = ['npm ci', 'npm audit', 'npm run check', 'npm pack', '.ci/sbom', 'npm publish', 'gh release']
  const at = wanted.map((text) => steps.findIndex((step) => step.startsWith(text)))
  expect(at).not.toContain(-1)
  expect(at).toEqual([...at].sort((a, b) => a - b))
})
