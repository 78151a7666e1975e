/** New passwords: every format that a mapping can name is stored so that the verifier knows it again. */
import { expect, test } from 'vitest'
import { PasswordHasher } from '../../../../src/directory/password/hasher.js'
import { createPasswordVerifier } from '../../../../src/directory/password/verifier.js'

const formats = [
  'argon2id',
  'bcrypt',
  'scrypt',
  'pbkdf2-sha256',
  'ssha',
  'ssha256',
  'ssha512',
  'sha512-crypt',
]
const hasher = new PasswordHasher()
const verifier = createPasswordVerifier()

test.each(formats)('%s is verified, salted, and never the password itself', async (format) => {
  const password = Buffer.from('pässwörd 🗝')
  const [one, other] = [await hasher.hash(format, password), await hasher.hash(format, password)]
  expect(one).not.toBe(other)
  expect(one).not.toContain('pässwörd')
  expect(await verifier.verify(one, password)).toBe(true)
  expect(await verifier.verify(one, Buffer.from('pässwörd'))).toBe(false)
  expect(one.length).toBeLessThan(255)
})

test('an empty password, one that is too long, and one that bcrypt would cut are refused', async () => {
  await expect(hasher.hash('argon2id', Buffer.from(''))).rejects.toMatchObject({
    code: 'constraintViolation',
  })
  await expect(hasher.hash('ssha', Buffer.alloc(5000, 97))).rejects.toMatchObject({
    code: 'constraintViolation',
  })
  await expect(hasher.hash('bcrypt', Buffer.alloc(73, 97))).rejects.toMatchObject({
    code: 'constraintViolation',
  })
})
