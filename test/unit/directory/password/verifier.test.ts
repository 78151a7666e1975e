/** The verifier as its callers know it: cleartext, reports, comparable time, bounded work, an orderly end. */
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createPasswordVerifier,
  type PasswordVerifier,
  type PasswordVerifierOptions,
  type RefusedHash,
} from '../../../../src/directory/password/verifier.js'

const open: PasswordVerifier[] = []
function verifierWith(options: PasswordVerifierOptions = {}): PasswordVerifier {
  const verifier = createPasswordVerifier(options)
  open.push(verifier)
  return verifier
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((verifier) => verifier.close()))
})

const secret = Buffer.from('secret')
const wrong = Buffer.from('wrong')
const ssha = '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ='
const shaCrypt = `$6$rounds=20000$salt$${'a'.repeat(86)}`
const bcrypt = `$2b$07$${'a'.repeat(21)}u${'a'.repeat(31)}`
const pbkdf2 = `pbkdf2_sha256$30000$salt$${Buffer.alloc(32).toString('base64')}`
const slowOnes = { shaCrypt, bcrypt, pbkdf2 }

/** Milliseconds of CPU that the process has used, which other programs on the machine do not lengthen. */
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function cost(work: () => unknown): Promise<number> {
  const costs: number[] = []
  for (let run = 0; run < 4; run++) {
    const start = cpu()
    await work()
    costs.push(cpu() - start)
  }
  return Math.min(...costs)
}

describe('cleartext', () => {
  it('matches only where the attribute allows it', async () => {
    const verifier = verifierWith()
    for (const stored of ['secret', '{CLEARTEXT}secret', '{cleartext}secret', Buffer.from('secret')]) {
      expect(await verifier.verify(stored, secret)).toBe(false)
      expect(await verifier.verify(stored, secret, { cleartext: false })).toBe(false)
      expect(await verifier.verify(stored, secret, { cleartext: true })).toBe(true)
      expect(await verifier.verify(stored, wrong, { cleartext: true })).toBe(false)
    }
  })

  it('can be forbidden everywhere', async () => {
    const verifier = verifierWith({ allowCleartext: false })
    expect(await verifier.verify('secret', secret, { cleartext: true })).toBe(false)
  })

  it('compares bytes, in any script and of any value', async () => {
    const verifier = verifierWith()
    const unicode = Buffer.from('пароль')
    const bytes = Buffer.from([0xff, 0x00, 0xfe])
    expect(await verifier.verify('пароль', unicode, { cleartext: true })).toBe(true)
    expect(await verifier.verify(bytes, bytes, { cleartext: true })).toBe(true)
    expect(await verifier.verify(bytes, Buffer.from([0xff, 0x00, 0xfd]), { cleartext: true })).toBe(false)
  })

  it('never takes a hash for the password, nor an empty value', async () => {
    const verifier = verifierWith()
    const stored = [ssha, shaCrypt, bcrypt, pbkdf2, '{SSHA}broken', '$y$j9T$salt$hash', '{FUTURE}abc']
    for (const hash of [...stored, '', '{CLEARTEXT}'])
      expect(await verifier.verify(hash, Buffer.from(hash), { cleartext: true })).toBe(false)
    expect(await verifier.verify('{CLEARTEXT}', Buffer.alloc(0), { cleartext: true })).toBe(false)
  })

  it('takes what follows {CLEARTEXT} as it is', async () => {
    const verifier = verifierWith()
    const password = Buffer.from(`${ssha} `)
    expect(await verifier.verify(`{CLEARTEXT}${ssha} `, password, { cleartext: true })).toBe(true)
  })
})

describe('reports', () => {
  it('tell the scheme and the reason and nothing of the value', async () => {
    const reports: RefusedHash[] = []
    const verifier = verifierWith({ onUnknownScheme: (refused) => reports.push(refused) })
    const stored = ['hunter2', 'hunter2$x', '{hunter2}', '{SSHA}hunter2', '$6$rounds=9999999$a$hunter2', ssha]
    for (const value of stored) await verifier.verify(value, secret)
    await verifier.verify(`$2b$31$${'a'.repeat(53)}`, secret)
    expect(reports).toEqual([
      { scheme: undefined, reason: 'cleartext' },
      { scheme: undefined, reason: 'cleartext' },
      { scheme: undefined, reason: 'unknown' },
      { scheme: '{SSHA}', reason: 'malformed' },
      { scheme: '$6$', reason: 'malformed' },
      { scheme: '$2b$', reason: 'cost' },
    ])
  })
})

