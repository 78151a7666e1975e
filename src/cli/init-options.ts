/** What `vitrine init` is told on the command line. */
import { ConfigError } from '../config/config-error.js'
import { readTextFile } from '../config/text-file.js'

export interface InitOptions {
  readonly url: string
  /** The folder to write to. */
  readonly out: string
  /** A DN; that of the directory, or dc=example,dc=com. */
  readonly suffix?: string
  readonly force?: boolean
  readonly json?: boolean
  /** Ask nothing. */
  readonly yes?: boolean
  /** The table of people. */
  readonly people?: string
  /** The table of groups, or none. */
  readonly groups?: string
  /** A file with the password, in place of one in the URL. */
  readonly passwordFile?: string
  /** Whom to be at a directory; anonymous unless given. */
  readonly bindDn?: string
  /** A file with the certificates of who signed a directory's. */
  readonly ca?: string
  readonly startTls?: boolean
}

/** The password that is given in a file, without the end of its line. @throws ConfigError */
export async function passwordOf({
  passwordFile: file,
}: Pick<InitOptions, 'passwordFile'>): Promise<string | undefined> {
  if (file === undefined) return undefined
  const { text, reason } = await readTextFile(file)
  if (text !== undefined) return text.replace(/\r?\n$/, '')
  throw new ConfigError([
    { file, path: '', message: `cannot be read: ${reason}`, remedy: 'Check the path of --password-file.' },
  ])
}
