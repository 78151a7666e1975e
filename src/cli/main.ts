#!/usr/bin/env node
/**
 * The command line: one file per command, loaded when it is run; here are only their names, options and exit codes. How
 * the heap grows is set before.
 */
import './heap.js'
import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { packageVersion } from '../gateway/version.js'
import { addCopyCommands } from './copy-commands.js'
import type { DemoOptions } from './demo.js'
import { failureText } from './failure.js'
import type { InitOptions } from './init-options.js'
import type { ServeOptions } from './serve.js'

function port(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number > 65535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return number
}

/** A number of processes, or one per core. */
function workers(text: string): number {
  if (text === 'auto') return availableParallelism()
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || number > 512)
    throw new InvalidArgumentError('It is a number from 1 to 512, or auto for one per core.')
  return number
}

const program = new Command('vitrine')
  .description('Shows the people in an SQL database as an LDAP directory, live.')
  .version(packageVersion())
  .showHelpAfterError()

const config = ['-c, --config <file>', 'the gateway’s configuration', 'gateway.yaml'] as const

program
  .command('serve')
  .description('run the gateway')
  .option(...config)
  .option('--ldap-port <port>', 'listen for LDAP on this port instead', port)
  .option('--ldaps-port <port>', 'listen for LDAP over TLS on this port instead', port)
  .option('--http-port <port>', 'serve SCIM on this port instead', port)
  .option('--workers <number>', 'use so many processes behind the same ports; auto: one per core', workers)
  .option('--watch', 'read the configuration anew when one of its files changes, as on SIGHUP')
  .action(run(async (options: ServeOptions) => (await import('./serve.js')).serve(options)))

program
  .command('check')
  .description('hold configuration and mappings against the live sources')
  .option(...config)
  .action(run(async (options: { config: string }) => (await import('./check.js')).check(options)))

program
  .command('explain')
  .description('show what a search would ask the source, and what it would decide itself')
  .argument('<filter>', "an LDAP filter, e.g. '(&(sn=J*)(!(mail=*)))'")
  .requiredOption('--view <name>', 'the view to search')
  .option(...config)
  .action((filter: string, options: { view: string; config: string }) =>
    run(async () => (await import('./explain.js')).explain({ ...options, filter }))(options),
  )

program
  .command('schema')
  .description('print the JSON Schema of configuration files or of mapping files')
  .argument('[file]', 'gateway or mapping; both, as one object, if left out')
  .action((file: string | undefined) =>
    run(async () => (await import('./schema.js')).schema(file === undefined ? {} : { file }))({}),
  )

addCopyCommands(program, run)

program
  .command('init')
  .description('propose a configuration for a database or directory, write it, and prove it with a search')
  .argument(
    '<url>',
    'mysql://, mariadb://, postgres://user:password@host:port/database, sqlite:FILE, or ldap://, ldaps://host:port/base',
  )
  .option('-o, --out <folder>', 'where to write gateway.yaml and mappings', 'gateway')
  .option('--force', 'write over files that are there')
  .option('--suffix <dn>', 'below which everything is shown; dc=example,dc=com, or the base of the directory')
  .option('--people <table>', 'the table of people, if it is not the one that would be chosen')
  .option('--groups <table>', 'the table of groups; none: show none')
  .option('--password-file <file>', 'the password, in place of one in the URL')
  .option('--bind-dn <dn>', 'whom to be at the directory; anonymous if left out')
  .option('--ca <file>', 'who signed the certificate of the directory, in PEM')
  .option('--start-tls', 'encrypt ldap:// before anything else is said')
  .option('-y, --yes', 'ask nothing, also on a terminal')
  .option('--json', 'print one object of JSON, and ask nothing')
  .action((url: string, options: Omit<InitOptions, 'url'>) =>
    run(async () => (await import('./init.js')).init({ ...options, url }))(options),
  )

program
  .command('import')
  .description('make a configuration of that of another product, and tell what has no equivalent')
  .argument('<product>', 'jans-link, logintc or ad-connect')
  .argument('<file>', 'its configuration')
  .option('-o, --out <folder>', 'where to write gateway.yaml and mappings', '.')
  .option('--force', 'write over files that are there')
  .option('--salt <file>', 'what opens passwords of Janssen, e.g. /etc/jans/conf/salt')
  .option(
    '--target <url>',
    'a SCIM service that people are pushed to, in place of the one that was written to',
  )
  .action(
    (
      product: string,
      file: string,
      options: { out: string; force?: boolean; salt?: string; target?: string },
    ) =>
      run(async () => (await import('./import.js')).importConfiguration({ ...options, product, file }))(
        options,
      ),
  )

program
  .command('demo')
  .description('run the gateway on a made-up company in an SQLite file')
  .option('--ldap-port <port>', 'listen for LDAP on this port', port)
  .option('--http-port <port>', 'serve SCIM on this port', port)
  .option('--write <file>', 'make the SQLite file, and serve nothing')
  .action(run(async (options: DemoOptions) => (await import('./demo.js')).demo(options)))

await program.parseAsync()

/** Runs a command; what it returns is the exit code. */
function run<Options>(command: (options: Options) => Promise<number>): (options: Options) => Promise<void> {
  return async (options) => {
    try {
      process.exitCode = await command(options)
    } catch (error) {
      process.stderr.write(`${failureText(error)}\n`)
      process.exitCode = 1
    }
  }
}
