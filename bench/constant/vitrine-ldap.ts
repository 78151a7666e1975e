/** A server on `vitrine/ldap` alone that has one answer: what the wire layer costs. */
import { createLdapServer } from 'vitrine/ldap'
import { person } from './person.js'

const server = createLdapServer({
  search({ filter }, _op, writer) {
    const { dn, attributes } = person('value' in filter ? String(filter.value) : '')
    const listed = Object.entries(attributes).map(([type, value]) => ({ type, values: [value] }))
    const room = writer.entry(dn, listed)
    return room === undefined ? { code: 0 } : room.then(() => ({ code: 0 }))
  },
})

const { port } = await server.listen(0)
process.stdout.write(`listening on ldap://127.0.0.1:${port}\n`)
process.once('SIGTERM', () => void server.close())
