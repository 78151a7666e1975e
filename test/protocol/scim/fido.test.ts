/** Devices that people authenticate with: seen, named, marked and removed over SCIM, but not made there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Body, databases, refusal, type Service, serveDemo } from './serving.js'

describe.each(databases)('devices in %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  const devices = async (path: string, filter: string) => {
    const { status, body, text } = await scim.get(path, { filter })
    expect(status, text).toBe(200)
    expect(body.totalResults).toBeGreaterThan(0)
    return body.Resources ?? []
  }
  const first = async (path: string, filter = 'id pr') => {
    const [device] = await devices(path, filter)
    if (device === undefined) throw new Error('there is a device')
    return device
  }
  const put = (path: string, device: Body) => scim.put(`${path}/${device.id}`, device)

  it.each([
    ['/FidoDevices', 'application pr'],
    ['/Fido2Devices', 'id pr'],
  ])('%s are found, and read one by one, whoever asks for whose', async (path, filter) => {
    const device = await first(path, filter)
    const { status, body } = await scim.get(`${path}/${device.id}`, { userId: String(device.userId) })
    expect(status).toBe(200)
    expect(body).toEqual(device)
    expect(body.meta?.location).toBe(`${scim.base}${path}/${device.id}`)
    for (const known of ['userId', 'creationDate', 'counter', 'status']) expect(body).toHaveProperty(known)
    const own = await devices(
      path,
      `userId eq "${String(device.userId)}" and counter eq ${String(device.counter)}`,
    )
    expect(own.map(({ id }) => id)).toContain(device.id)
  })

  it.each(['/FidoDevices', '/Fido2Devices'])('%s are not made here', async (path) => {
    const { id: _, ...device } = await first(path)
    const answer = await scim.post(path, device)
    expect([403, 405, 501]).toContain(answer.status)
    expect(answer).toMatchObject(refusal(answer.status))
  })

  it.each(['/FidoDevices', '/Fido2Devices'])(
    '%s are given names, and taken back as they were',
    async (path) => {
      const device = await first(path)
      const named = await put(path, { ...device, displayName: 'The quick brown fox' })
      expect(named.status, named.text).toBe(200)
      expect(named.body).toEqual({ ...device, meta: named.body.meta, displayName: 'The quick brown fox' })
      const back = await put(path, device)
      expect(back.status, back.text).toBe(200)
      expect({ ...back.body, meta: undefined }).toEqual({ ...device, meta: undefined })
      const marked = await scim.patch(`${path}/${device.id}`, [
        { op: 'replace', path: 'status', value: 'compromised' },
      ])
      expect(marked.status, marked.text).toBe(200)
      expect(marked.body.status).toBe('compromised')
    },
  )

  it.each(['/FidoDevices', '/Fido2Devices'])('%s keep what was set when they were enrolled', async (path) => {
    const device = await first(path)
    const counter = -2_147_483_648
    expect(await put(path, { ...device, counter })).toMatchObject(refusal(400, 'mutability'))
    for (const change of [
      { counter },
      { userId: 'somebody else' },
      { creationDate: '2001-01-01T00:00:00Z' },
    ]) {
      const [[name, value] = ['', undefined]] = Object.entries(change)
      const operation = { op: 'replace', path: name, value }
      expect(await scim.patch(`${path}/${device.id}`, [operation])).toMatchObject(refusal(400, 'mutability'))
    }
    expect((await scim.get(`${path}/${device.id}`)).body).toEqual(device)
  })

  it('take once what they did not have', async () => {
    const device = await first('/FidoDevices', 'not (deviceData pr)')
    const set = await put('/FidoDevices', { ...device, deviceData: '{"os":"none"}' })
    expect(set.status, set.text).toBe(200)
    expect(set.body.deviceData).toBe('{"os":"none"}')
    expect(await put('/FidoDevices', { ...device, deviceData: '{"os":"other"}' })).toMatchObject(
      refusal(400, 'mutability'),
    )
  })

  it.each(['/FidoDevices', '/Fido2Devices'])('%s are removed', async (path) => {
    const { id } = await first(path)
    expect((await scim.remove(`${path}/${id}`)).status).toBe(204)
    expect(await scim.get(`${path}/${id}`)).toMatchObject(refusal(404))
  })
})
