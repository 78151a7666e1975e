/** `console`: what is taken, and what is told where it does not fit together. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { gateway, load, problems } from './files.js'

const as = 'cn=console,dc=example,dc=com'
const given = (text: string) => ({
  'gateway.yaml': `${gateway}${text}\nserviceAccounts: [ { dn: "${as}", password: "{CLEARTEXT}x" } ]\n`,
  token: 'the-token-of-operators\n',
})
const text = `console: { token: "{CLEARTEXT}\${file:token}", as: "${as}" }`

describe('console', () => {
  it('holds the hash of a token, whose file may say it in clear', async () => {
    const { console: taken } = await load(given(`listen: { ops: 0 }\n${text}`))
    expect(taken).toEqual({ token: createHash('sha256').update('the-token-of-operators').digest('hex'), as })
    expect((await load(given('listen: { ops: 0 }'))).console).toBeUndefined()
  })

  it('needs a port', async () => {
    expect(await problems(given(text))).toEqual([
      'gateway.yaml:5:1  console: is served on listen.ops, which is not there. Add e.g. listen: { ops: 9090 }.',
    ])
  })

  it('is not sent in clear to other machines, unless that is meant', async () => {
    const open = 'listen: { ops: "0.0.0.0:9090" }'
    expect(await problems(given(`${open}\n${text}`))).toEqual([
      'gateway.yaml:5:16  listen.ops: is open to other machines, and nothing encrypts the token of the console. Serve it on 127.0.0.1, to be reached through a tunnel or a proxy of this machine; or name the proxies that encrypt before it under trustedProxies; or write requireTls: false, where the token may be sent in clear.',
    ])
    await load(given(open))
    await load(given(`${open}\nrequireTls: false\n${text}`))
    await load(given(`listen: { ops: "0.0.0.0:9090", trustedProxies: [ 10.0.0.1 ] }\n${text}`))
  })

  it.each([
    [
      `console: { token: abc, as: "${as}" }`,
      'console.token: neither the hash of a token nor marked as cleartext. Write {SHA256} and what this prints: printf %s TOKEN | sha256sum.',
    ],
    [
      'console: { token: "{CLEARTEXT}aaaaaaaaaaaaaaaa", as: "cn=x,dc=y" }',
      `console.as: "cn=x,dc=y" is neither a service account nor an entry below the suffix. Known serviceAccounts: ${as}.`,
    ],
    [
      'console: { token: "{CLEARTEXT}aaaaaaaaaaaaaaaa" }',
      'console.as: missing. Add "as": Searches act as this service account or entry, to which the access rules are applied.',
    ],
  ])('tells what is wrong: %s', async (written, expected) => {
    const [found = ''] = await problems(given(`listen: { ops: 0 }\n${written}`))
    expect(found.replace(/^\S+ +/, '')).toBe(expected)
  })
})
