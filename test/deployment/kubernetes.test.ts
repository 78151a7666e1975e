/** What Kubernetes is told: the parts fit each other, the gateway's files are right, and it runs without rights. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { selfSigned } from '../../src/cli/self-signed.js'
import { loadGateway } from '../../src/config/load.js'
import { makeScratch, removeScratch } from '../servers/scratch.js'
import { render } from './chart.js'
import { dockerFolder } from './compose.js'

const scratch = makeScratch(undefined)
afterAll(() => removeScratch(scratch))

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly data: Readonly<Record<string, string>>
  // What else there is depends on the kind.
  readonly spec: Record<string, unknown>
}
interface Probe {
  readonly exec: { readonly command: readonly string[] }
}
interface Container {
  readonly name: string
  readonly image: string
  readonly restartPolicy?: string
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly startupProbe: Probe
  readonly readinessProbe: Probe
  readonly livenessProbe: Probe
  readonly resources: unknown
  readonly securityContext: unknown
  readonly volumeMounts: readonly {
    readonly name: string
    readonly mountPath: string
    readonly readOnly: boolean
  }[]
}
interface Pod {
  readonly metadata: { readonly labels: unknown; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: {
    readonly automountServiceAccountToken: boolean
    readonly initContainers?: readonly Container[]
    readonly containers: readonly Container[]
    readonly volumes: readonly { readonly name: string }[]
  }
}

const chart = join(dockerFolder, 'helm/vitrine')
const sidecar = parseAllDocuments(readFileSync(join(dockerFolder, 'kubernetes/sidecar.yaml'), 'utf8'))
const made = {
  'kubernetes/sidecar.yaml': sidecar.map((document) => document.toJS() as unknown as Manifest),
  'helm/vitrine': render(chart, 'people') as unknown as readonly Manifest[],
}

const one = (manifests: readonly Manifest[], kind: string): Manifest => {
  const [found] = manifests.filter((manifest) => manifest.kind === kind)
  if (found === undefined) throw new Error(`no ${kind}`)
  return found
}
const podOf = (manifests: readonly Manifest[]) => one(manifests, 'Deployment').spec.template as Pod
const gatewayOf = ({ spec }: Pod) => {
  const [found] = [...(spec.initContainers ?? []), ...spec.containers].filter(({ image }) =>
    /^vitrine\b/.test(image),
  )
  if (found === undefined) throw new Error('no gateway')
  return found
}

describe.each(Object.entries(made))('docker/%s', (name, manifests) => {
  const pod = podOf(manifests)
  const gateway = gatewayOf(pod)

  it('gives the gateway files that it takes', async () => {
    const folder = join(scratch, name)
    mkdirSync(folder, { recursive: true })
    const { certificate, key } = selfSigned(['localhost'], 1)
    writeFileSync(join(folder, 'tls.crt'), certificate)
    writeFileSync(join(folder, 'tls.key'), key)
    const { data } = one(manifests, 'ConfigMap')
    for (const [file, text] of Object.entries(data)) {
      for (const [, secret = ''] of text.matchAll(/\/run\/secrets\/vitrine\/(\w+)/g))
        writeFileSync(join(folder, secret), `{SSHA}${'A'.repeat(32)}`)
      writeFileSync(join(folder, file), text.replaceAll(/\/run\/(secrets\/vitrine|tls)/g, folder))
    }
    const { listen } = await loadGateway(join(folder, 'gateway.yaml'))
    const open = Object.values(listen).flatMap((at) =>
      'port' in at && at.host === '0.0.0.0' ? [at.port] : [],
    )
    expect(open).toEqual((gateway.ports ?? []).map(({ containerPort }) => containerPort))
    expect(listen.ops).toEqual({ host: '127.0.0.1', port: 8080 })
  })

  it('mounts what the files name, and nothing that may be written', () => {
    const text = Object.values(one(manifests, 'ConfigMap').data).join('\n')
    const paths = gateway.volumeMounts.map(({ mountPath }) => mountPath)
    expect(paths).toContain('/etc/vitrine')
    for (const [path] of text.matchAll(/\/run\/[\w/.]+/g))
      expect(
        paths.some((mounted) => path.startsWith(`${mounted}/`)),
        path,
      ).toBe(true)
    for (const { name, readOnly } of gateway.volumeMounts) {
      expect(readOnly).toBe(true)
      expect(pod.spec.volumes.map((volume) => volume.name)).toContain(name)
    }
  })

  it('runs it without rights, within bounds, and asks how it is', () => {
    expect(gateway.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65532,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(pod.spec.automountServiceAccountToken).toBe(false)
    expect(gateway.resources).toMatchObject({ requests: { memory: '128Mi' }, limits: { memory: '256Mi' } })
    const [ready, live] = [gateway.readinessProbe, gateway.livenessProbe].map(({ exec }) => exec.command)
    expect(ready).toEqual(['node', '/app/health.js'])
    expect(live).toEqual(['node', '/app/health.js', 'http://127.0.0.1:8080/livez'])
  })

  it('keeps one of them while nodes are emptied', () => {
    const { spec } = one(manifests, 'PodDisruptionBudget')
    expect(spec).toMatchObject({ minAvailable: 1, selector: { matchLabels: pod.metadata.labels } })
    expect(one(manifests, 'Deployment').spec.selector).toEqual({ matchLabels: pod.metadata.labels })
  })
})

describe('the chart', () => {
  it('leads its service to ports that there are', () => {
    const { spec } = one(made['helm/vitrine'], 'Service')
    const pod = podOf(made['helm/vitrine'])
    expect(spec.selector).toEqual(pod.metadata.labels)
    const targets = (spec.ports as { targetPort: string }[]).map(({ targetPort }) => targetPort)
    expect(targets).toEqual(gatewayOf(pod).ports?.map(({ name }) => name))
  })

  it('replaces pods when files change, and does what its values say', () => {
    const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'))
    const other = render(chart, 'people', {
      files: { ...values.files, 'people.yaml': 'view: others\n' },
      networkPolicy: { enabled: true, from: [{ podSelector: { matchLabels: { app: 'wiki' } } }] },
      podDisruptionBudget: { enabled: false, minAvailable: 1 },
      nodeSelector: { disk: 'fast' },
      podAnnotations: { owner: 'directory' },
    }) as unknown as readonly Manifest[]
    const annotations = podOf(other).metadata.annotations
    expect(annotations?.owner).toBe('directory')
    expect(annotations?.['vitrine/files']).not.toBe(
      podOf(made['helm/vitrine']).metadata.annotations?.['vitrine/files'],
    )
    expect(podOf(other).spec).toMatchObject({ nodeSelector: { disk: 'fast' } })
    expect(one(other, 'NetworkPolicy').spec.ingress).toMatchObject([
      {
        from: [{ podSelector: { matchLabels: { app: 'wiki' } } }],
        ports: [{ port: 'ldaps' }, { port: 'https' }],
      },
    ])
    expect(other.map(({ kind }) => kind)).not.toContain('PodDisruptionBudget')
  })

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(dockerFolder, '../package.json'), 'utf8'))
    expect(parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'))).toMatchObject({
      version,
      appVersion: version,
    })
  })
})