describe('comparable time', () => {
  it.each(Object.entries(slowOnes))('wastes what a wrong password takes: %s', async (_name, stored) => {
    const verifier = verifierWith()
    const known = await cost(() => verifier.verify(stored, wrong))
    const unknown = await cost(() => verifier.waste(wrong))
    expect(unknown).toBeGreaterThan(known / 3)
    expect(unknown).toBeLessThan(known * 3)
  })

  it('holds for accounts whose stored value cannot match or is of a fast scheme', async () => {
    const verifier = verifierWith()
    const known = await cost(() => verifier.verify(bcrypt, wrong))
    for (const stored of ['!', '{SSHA}broken', '$y$j9T$salt$hash', ssha])
      expect(await cost(() => verifier.verify(stored, wrong)), stored).toBeGreaterThan(known / 3)
  })

  it('costs nothing where no slow scheme is in use', async () => {
    const verifier = verifierWith({ concurrency: 1, queue: 0 })
    expect(await verifier.verify(ssha, secret)).toBe(true)
    await expect(Promise.all([verifier.waste(wrong), verifier.waste(wrong)])).resolves.toHaveLength(2)
  })
})

describe('bounded work', () => {
  it('says busy when too many wait, to known and unknown users alike', async () => {
    const verifier = verifierWith({ concurrency: 1, queue: 1 })
    const first = verifier.verify(shaCrypt, wrong)
    const second = verifier.verify(shaCrypt, wrong)
    await expect(verifier.verify(bcrypt, wrong)).rejects.toMatchObject({ code: 'busy' })
    await expect(verifier.waste(wrong)).rejects.toMatchObject({ code: 'busy' })
    expect(await verifier.verify(ssha, secret)).toBe(true)
    expect(await Promise.all([first, second])).toEqual([false, false])
    expect(await verifier.verify(shaCrypt, wrong)).toBe(false)
  })

  it('lets who gives up leave the queue', async () => {
    const verifier = verifierWith({ concurrency: 1, queue: 1 })
    const first = verifier.verify(shaCrypt, wrong)
    const abort = new AbortController()
    const second = verifier.verify(shaCrypt, wrong, { signal: abort.signal })
    abort.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    const third = verifier.verify(shaCrypt, wrong)
    expect(await Promise.all([first, third])).toEqual([false, false])
  })

  it('leaves the event loop to others during 64 concurrent $6$ checks', async () => {
    const verifier = verifierWith()
    const stored = `$6$salt$${'a'.repeat(86)}`
    await verifier.verify(stored, wrong)
    const checks = Promise.all(Array.from({ length: 64 }, () => verifier.verify(stored, wrong)))
    let running = true
    void checks.then(() => {
      running = false
    })
    const turns: number[] = []
    while (running) {
      const start = cpu()
      await turn()
      turns.push(cpu() - start)
    }
    expect(await checks).toEqual(Array.from({ length: 64 }, () => false))
    turns.sort((a, b) => a - b)
    expect(turns.length).toBeGreaterThan(100)
    expect(turns[Math.floor(turns.length * 0.95)]).toBeLessThan(10)
  })
})

describe('the end', () => {
  it('lets what runs finish and refuses the rest', async () => {
    const verifier = createPasswordVerifier({ concurrency: 1 })
    let ended = false
    const running = Promise.resolve(verifier.verify(shaCrypt, wrong)).finally(() => {
      ended = true
    })
    const waiting = verifier.verify(shaCrypt, wrong)
    const closing = verifier.close()
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable' })
    await closing
    await turn()
    expect(ended).toBe(true)
    expect(await running).toBe(false)
    await expect(verifier.verify(shaCrypt, wrong)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(verifier.waste(wrong)).rejects.toMatchObject({ code: 'unavailable' })
    await verifier.close()
  })
})
