/** Every hash family against hashes that others made, and against what is broken, absurd or merely similar. */
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { readStored } from '../../../../src/directory/password/schemes.js'
import { createPasswordVerifier, type RefusedHash } from '../../../../src/directory/password/verifier.js'
import { type Vector, vectors } from './vectors.js'

const refused: RefusedHash[] = []
const verifier = createPasswordVerifier({ onUnknownScheme: (refusal) => refused.push(refusal) })
afterAll(() => verifier.close())

const verify = (stored: string | Uint8Array, password: string) =>
  verifier.verify(stored, Buffer.from(password))

async function refusalOf(stored: string): Promise<RefusedHash | undefined> {
  refused.length = 0
  expect(await verify(stored, 'secret')).toBe(false)
  return refused[0]
}

const all: readonly Vector[] = Object.values(vectors).flat()

describe.each(Object.entries(vectors))('%s', (_family, ofFamily) => {
  it.each(ofFamily)('accepts $password for $stored and nothing like it', async ({ stored, password }) => {
    expect(await verify(stored, password)).toBe(true)
    expect(await verify(Buffer.from(stored), password)).toBe(true)
    expect(await verify(stored, password.slice(0, -1) || 'x')).toBe(false)
    expect(await verify(stored, password === '' ? ' ' : password.toUpperCase().replace(/^0/, '1'))).toBe(
      false,
    )
    expect(await verify(stored, password === '' ? '\0' : '')).toBe(false)
  })
})

describe('names and padding', () => {
  it('takes {NAME} in any case', async () => {
    for (const { stored, password } of [...vectors.ldap, ...vectors.pbkdf2]) {
      const other = stored.replace(/^\{.*?\}/, (name) => name.toLowerCase())
      expect(await verify(other, password), other).toBe(true)
    }
  })

  it('takes the spaces that fill up a fixed-width column', async () => {
    for (const { stored, password } of [vectors.ldap[0], vectors.bcrypt[0]].filter((v) => v !== undefined))
      expect(await verify(stored.padEnd(200), password)).toBe(true)
  })

  it('takes a self-describing hash in the braces of OpenLDAP, Spring Security and Dovecot', async () => {
    const wrapped: readonly [string, string][] = [
      ['{CRYPT}', '$1$'],
      ['{crypt}', '$5$'],
      ['{Crypt}', '$6$'],
      ['{CRYPT}', '$2y$'],
      ['{MD5-CRYPT}', '$1$'],
      ['{SHA256-CRYPT}', '$5$'],
      ['{SHA512-CRYPT}', '$6$'],
      ['{BLF-CRYPT}', '$2y$'],
      ['{bcrypt}', '$2b$'],
      ['{argon2}', '$argon2id$'],
      ['{ARGON2ID}', '$argon2id$'],
      ['{ARGON2I}', '$argon2i$'],
    ]
    for (const [name, start] of wrapped) {
      const found = all.find(({ stored, password }) => stored.startsWith(start) && password === 'secret')
      expect(found, start).toBeDefined()
      if (found !== undefined) expect(await verify(name + found.stored, 'secret'), name + start).toBe(true)
    }
  })

  it('does not take a hash in the braces of another scheme', async () => {
    const [sha512] = vectors.crypt3.filter(({ stored }) => stored.startsWith('$6$'))
    expect(await verify(`{BCRYPT}${sha512?.stored}`, sha512?.password ?? '')).toBe(false)
    expect(await verify(`{MD5-CRYPT}${sha512?.stored}`, sha512?.password ?? '')).toBe(false)
  })
})

describe('passwords that a scheme cannot hold', () => {
  const ofAb = '$2y$04$abcdefghijklmnopqrstuu0CkeIeZLJOlOL1QPPhfXulLNPdFqJBW'

  it('bcrypt counts 72 bytes, as PHP and passlib do', async () => {
    const stored = '$2y$04$abcdefghijklmnopqrstuum2G75IXDN/xsgbNa/hCiPSKyIHQd70S'
    const long = '0123456789'.repeat(10)
    expect(await verify(stored, long)).toBe(true)
    expect(await verify(stored, `${long.slice(0, 72)}other`)).toBe(true)
    expect(await verify(stored, `${long.slice(0, 71)}x${long.slice(72)}`)).toBe(false)
  })

  it('WordPress counts every byte', async () => {
    const stored = '$wp$2y$04$BkZ349H9ZJpxVjtAIfQgsufdjAciqb2x2fkyDBRE.bbTfiFUO.ERu'
    const long = '0123456789'.repeat(10)
    expect(await verify(stored, long)).toBe(true)
    expect(await verify(stored, `${long.slice(0, 99)}x`)).toBe(false)
  })

  it('bcrypt and crypt(3) match no password with a NUL, not even one that bcrypt cannot tell apart', async () => {
    const sha =
      '$6$rounds=1000$s$jbQcDoJK3HW4bm4KtSTPG3NRKPU5jUQCNtbIPhOBV8rjNcABF6lXTdjMln/jQ6jVELQzJ3NmZnl68C8d.QgrE1'
    for (const stored of [ofAb, sha]) {
      expect(await verify(stored, 'ab')).toBe(true)
      for (const password of ['ab\0', 'ab\0ab', 'ab\0cd', '\0ab', '\0'])
        expect(await verify(stored, password)).toBe(false)
    }
  })

  it('bcrypt ignores the bits of the salt that carry nothing', async () => {
    for (const digit of ['u', 'v', '9', 'e']) {
      const stored = ofAb.replace('tuu0', `tu${digit}0`)
      expect(await verify(stored, 'ab')).toBe(digit !== 'e')
    }
  })

  it('matches no password beyond 4096 bytes, and none beyond 512 with crypt(3)', async () => {
    const { createHash } = await import('node:crypto')
    const sha = (password: string) => `{SHA}${createHash('sha1').update(password).digest('base64')}`
    expect(await verify(sha('x'.repeat(4096)), 'x'.repeat(4096))).toBe(true)
    expect(await verify(sha('x'.repeat(4097)), 'x'.repeat(4097))).toBe(false)
    const [crypt] = vectors.crypt3
    expect(await verify(crypt?.stored ?? '', 'x'.repeat(513))).toBe(false)
  })
})

