/** The grammar of `tls`: the certificate of the gateway, and what is asked of clients. Files are read by `tls-material.ts`. */
import { resolve } from 'node:path'
import { z } from 'zod'
import type { Frozen } from './freeze.js'
import { complain, scalarSchema } from './scalar.js'
import { dn } from './schema-access.js'

const pem = z.string().min(1)

const minVersion = scalarSchema(
  (text): 'TLSv1.2' | 'TLSv1.3' | undefined => {
    const version = text.replace(/^TLSv/i, '')
    return version === '1.2' || version === '1.3' ? `TLSv${version}` : undefined
  },
  { message: 'is no version of TLS that is spoken here', remedy: 'Write 1.2 or 1.3.' },
)

const identitySchema = z.strictObject({
  subject: dn.describe(
    'The subject of a certificate as a DN, leaf first; {name} stands for any text: CN={cn},OU=people,O=Example',
  ),
  dn: dn.describe('Whom it stands for: uid={cn},ou=people,dc=example,dc=com'),
})

export const tlsSchema = z
  .strictObject({
    certificate: pem.describe(
      'PEM file of the certificate, followed by those of its signers; or the PEM itself',
    ),
    key: pem.describe('PEM file of its private key; or the PEM itself'),
    passphrase: z.string().min(1).optional().describe('Opens the key, where it is encrypted'),
    clientCertificates: z
      .enum(['none', 'request', 'require'])
      .prefault('none')
      .describe(
        'Whether clients are asked for certificates of theirs: request takes those without, too; require does not',
      ),
    clientCa: pem
      .optional()
      .describe(
        "PEM file of whoever signs clients' certificates; or the PEM itself. Nobody else's are taken",
      ),
    identities: z
      .array(identitySchema)
      .prefault([])
      .describe('Whom certificates of clients stand for (SASL EXTERNAL); the first that fits decides'),
    minVersion: minVersion.prefault('1.2').describe('The lowest version of TLS: 1.2 or 1.3'),
    ciphers: z
      .string()
      .min(1)
      .optional()
      .describe("Ciphers in OpenSSL's notation; unless given, those of Node.js"),
  })
  .superRefine((tls, ctx) => {
    const wrong = (path: (string | number)[], message: string, remedy: string) =>
      ctx.addIssue({ code: 'custom', path, ...complain({ message, remedy }) })
    const { clientCertificates, clientCa, identities } = tls
    if (clientCertificates !== 'none' && clientCa === undefined)
      wrong(['clientCa'], 'is missing', 'Say who signs the certificates of clients.')
    if (clientCertificates === 'none')
      for (const key of ['clientCa', 'identities'] as const)
        if (tls[key]?.length)
          wrong([key], 'is of no use without certificates of clients', 'Write clientCertificates: request.')
    for (const [index, { subject, dn }] of identities.entries()) {
      const known = new Set(placeholders(subject))
      const unknown = placeholders(dn).find((name) => !known.has(name))
      if (unknown !== undefined)
        wrong(
          ['identities', index, 'dn'],
          `{${unknown}} does not stand in the subject`,
          known.size === 0
            ? `Write {${unknown}} in the subject, where the text stands.`
            : `Write one of: ${[...known].map((name) => `{${name}}`).join(', ')}.`,
        )
    }
  })
  .describe('The certificate with which LDAP is encrypted, and what clients have to show')

export const PEM = '-----BEGIN '

/** `certificate`, `key` and `clientCa` are PEM, or paths that do not depend on the working folder. */
export type TlsConfig = Frozen<z.output<typeof tlsSchema>>

export function resolveTls(tls: z.output<typeof tlsSchema>, baseDir: string): z.output<typeof tlsSchema> {
  const path = (text: string) => (text.includes(PEM) ? text : resolve(baseDir, text))
  const { certificate, key, clientCa } = tls
  return {
    ...tls,
    certificate: path(certificate),
    key: path(key),
    ...(clientCa !== undefined && { clientCa: path(clientCa) }),
  }
}

function placeholders(text: string): readonly string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
}
