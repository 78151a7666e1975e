/** The compose files of `docker/`: all that they name is there, and nothing that they must not open is open. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { composed, composeOf, dockerFolder, mountsOf, root, type Service, secretsOf } from './compose.js'

/** Ports on which the images of others listen. */
const portsOf: Readonly<Record<string, number>> = {
  mariadb: 3306,
  postgres: 5432,
  wordpress: 80,
  'gitea/gitea': 3000,
}

const isGateway = ({ image }: Service) => image === 'vitrine'

describe.each(composed)('docker/%s/compose.yaml', (name) => {
  const compose = composeOf(name)
  const services = Object.entries(compose.services)
  const gateways = services.filter(([, service]) => isGateway(service))
  const folder = join(dockerFolder, name)

  it('names services, files, volumes and secrets that are there', () => {
    for (const [service, { depends_on = [], volumes = [], network_mode, ...more }] of services) {
      const needed = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on)
      for (const other of needed) expect(Object.keys(compose.services), service).toContain(other)
      const waited = Object.entries(depends_on).filter(([, how]) => how?.condition === 'service_healthy')
      for (const [other] of waited) expect(compose.services[other]?.healthcheck, other).toBeDefined()
      const shared = network_mode?.split(':')
      if (shared !== undefined) expect(Object.keys(compose.services)).toContain(shared[1])
      for (const volume of volumes.filter((v) => !v.startsWith('.')))
        expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0])
      for (const { from, to, mode } of mountsOf({ volumes, ...more })) {
        expect(existsSync(join(folder, from)), from).toBe(true)
        expect(mode).toBe('ro')
        if (to.endsWith('.sh')) accessSync(join(folder, from), constants.X_OK)
      }
      for (const secret of secretsOf({ volumes, ...more }).values())
        expect(compose.secrets[secret], secret).toEqual({ file: `./secrets/${secret}` })
      for (const [key, value] of Object.entries(more.environment ?? {})) {
        if (key.endsWith('_FILE'))
          expect([...secretsOf(more).keys()]).toContain(value.replace('/run/secrets/', ''))
      }
    }
    const used = services.flatMap(([, service]) => [...secretsOf(service).values()])
    expect(new Set(used)).toEqual(new Set(Object.keys(compose.secrets)))
  })

  it('opens ports to this machine alone', () => {
    for (const [, { ports = [] }] of services)
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
  })

  it('runs gateways without rights, on files that they cannot change', () => {
    expect(gateways.length).toBeGreaterThan(0)
    for (const [, service] of gateways) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      })
      expect(existsSync(join(folder, service.build?.context ?? '', service.build?.dockerfile ?? ''))).toBe(
        true,
      )
    }
  })

  it('gives gateways what their files ask for, and reaches them where they listen', () => {
    for (const [gateway, service] of gateways) {
      const mounts = mountsOf(service)
      const mounted = mounts.map(({ to }) => to)
      const main = mounts.find(({ to }) => to === '/etc/vitrine/gateway.yaml')
      const text = readFileSync(join(folder, main?.from ?? ''), 'utf8')
      const config = parse(text)
      for (const view of config.views) expect(mounted).toContain(`/etc/vitrine/${view.mapping ?? view}`)
      for (const [, variable] of text.matchAll(/\$\{([A-Z_]+)\}/g))
        expect(Object.keys(service.environment ?? {})).toContain(variable)
      for (const [, secret] of text.matchAll(/\/run\/secrets\/([\w.]+)/g))
        expect([...secretsOf(service).keys()]).toContain(secret)
      for (const [, host = '', port] of text.matchAll(/@([\w-]+):(\d+)\//g)) {
        const image = compose.services[host]?.image.split(':')[0] ?? ''
        expect(portsOf[image], `${gateway}: ${host}`).toBe(Number(port))
      }
      const listens = Object.values(config.listen).filter((at) => typeof at === 'string')
      expect(config.listen.ops).toBe('127.0.0.1:8080')
      for (const port of service.ports ?? []) expect(listens).toContain(`0.0.0.0:${port.split(':')[2]}`)
      if (service.network_mode !== undefined)
        expect(listens.filter((at) => !at.startsWith('127.0.0.1:'))).toEqual([])
    }
  })
})

it('copies: HAProxy is where the gateways believe what it says, and leads to all of them', () => {
  const { services, networks } = composeOf('copies')
  const [subnet] = networks?.default.ipam.config ?? []
  const gateways = Object.entries(services).filter(([, service]) => isGateway(service))
  const balancer = readFileSync(join(dockerFolder, 'copies/haproxy.cfg'), 'utf8')
  for (const [name, { environment }] of gateways) {
    expect(environment?.PROXIES).toBe(subnet?.subnet)
    for (const port of [1636, 8443]) expect(balancer).toContain(`server ${name} ${name}:${port}\n`)
  }
  for (const port of services.balancer?.ports ?? []) expect(balancer).toContain(`bind :${port.split(':')[2]}`)
})

it('the build sees all that the Dockerfile copies, and little else', () => {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  const seen = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
  const steps = readFileSync(join(dockerFolder, 'Dockerfile'), 'utf8').matchAll(/^COPY (?!--from)(.*) \S+$/gm)
  const copied = [...steps].flatMap(([, sources = '']) =>
    sources.split(' ').map((path) => path.replace('./', '')),
  )
  expect(new Set(copied)).toEqual(new Set(seen))
  for (const path of copied) expect(existsSync(join(root, path)), path).toBe(true)
  expect(lines).toContain('*')
})