describe('what is not readable', () => {
  const h = (length: number) => 'a'.repeat(length)
  const b = (length: number) => Buffer.alloc(length, 1).toString('base64')

  it.each([
    ['{SSHA}'],
    ['{SSHA}!'],
    [`{SSHA}${b(20)}`],
    [`{SSHA}${b(19)}`],
    [`{SSHA}${b(24).slice(0, -1)}`],
    [`{SSHA} ${b(24)}`],
    [`{SHA}${b(19)}`],
    [`{SHA}${b(21)}`],
    [`{SHA256}${b(20)}`],
    ['{MD5}5ebe2294ecd0e0f08eab7690d2a6ee69'],
    [`$1$salt$${h(21)}`],
    [`$1$saltsalts$${h(22)}`],
    [`$1$salt${h(22)}`],
    [`$5$salt$${h(42)}`],
    [`$6$salt$${h(87)}`],
    [`$6$rounds=999$salt$${h(86)}`],
    [`$6$rounds=0$salt$${h(86)}`],
    [`$6$rounds=-5000$salt$${h(86)}`],
    [`$6$rounds=05000$salt$${h(86)}`],
    [`$6$rounds=$salt$${h(86)}`],
    [`$6$rounds=99999999999999999999$salt$${h(86)}`],
    [`$2b$03$${h(53)}`],
    [`$2b$1$${h(53)}`],
    [`$2b$-4$${h(53)}`],
    [`$2b$04$${h(52)}`],
    [`$2b$04$${h(54)}`],
    [`$wp$2b$04$${h(52)}`],
    ['bcrypt_sha256$$2b$04$short'],
    [`$bcrypt-sha256$v=3,t=2b,r=4$${h(22)}$${h(31)}`],
    ['$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$'],
    ['$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$AQEBAQ'],
    [`$argon2id$v=19$m=1024,t=0,p=1$c29tZXNhbHQ$${h(43)}`],
    [`$argon2id$v=19$m=4,t=1,p=1$c29tZXNhbHQ$${h(43)}`],
    [`$argon2id$v=18$m=1024,t=1,p=1$c29tZXNhbHQ$${h(43)}`],
    [`$argon2id$v=19$m=1024,t=1,p=1$c2FsdA$${h(42)}E`],
    [`$argon2id$v=19$t=1,m=1024,p=1$c29tZXNhbHQ$${h(43)}`],
    ['$scrypt$ln=4,r=8,p=1$c2FsdA$'],
    ['$scrypt$ln=10,r=8,p=2$6h1jDAHgvLdWqvVeq9U6Bw$qqGGf3C/M6zpvQwHM/yHX2wkGe41e1jLf37XJNcJ'],
    [`$scrypt$ln=0,r=8,p=1$c2FsdA$${h(42)}E`],
    [`$scrypt$ln=16,r=1,p=1$c2FsdA$${h(42)}E`],
    [`scrypt$1000$salt$8$1$${b(64)}`],
    [`scrypt$-1024$salt$8$1$${b(64)}`],
    [`scrypt$1024$salt$8$1$${b(32)}`],
    [`scrypt$1024$salt$8$1$${b(64)}$more`],
    ['pbkdf2_sha256$1000$salt$'],
    [`pbkdf2_sha256$0$salt$${b(32)}`],
    [`pbkdf2_sha256$-1$salt$${b(32)}`],
    [`pbkdf2_sha256$1e3$salt$${b(32)}`],
    [`pbkdf2_sha256$1000$$${b(32)}`],
    [`pbkdf2_sha256$1000$salt$${b(16)}`],
    [`$pbkdf2-sha256$1000$c2FsdA$${h(42)}`],
    [`{PBKDF2-SHA512}1000$c2FsdA$${h(42)}E`],
    ['{pbkdf2}5d923b44a6d129f3ddf3e3c8d29412723dcbde72445e8ef6bf3b508fbf17fa4ed4d6b99ca763d8dc'],
    [`$P$4saltsalt${h(22)}`],
    [`$P$Bsaltsalt${h(21)}`],
    [`$P$Bsalt${h(22)}`],
    ['{"value":"","salt":"","hashIterations":1,"algorithm":"pbkdf2-sha256"}'],
    [`{"value":"${b(32)}","salt":"${b(16)}","hashIterations":0,"algorithm":"pbkdf2-sha256"}`],
    [`{"value":"${b(32)}","salt":"${b(16)}","hashIterations":1.5,"algorithm":"pbkdf2-sha256"}`],
    [`{"value":"${b(32)}","salt":"${b(16)}","hashIterations":1000,"algorithm":"md5"}`],
    [`{"value":"${b(32)}","salt":"${b(16)}","hashIterations":1000,"algorithm":"argon2"}`],
    [`{"value":["${b(32)}"],"salt":{},"hashIterations":1000,"algorithm":"pbkdf2"}`],
    ['{"secretData":"{\\"value\\":","credentialData":"{}"}'],
    ['{"secretData":null,"credentialData":[]}'],
    ['{"value":'],
  ])('%s is malformed', async (stored) => {
    expect((await refusalOf(stored))?.reason).toBe('malformed')
  })

  it.each([
    [`$6$rounds=1000001$salt$${h(86)}`],
    [`$5$rounds=999999999$salt$${h(43)}`],
    [`$2b$15$${h(53)}`],
    [`$2b$31$${h(53)}`],
    [`$wp$2y$31$${h(53)}`],
    [`$argon2id$v=19$m=2097152,t=1,p=4$c29tZXNhbHQ$${h(42)}E`],
    [`$argon2id$v=19$m=1024,t=4294967295,p=1$c29tZXNhbHQ$${h(42)}E`],
    [`$argon2id$v=19$m=65536,t=1,p=255$c29tZXNhbHQ$${h(42)}E`],
    [`$scrypt$ln=31,r=8,p=1$c2FsdA$${h(42)}E`],
    [`$scrypt$ln=10,r=8,p=4294967295$c2FsdA$${h(42)}E`],
    [`$scrypt$ln=10,r=4294967295,p=1$c2FsdA$${h(42)}E`],
    [`pbkdf2_sha256$4000001$salt$${b(32)}`],
    [`$scrypt$ln=1,r=1,p=65$c2FsdA$${h(42)}E`],
    [`$pbkdf2$6000001$c2FsdA$${h(26)}E`],
    [`$pbkdf2-sha512$2000001$c2FsdA$${h(85)}A`],
    [`$P$Ssaltsalt${h(22)}`],
    [`{"value":"${b(64)}","salt":"${b(16)}","hashIterations":2000001,"algorithm":"pbkdf2-sha256"}`],
  ])('%s is refused for its cost, at once', async (stored) => {
    const before = process.cpuUsage()
    expect((await refusalOf(stored))?.reason).toBe('cost')
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(1_000_000)
  })

  it.each([
    ['$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7', '$y$'],
    ['{CRYPT}abJnggxhB/yWI', '{CRYPT}'],
    ['{SASL}someone@example.com', '{SASL}'],
    ['$2x$04$abcdefghijklmnopqrstuu0CkeIeZLJOlOL1QPPhfXulLNPdFqJBW', '$2x$'],
    ['{hunter2}', undefined],
    ['$hunter2$', undefined],
    ['{not a scheme}x', undefined],
    ['x'.repeat(5000), undefined],
  ])('%s is of no known scheme', async (stored, scheme) => {
    expect(await refusalOf(stored)).toEqual({ scheme, reason: 'unknown' })
  })

  it('never throws, whatever is stored', () => {
    const starts = [...new Set(all.map(({ stored }) => stored.slice(0, 8))), '{"', '{', '$', '']
    const texts = fc.oneof(
      fc.tuple(fc.constantFrom(...starts), fc.string({ unit: 'binary' })).map(([a, b]) => a + b),
      fc
        .tuple(fc.constantFrom(...all), fc.nat(200), fc.nat(4), fc.string({ maxLength: 4 }))
        .map(([{ stored }, at, remove, insert]) => stored.slice(0, at) + insert + stored.slice(at + remove)),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const { hash } = readStored(text)
        return hash === undefined || typeof hash === 'string' || hash.expected.length >= 16
      }),
      { numRuns: 1000 },
    )
  })

  const plain = all.filter(({ stored }) => !stored.startsWith('{"'))

  it('accepts the right password for no truncated hash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...plain), fc.nat(100), async ({ stored, password }, cut) => {
        expect(await verify(stored.slice(0, Math.max(0, stored.length - 1 - cut)), password)).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  it('accepts the right password for no hash with another digit in its result', async () => {
    const digits = './+0123456789ABCXYZabcxyz='
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...plain),
        fc.integer({ min: 1, max: 22 }),
        fc.constantFrom(...digits),
        async ({ stored, password }, fromEnd, digit) => {
          const at = stored.length - fromEnd
          fc.pre(stored[at] !== digit)
          expect(await verify(stored.slice(0, at) + digit + stored.slice(at + 1), password)).toBe(false)
        },
      ),
      { numRuns: 200 },
    )
  })
})
