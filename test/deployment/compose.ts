/** The compose files of `docker/`: what they say, and a copy of them in which a test plays the part of Docker. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { makeScratch } from '../servers/scratch.js'
import { type Running, started } from './running.js'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const dockerFolder = join(root, 'docker')
/** The folders that have one. */
export const composed = readdirSync(dockerFolder).filter((name) =>
  existsSync(join(dockerFolder, name, 'compose.yaml')),
)

export interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly environment?: Readonly<Record<string, string>>
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[]
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly network_mode?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly networks?: {
    readonly default: { readonly ipam: { readonly config: readonly { subnet: string }[] } }
  }
}

export function composeOf(name: string): Compose {
  return parse(readFileSync(join(dockerFolder, name, 'compose.yaml'), 'utf8')) as Compose
}

/** What the image starts, with the program where it is here: the first is Node. */
function entrypoint(): readonly string[] {
  const [, said = ''] =
    /^ENTRYPOINT (.*)$/m.exec(readFileSync(join(dockerFolder, 'Dockerfile'), 'utf8')) ?? []
  return (JSON.parse(said) as readonly string[]).map((part) => part.replace('/app/', root))
}

/** A mount of a file of ours: where it is, relative to the compose file, and where the container has it. */
export interface Mount {
  readonly from: string
  readonly to: string
  readonly mode: string
}

export function mountsOf({ volumes = [] }: Service): readonly Mount[] {
  return volumes
    .filter((volume) => volume.startsWith('.'))
    .map((volume) => {
      const [from = '', to = '', mode = ''] = volume.split(':')
      return { from, to, mode }
    })
}

/** The names under which a service has its secrets, and what they are called. */
export function secretsOf({ secrets = [] }: Service): ReadonlyMap<string, string> {
  return new Map(
    secrets.map((secret) => (typeof secret === 'string' ? [secret, secret] : [secret.target, secret.source])),
  )
}

/** A copy of one of the folders, with its secrets made, and whatever containers have in /run/secrets in a folder each. */
export class Stage {
  readonly folder: string
  readonly #compose: Compose
  readonly #scratch: string

  constructor(name: string) {
    this.#compose = composeOf(name)
    this.#scratch = makeScratch(undefined)
    for (const shared of ['docker', 'mappings'])
      cpSync(join(root, shared), join(this.#scratch, shared), { recursive: true })
    this.folder = join(this.#scratch, 'docker', name)
    execFileSync('../secrets.sh', { cwd: this.folder })
    // Docker mounts secrets one by one: what folder they come from is no matter to containers' accounts.
    for (const folder of [this.#scratch, join(this.folder, 'secrets')]) chmodSync(folder, 0o755)
  }

  secret(name: string): string {
    return readFileSync(join(this.folder, 'secrets', name), 'utf8')
  }

  /**
   * The files that a service mounts, by their names, in a folder: what they say of /run/secrets is true here, and so is what
   * `replaced` says of other places.
   */
  files(name: string, replaced: Readonly<Record<string, string>> = {}): string {
    const service = this.#compose.services[name]
    if (service === undefined) throw new Error(`no service ${name}`)
    const own = join(this.#scratch, name)
    rmSync(own, { recursive: true, force: true })
    mkdirSync(join(own, 'secrets'), { recursive: true })
    for (const [target, source] of secretsOf(service))
      symlinkSync(join(this.folder, 'secrets', source), join(own, 'secrets', target))
    for (const { from, to } of mountsOf(service)) {
      const path = join(this.folder, from)
      let text = readFileSync(path, 'utf8').replaceAll('/run/secrets', join(own, 'secrets'))
      for (const [place, other] of Object.entries(replaced)) text = text.replaceAll(place, other)
      cpSync(path, join(own, basename(to)))
      writeFileSync(join(own, basename(to)), text)
    }
    return own
  }

  /** The gateway of a service, as the image runs it. */
  gateway(name: string, replaced: Readonly<Record<string, string>>, environment = {}): Promise<Running> {
    const listening = {
      '0.0.0.0:1636': '127.0.0.1:0',
      '0.0.0.0:8443': '127.0.0.1:0',
      ':8080': ':0',
      ':1389': ':0',
    }
    const folder = this.files(name, { ...listening, ...replaced })
    const [, ...entry] = entrypoint()
    const env = { PATH: process.env.PATH, ...this.#compose.services[name]?.environment, ...environment }
    return started(process.execPath, [...entry, 'serve', '--config', join(folder, 'gateway.yaml')], {
      cwd: dirname(folder),
      env,
    })
  }

  /** Runs a script that a service mounts, by its name; what it prints. */
  script(service: string, name: string, env: Readonly<Record<string, string>>): string {
    return execFileSync(join(this.files(service), name), {
      env: { PATH: process.env.PATH, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
}
