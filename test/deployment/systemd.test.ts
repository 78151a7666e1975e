/** The unit for systemd, as systemd itself judges it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { programPath } from '../servers/programs.js'
import { dockerFolder } from './compose.js'

const unit = join(dockerFolder, 'systemd/vitrine.service')
const analyze = programPath('systemdAnalyze')

it('has no mistakes', () => {
  const { status, stdout, stderr } = spawnSync(analyze, ['verify', unit], { encoding: 'utf8' })
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' })
})

it('leaves the service next to nothing of the machine', () => {
  const said = execFileSync(analyze, ['security', '--offline=true', '--no-pager', unit], { encoding: 'utf8' })
  const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(said)?.[1])
  expect(exposure).toBeLessThan(2)
})

it('starts, reloads and stops the gateway as it expects', () => {
  const text = readFileSync(unit, 'utf8')
  expect(text).toContain('vitrine serve --config /etc/vitrine/gateway.yaml\n')
  expect(text).toContain('ExecReload=/bin/kill -HUP $MAINPID\n')
  // The gateway lets operations end for five seconds.
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1])).toBeGreaterThan(10)
})
