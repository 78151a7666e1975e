/** What the package brings along: under licences that let it be used anywhere, as it was published, and listed. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './compose.js'

interface Locked {
  readonly version: string
  readonly license?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Under which a program may be used, changed and handed on without giving anything away but their text. */
const FREE = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'CC0-1.0']

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Readonly<Record<string, Locked>>
}
const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true)
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** Builds for one platform are under the licence of what they are a part of, where they name none. */
function licenceOf(path: string, { license }: Locked): string {
  const whole = () =>
    Object.values(packages).find(
      ({ optionalDependencies }) => optionalDependencies?.[nameOf(path)] !== undefined,
    )
  return license ?? whole()?.license ?? 'none'
}

it('is all under free licences', () => {
  expect(shipped.length).toBeGreaterThan(50)
  const others = shipped.map(([path, one]) => `${nameOf(path)}: ${licenceOf(path, one)}`)
  expect(others.filter((text) => !FREE.includes(text.replace(/^.*: /, '')))).toEqual([])
})

it('is what was published, and runs nothing when it is installed', () => {
  // Builds for other platforms than that of whoever wrote the lock file have no digest there.
  const sure = shipped.filter(([, { license, optional }]) => license !== undefined || optional !== true)
  for (const [path, { integrity }] of sure) expect(integrity, path).toMatch(/^sha512-/)
  for (const [path, { hasInstallScript = false }] of shipped) expect(hasInstallScript, path).toBe(false)
})

it('is listed for the release, each with its version', () => {
  const told = execFileSync(join(root, '.ci/sbom'), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const { bomFormat, metadata, components } = JSON.parse(told) as {
    bomFormat: string
    metadata: { component: { name: string } }
    components: readonly { name: string; version: string }[]
  }
  expect([bomFormat, metadata.component.name]).toEqual(['CycloneDX', 'vitrine'])
  const listed = components.map(({ name, version }) => `${name}@${version}`)
  expect(listed.sort()).toEqual(shipped.map(([path, { version }]) => `${nameOf(path)}@${version}`).sort())
})
